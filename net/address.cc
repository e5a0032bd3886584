// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "net/address_parts.h"

namespace cassia::net {
namespace {

constexpr std::uint16_t default_port = 5900;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return port;
}

std::optional<HostPort> split_host_port(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    HostPort out{text.substr(1, end - 1), {}, false};
    const std::string_view rest = text.substr(end + 1);
    if (rest.empty()) return out;
    if (rest.front() != ':') return std::nullopt;
    return HostPort{out.host, rest.substr(1), true};
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return HostPort{text, {}, false};
  if (text.find(':', colon + 1) != std::string_view::npos) return std::nullopt;
  return HostPort{text.substr(0, colon), text.substr(colon + 1), true};
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

namespace {

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<std::uint16_t> real_port(std::string_view text) {
  const auto port = parse_port(text);
  if (port && *port != 0) return *port;
  return fail(ErrorKind::invalid_argument, "'{}' is not a port number", text);
}

struct Query {
  std::optional<std::uint16_t> port, tls_port;
  std::string password;
};

/// "port=5900&tls-port=5901"; spice-gtk separates with ';' too, and skips keys without a value.
Result<Query> parse_query(std::string_view text) {
  Query out;
  while (!text.empty()) {
    const auto end = text.find_first_of("&;");
    const std::string_view item = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const auto equals = item.find('=');
    const std::string_view key = item.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
    if (key == "port") {
      out.port = CASSIA_TRY(real_port(value));
    } else if (key == "tls-port") {
      out.tls_port = CASSIA_TRY(real_port(value));
    } else if (key == "password") {
      out.password = percent_decoded(value);
    } else {
      return fail(ErrorKind::invalid_argument, "unknown part '{}' of a SPICE address", key);
    }
  }
  return out;
}

Result<Address> unix_address(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return fail(ErrorKind::invalid_argument, "'{}' is not an absolute path of a unix socket", path);
  }
  return Address{Transport::unix_socket, {}, 0, std::string(path)};
}

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

namespace {

struct Scheme {
  std::string_view prefix;
  bool tls;
  bool websocket;
  std::uint16_t port;
};
constexpr Scheme schemes[] = {
    {"spice://", false, false, default_port},
    {"spice+tls://", true, false, default_port},
    {"spice+ws://", false, true, 80},
    {"spice+wss://", true, true, 443},
    {"ws://", false, true, 80},
    {"wss://", true, true, 443},
};

/// host[:port], without what stands before and behind; the ports of `query` go first.
Result<SpiceUri> tcp_uri(const Scheme& scheme, std::string_view authority, std::string path,
                         const Query& query) {
  const auto parts = split_host_port(authority);
  if (!parts || parts->host.empty()) {
    return fail(ErrorKind::invalid_argument, "no host in the SPICE address");
  }
  Address address;
  address.host = percent_decoded(parts->host);
  address.websocket = scheme.websocket;
  address.path = std::move(path);
  if (has_control(address.host) || has_control(address.path)) {
    return fail(ErrorKind::invalid_argument, "control characters in the SPICE address");
  }
  std::optional<std::uint16_t> port = query.port;
  if (parts->has_port && !parts->port.empty()) port = CASSIA_TRY(real_port(parts->port));
  if (scheme.tls && query.tls_port) port = query.tls_port;
  if (!port && !query.tls_port) port = scheme.port;
  SpiceUri out;
  out.password = query.password;
  if (port) {
    Address& made = (scheme.tls ? out.tls : out.plain).emplace(address);
    made.transport = scheme.tls ? Transport::tls : Transport::tcp;
    made.port = *port;
  }
  if (query.tls_port && !scheme.tls) {
    Address& made = out.tls.emplace(address);
    made.transport = Transport::tls;
    made.port = *query.tls_port;
  }
  return out;
}

}  // namespace

Result<SpiceUri> parse_spice_uris(std::string_view uri) {
  std::string_view rest = uri;
  if (consume(rest, "spice+unix://")) {
    SpiceUri out;
    out.plain = CASSIA_TRY(unix_address(percent_decoded(rest)));
    return out;
  }
  const Scheme* scheme = nullptr;
  for (const Scheme& known : schemes) {
    if (scheme == nullptr && consume(rest, known.prefix)) scheme = &known;
  }
  if (scheme == nullptr) {
    return fail(ErrorKind::invalid_argument,
                "'{}' is not a SPICE address (spice://host:port, spice+tls://host:port, "
                "spice+ws://host:port or spice+unix:///path)",
                uri);
  }
  const auto question = rest.find_first_of(scheme->websocket ? "?" : "?;");
  std::string_view query_text =
      question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
  std::string path;
  std::string_view authority = rest.substr(0, question);
  if (scheme->websocket) {
    // The whole of it is the server's to understand: a proxy of a web console keeps tokens in it.
    const auto slash = rest.find_first_of("/?");
    authority = rest.substr(0, slash);
    path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
    if (path.front() == '?') path = "/" + path;
    query_text = {};
  } else if (const auto slash = authority.find('/'); slash != std::string_view::npos) {
    if (slash + 1 != authority.size()) {
      return fail(ErrorKind::invalid_argument, "a path in the SPICE address '{}'", uri);
    }
    authority.remove_suffix(1);
  }
  std::string user;
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    user = percent_decoded(authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  const Query query = CASSIA_TRY(parse_query(query_text));
  auto out = tcp_uri(*scheme, authority, std::move(path), query);
  if (!out) return fail(out.error().in(uri));
  out->user = std::move(user);
  return out;
}

Result<Address> parse_spice_uri(std::string_view uri) {
  SpiceUri parsed = CASSIA_TRY(parse_spice_uris(uri));
  return std::move(parsed.tls ? *parsed.tls : *parsed.plain);
}

Result<Address> parse_socket_address(std::string_view text) {
  std::string_view rest = text;
  if (consume(rest, "unix:") || rest.starts_with('/')) return unix_address(rest);
  const auto parts = split_host_port(text);
  if (!parts || !parts->has_port) {
    return fail(ErrorKind::invalid_argument,
                "'{}' is not an address (host:port, [ipv6]:port or unix:/path)", text);
  }
  const auto port = parse_port(parts->port);
  if (!port) return fail(ErrorKind::invalid_argument, "'{}' is not a port number", parts->port);
  return Address{Transport::tcp, std::string(parts->host), *port, {}};
}

std::string to_string(const Address& address) {
  if (address.transport == Transport::unix_socket) return "unix:" + address.path;
  if (address.host.find(':') != std::string::npos) {
    return fmt::format("[{}]:{}", address.host, address.port);
  }
  return fmt::format("{}:{}", address.host, address.port);
}

}  // namespace cassia::net
