// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/options.h"

#include <toml++/toml.h>

#include <algorithm>

#include "base/file.h"

namespace cassia::server {

const std::vector<OptionDescription>& option_descriptions() {
  static const std::vector<OptionDescription> all = {
      {"upstream", "URI", false,
       "the guest's SPICE server: spice://host:port, spice+tls://, spice+unix:///path; or QEMU's "
       "display over D-Bus: dbus+unix:///path of its QMP socket, dbus:NAME[@BUS]"},
      {"demo", "", false, "serve the built-in demo guest instead of an upstream"},
      {"listen", "ADDRESS", true, "where viewers connect: host:port or unix:/path (repeatable)"},
      {"tls-listen", "ADDRESS", true, "the same with TLS (repeatable)"},
      {"tls-cert", "FILE", false, "certificate chain of --tls-listen, PEM"},
      {"tls-key", "FILE", false, "its private key, PEM"},
      {"password-file", "FILE", false, "viewers must know the first line of FILE"},
      {"no-auth", "", false, "let everybody in who can connect"},
      {"sasl-db", "FILE", false, "viewers log in as a user of FILE (saslpasswd2 -f FILE)"},
      {"sasl-realm", "NAME", false, "realm of the users in --sasl-db (the host's name)"},
      {"sasl-mechanisms", "LIST", false, "SASL mechanisms to offer (all that are safe)"},
      {"sasl-user", "NAME", true, "only this user of --sasl-db is let in (repeatable)"},
      {"secure-channels", "LIST", false, "channels that need TLS: main,inputs,... or all"},
      {"plain-channels", "LIST", false, "channels that must not use TLS"},
      {"web-origin", "ORIGIN", true, "only web pages of ORIGIN may connect (repeatable)"},
      {"upstream-user", "NAME", false, "user name for an upstream that wants one (SASL)"},
      {"upstream-password-file", "FILE", false, "password for the upstream server"},
      {"upstream-ca-file", "FILE", false, "certificates to trust for a TLS upstream"},
      {"upstream-host-subject", "SUBJECT", false,
       "subject that a TLS upstream's certificate must have"},
      {"qmp", "PATH", false, "unix socket of QEMU's monitor (QMP), for the storage console"},
      {"storage-root", "DIR", false,
       "folder in which the storage console may use images (demo: temporary)"},
      {"relay-ports", "NAME", true,
       "a port of the upstream that viewers may open, besides the shared folder's (repeatable)"},
      {"log-level", "LEVEL", false, "debug, info, warn, error or off"},
      {"print-ready", "", false, "print READY ADDRESS for every listener once the guest is shown"},
      {"ready-fd", "N", false, "write those lines to file descriptor N and close it"},
      {"debug-picture", "FILE", false, "on SIGUSR1 write the guest's picture to FILE as PPM"},
      {"demo-files", "DIR", false,
       "folder in which the demo guest puts files that viewers send (else: memory)"},
      {"gl-scanout", "", false,
       "hand the picture to cassia-viewers on unix sockets in shared memory (GL scanout)"},
      {"playback-compression", "on|off", false,
       "code the guest's sound as Opus for viewers that can (on)"},
      {"demo-audio", "WHAT", false,
       "what the demo guest plays all the time: melody, or a WAV file"},
      {"demo-record", "FILE", false,
       "the demo guest listens to the microphone and leaves what it heard in FILE (WAV)"},
      {"demo-page", "NAME", false,
       "the demo guest shows a page of draw commands, draws-1 and so on, instead of its desktop"},
      {"demo-clock", "TEXT", false, "what the demo guest's clock shows, instead of the time"},
  };
  return all;
}

namespace {

const OptionDescription* find_description(std::string_view name) {
  const auto& all = option_descriptions();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const OptionDescription& option) { return option.name == name; });
  return found == all.end() ? nullptr : &*found;
}

/// One value of the file as text; empty result: of a type that no option has.
std::string text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  return {};
}

Result<void> add_key(std::string_view path, std::string_view key, const toml::node& node,
                     Options& out) {
  const OptionDescription* option = find_description(key);
  if (!option) return fail(ErrorKind::invalid_argument, "{}: unknown key '{}'", path, key);
  if (option->value[0] == '\0') {
    const auto on = node.value_exact<bool>();
    if (!on) return fail(ErrorKind::invalid_argument, "{}: '{}' is not true or false", path, key);
    if (*on) out[option->name] = {"true"};
    return {};
  }
  std::vector<std::string> values;
  if (const toml::array* list = node.as_array(); list && option->repeatable) {
    for (const toml::node& element : *list) values.push_back(text_of(element));
  } else {
    values.push_back(text_of(node));
  }
  if (std::find(values.begin(), values.end(), "") != values.end()) {
    return fail(ErrorKind::invalid_argument, "{}: '{}' has no text as its value", path, key);
  }
  out[option->name] = std::move(values);
  return {};
}

}  // namespace

Result<Options> read_options_file(const std::string& path) {
  constexpr std::size_t largest = 1u << 20;
  const Bytes bytes = CASSIA_TRY(read_file(path, largest));
  toml::table table;
  try {
    table = toml::parse(as_text(bytes), path);
  } catch (const toml::parse_error& error) {
    return fail(ErrorKind::invalid_argument, "{}:{}: {}", path, error.source().begin.line,
                error.description());
  }
  Options out;
  for (const auto& [key, node] : table) CASSIA_TRY(add_key(path, key.str(), node, out));
  return out;
}

}  // namespace cassia::server
