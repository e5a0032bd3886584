// SPDX-License-Identifier: Apache-2.0
#include "client/session/connection_file.h"

#include <charconv>
#include <map>

#include "base/file.h"
#include "base/log.h"
#include "client/session/guest_look.h"

namespace cassia::client {
namespace {

using Keys = std::map<std::string, std::string, std::less<>>;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// GKeyFile's escapes; certificates come with \n in one line.
std::string unescaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      out += value[i];
      continue;
    }
    switch (value[++i]) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 's':
        out += ' ';
        break;
      default:
        out += value[i];
    }
  }
  return out;
}

Result<Keys> keys_of_group(std::string_view text, std::string_view wanted) {
  Keys keys;
  bool inside = false;
  bool seen = false;
  int number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[') {
      inside = line.size() > 2 && line.back() == ']' && line.substr(1, line.size() - 2) == wanted;
      seen = seen || inside;
      continue;
    }
    if (!inside) continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) {
      return fail(ErrorKind::invalid_argument, "line {} is not key=value", number);
    }
    keys[std::string(trimmed(line.substr(0, equals)))] =
        unescaped(trimmed(line.substr(equals + 1)));
  }
  if (!seen) return fail(ErrorKind::invalid_argument, "no group [{}]", wanted);
  return keys;
}

std::string value_of(const Keys& keys, std::string_view key) {
  const auto found = keys.find(key);
  return found == keys.end() ? std::string() : found->second;
}

Result<std::uint16_t> port_of(const Keys& keys, std::string_view key) {
  const std::string text = value_of(keys, key);
  if (text.empty() || text == "-1") return std::uint16_t{0};
  std::uint16_t port = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || at != text.data() + text.size() || port == 0) {
    return fail(ErrorKind::invalid_argument, "{}: \"{}\" is not a port", key, text);
  }
  return port;
}

Result<void> read_addresses(const Keys& keys, ConnectionFile& file) {
  if (const std::string path = value_of(keys, "unix-path"); !path.empty()) {
    file.address.transport = net::Transport::unix_socket;
    file.address.path = path;
    return {};
  }
  file.address.host = value_of(keys, "host");
  if (file.address.host.empty()) return fail(ErrorKind::invalid_argument, "there is no host");
  const std::uint16_t plain = CASSIA_TRY(port_of(keys, "port"));
  const std::uint16_t tls = CASSIA_TRY(port_of(keys, "tls-port"));
  if (plain == 0 && tls == 0) {
    return fail(ErrorKind::invalid_argument, "there is neither port nor tls-port");
  }
  net::Address secure = file.address;
  secure.transport = net::Transport::tls;
  secure.port = tls;
  if (plain == 0) {
    file.address = secure;
    return {};
  }
  file.address.port = plain;
  if (tls != 0) file.tls_address = secure;
  return {};
}

/// "main;display": GKeyFile's lists.
std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find_first_of(";,");
    std::string name(trimmed(text.substr(0, end)));
    if (!name.empty()) out.push_back(std::move(name));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return out;
}

/// Wishes, not conditions: a tool that writes what we do not know gets its guest all the same.
spice::AgentDisplayConfig guest_look_of(const Keys& keys) {
  spice::AgentDisplayConfig look;
  const auto warn_unless = [](const Result<void>& done, const char* key) {
    if (!done) log_warn("viewer", "{} is ignored: {}", key, done.error().message());
  };
  warn_unless(disable_effects(list_of(value_of(keys, "disable-effects")), look), "disable-effects");
  const std::string depth = value_of(keys, "color-depth");
  if (!depth.empty()) warn_unless(set_color_depth(depth, look), "color-depth");
  return look;
}

}  // namespace

Result<ConnectionFile> parse_connection_file(std::string_view text) {
  const Keys keys = CASSIA_TRY(keys_of_group(text, "virt-viewer"));
  if (const std::string type = value_of(keys, "type"); type != "spice") {
    return fail(ErrorKind::unsupported, "type={}: only spice can be shown", type);
  }
  ConnectionFile file;
  CASSIA_TRY(read_addresses(keys, file));
  file.secure_channels = list_of(value_of(keys, "secure-channels"));
  if (const std::string proxy = value_of(keys, "proxy"); !proxy.empty()) {
    file.proxy = CASSIA_TRY(net::parse_proxy(proxy));
  }
  file.user = value_of(keys, "username");
  file.password = value_of(keys, "password");
  file.ca_pem = value_of(keys, "ca");
  file.host_subject = value_of(keys, "host-subject");
  file.title = value_of(keys, "title");
  file.guest_look = guest_look_of(keys);
  file.fullscreen = value_of(keys, "fullscreen") == "1";
  file.delete_this_file = value_of(keys, "delete-this-file") == "1";
  return file;
}

Result<ConnectionFile> load_connection_file(const std::filesystem::path& path) {
  const Bytes bytes = CASSIA_TRY(read_file(path, 1u << 20));
  auto file = parse_connection_file(as_text(bytes));
  if (!file) return fail(file.error().in(path.string()));
  if (file->delete_this_file) {
    std::error_code error;
    if (!std::filesystem::remove(path, error) && error) {
      log_warn("viewer", "{}: {}", path.string(), error.message());
    }
  }
  return file;
}

}  // namespace cassia::client
