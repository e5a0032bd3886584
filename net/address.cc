// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <charconv>
#include <optional>

namespace cassia::net {
namespace {

constexpr std::uint16_t default_port = 5900;

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return port;
}

struct HostPort {
  std::string_view host;
  std::string_view port;  ///< empty if none was given
  bool has_port = false;
};

/// "host:port", "[::1]:port", "host", ":port".
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

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
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

/// Applies "port=5900&tls-port=5901" to `address`. A TLS port wins over a plain one.
Result<void> apply_query(std::string_view query, Address& address, bool& has_port) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const auto equals = item.find('=');
    const std::string_view key = item.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
    if (key != "port" && key != "tls-port") {
      return fail(ErrorKind::invalid_argument, "unknown part '{}' of a SPICE address", key);
    }
    const auto port = parse_port(value);
    if (!port || *port == 0) {
      return fail(ErrorKind::invalid_argument, "'{}' is not a port number", value);
    }
    if (key == "tls-port") {
      address.transport = Transport::tls;
      address.port = *port;
    } else if (address.transport != Transport::tls) {
      address.port = *port;
    }
    has_port = true;
  }
  return {};
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

Result<Address> parse_spice_uri(std::string_view uri) {
  std::string_view rest = uri;
  if (consume(rest, "spice+unix://")) return unix_address(percent_decoded(rest));
  Address address;
  if (consume(rest, "spice+tls://")) {
    address.transport = Transport::tls;
  } else if (!consume(rest, "spice://")) {
    return fail(ErrorKind::invalid_argument,
                "'{}' is not a SPICE address (spice://host:port, spice+tls://host:port or "
                "spice+unix:///path)",
                uri);
  }
  const auto question = rest.find('?');
  const std::string_view query =
      question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
  rest = rest.substr(0, question);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto parts = split_host_port(rest);
  if (!parts || parts->host.empty()) {
    return fail(ErrorKind::invalid_argument, "no host in the SPICE address '{}'", uri);
  }
  address.host = percent_decoded(parts->host);
  bool has_port = false;
  if (parts->has_port && !parts->port.empty()) {
    const auto port = parse_port(parts->port);
    if (!port || *port == 0) {
      return fail(ErrorKind::invalid_argument, "'{}' is not a port number", parts->port);
    }
    address.port = *port;
    has_port = true;
  }
  CASSIA_TRY(apply_query(query, address, has_port));
  if (!has_port) address.port = default_port;
  return address;
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
