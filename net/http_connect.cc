// SPDX-License-Identifier: Apache-2.0
#include "net/http_connect.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "net/address_parts.h"

namespace cassia::net {
namespace {

std::string base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// The three digits of "HTTP/1.1 200 words".
std::optional<int> status_of(std::string_view line) {
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return std::nullopt;
  if (line[7] < '0' || line[7] > '9') return std::nullopt;
  int status = 0;
  const auto [end, ec] = std::from_chars(line.data() + 9, line.data() + 12, status);
  if (ec != std::errc() || end != line.data() + 12 || status < 100) return std::nullopt;
  if (line.size() > 12 && line[12] != ' ') return std::nullopt;
  return status;
}

ErrorKind kind_of(int status) {
  switch (status) {
    case 401:
    case 407:
      return ErrorKind::auth;
    case 403:
    case 405:
      return ErrorKind::permission;
    case 404:
    case 500:
    case 502:
    case 503:
    case 504:
      return ErrorKind::not_found;
    default:
      return ErrorKind::unsupported;
  }
}

}  // namespace

Result<Proxy> parse_proxy(std::string_view text) {
  Proxy proxy;
  std::string_view rest = text;
  if (const auto colon = rest.find("://"); colon != std::string_view::npos) {
    const std::string_view scheme = rest.substr(0, colon);
    if (scheme != "http" && scheme != "https") {
      return fail(ErrorKind::invalid_argument, "proxy '{}': only http:// and https:// are known",
                  scheme);
    }
    proxy.tls = scheme == "https";
    if (proxy.tls) proxy.port = 3129;
    rest.remove_prefix(colon + 3);
  }
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view credentials = rest.substr(0, at);
    const auto colon = credentials.find(':');
    proxy.user = percent_decoded(credentials.substr(0, colon));
    if (colon != std::string_view::npos) {
      proxy.password = percent_decoded(credentials.substr(colon + 1));
    }
    rest.remove_prefix(at + 1);
  }
  const auto parts = split_host_port(rest);
  if (!parts || parts->host.empty() || parts->host.find('/') != std::string_view::npos) {
    return fail(ErrorKind::invalid_argument, "the proxy's address has no host");
  }
  proxy.host = parts->host;
  if (parts->has_port) {
    const auto port = parse_port(parts->port);
    if (!port || *port == 0) {
      return fail(ErrorKind::invalid_argument, "proxy: '{}' is not a port number", parts->port);
    }
    proxy.port = *port;
  }
  if (has_control(proxy.host) || has_control(proxy.user) || has_control(proxy.password)) {
    return fail(ErrorKind::invalid_argument, "control characters in the proxy's address");
  }
  if (proxy.user.find(':') != std::string::npos) {
    return fail(ErrorKind::invalid_argument, "a proxy's user name cannot have a colon");
  }
  return proxy;
}

std::string to_string(const Proxy& proxy) {
  const bool brackets = proxy.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", proxy.tls ? "https" : "http", brackets ? "[" : "",
                     proxy.host, brackets ? "]" : "", proxy.port);
}

HttpConnect::HttpConnect(const Proxy& proxy, std::string authority)
    : name_(to_string(proxy)),
      has_credentials_(!proxy.user.empty()),
      authority_(std::move(authority)) {
  request_ = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nProxy-Connection: keep-alive\r\n",
                         authority_);
  if (has_credentials_) {
    request_ +=
        fmt::format("Proxy-Authorization: Basic {}\r\n", base64(proxy.user + ":" + proxy.password));
  }
  request_ += "\r\n";
}

Result<bool> HttpConnect::receive(ByteView bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  const std::size_t before = head_.size();
  const std::size_t take = std::min(bytes.size(), max_head - before);
  head_.insert(head_.end(), bytes.begin(), bytes.begin() + static_cast<long>(take));
  // What cannot become an answer is not waited for.
  constexpr std::string_view start = "HTTP/1.";
  const std::string_view seen = as_text(head_);
  if (seen.substr(0, start.size()) != start.substr(0, std::min(seen.size(), start.size()))) {
    return fail(ErrorKind::malformed, "{}: is no HTTP proxy", name_);
  }
  const std::size_t from = before < end.size() ? 0 : before - end.size() + 1;
  const auto at = seen.find(end, from);
  if (at == std::string_view::npos) {
    if (head_.size() < max_head) return false;
    return fail(ErrorKind::malformed, "{}: the proxy's answer does not end", name_);
  }
  CASSIA_TRY(judge(seen.substr(0, at)));
  const std::size_t used = at + end.size() - before;
  rest_.assign(bytes.begin() + static_cast<long>(used), bytes.end());
  return true;
}

Result<void> HttpConnect::judge(std::string_view head) const {
  const auto status = status_of(head.substr(0, head.find("\r\n")));
  if (!status) return fail(ErrorKind::malformed, "{}: is no HTTP proxy", name_);
  if (*status >= 200 && *status < 300) return {};
  if (*status == 407 || *status == 401) {  // tinyproxy says 401 to a wrong password
    return fail(ErrorKind::auth, "{}: the proxy {}", name_,
                has_credentials_ ? "refuses the user name or the password"
                                 : "wants a user name and a password (http://user:password@host)");
  }
  return fail(kind_of(*status), "{}: the proxy does not connect to {} (HTTP status {})", name_,
              authority_, *status);
}

}  // namespace cassia::net
