// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/config.h"

#include <charconv>
#include <filesystem>

#include "base/file.h"
#include "channels/audio/wav.h"
#include "protocol/spice/link.h"
#include "server/guest/draw_page.h"
#include "server/guest/upstream_device.h"

namespace cassia::server {
namespace {

class Reader {
 public:
  explicit Reader(const Options& options) : options_(options) {}
  bool on(std::string_view name) const { return options_.find(name) != options_.end(); }
  std::string text(std::string_view name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? std::string() : found->second.back();
  }
  std::vector<std::string> list(std::string_view name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? std::vector<std::string>() : found->second;
  }

 private:
  const Options& options_;
};

/// The first line of a file.
Result<std::string> read_password(const std::string& path) {
  const Bytes bytes = CASSIA_TRY(read_file(path, 4096));
  std::string_view line = as_text(bytes);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty())
    return fail(ErrorKind::invalid_argument, "{}: no password in its first line", path);
  if (line.size() > spice::max_password) {
    return fail(ErrorKind::invalid_argument, "{}: a SPICE password has at most {} bytes", path,
                spice::max_password);
  }
  return std::string(line);
}

Result<void> read_sound(const Reader& from, GatewayConfig& config) {
  const std::string compression = from.text("playback-compression");
  if (!compression.empty() && compression != "on" && compression != "off") {
    return fail(ErrorKind::invalid_argument, "--playback-compression {}: not on or off",
                compression);
  }
  config.playback_compression = compression != "off";
  config.demo_audio.record_file = from.text("demo-record");
  const std::string audio = from.text("demo-audio");
  if (!config.demo && (!audio.empty() || from.on("demo-record"))) {
    return fail(ErrorKind::invalid_argument, "--demo-audio and --demo-record need --demo");
  }
  if (audio == "melody") {
    config.demo_audio.loop = demo_melody();
  } else if (!audio.empty()) {
    const Bytes file = CASSIA_TRY(read_file(audio));
    const auto wav = channels::parse_wav(file);
    if (!wav) return fail(wav.error().in(audio));
    config.demo_audio.loop = channels::converted(*wav, {2, 48000});
    if (config.demo_audio.loop.empty()) {
      return fail(ErrorKind::invalid_argument, "{}: no samples", audio);
    }
  }
  return {};
}

/// What only a SPICE server can be asked for.
Result<void> check_dbus(const Reader& from) {
  for (const char* option : {"upstream-user", "upstream-password-file", "upstream-ca-file",
                             "upstream-host-subject", "relay-ports"}) {
    if (!from.on(option)) continue;
    return fail(ErrorKind::invalid_argument, "--{} needs a SPICE server as --upstream", option);
  }
  return {};
}

Result<void> read_guest(const Reader& from, GatewayConfig& config) {
  config.demo = from.on("demo");
  config.demo_clock = from.text("demo-clock");
  config.demo_files = from.text("demo-files");
  if (!config.demo_files.empty() && !std::filesystem::is_directory(config.demo_files)) {
    return fail(ErrorKind::not_found, "--demo-files {}: there is no such folder",
                config.demo_files);
  }
  config.demo_page = from.text("demo-page");
  if (!config.demo_page.empty()) {
    if (!config.demo) return fail(ErrorKind::invalid_argument, "--demo-page needs --demo");
    CASSIA_TRY(make_draw_page(config.demo_page));
  }
  CASSIA_TRY(read_sound(from, config));
  if (config.demo == from.on("upstream")) {
    return fail(ErrorKind::invalid_argument, "give either --upstream URI or --demo");
  }
  if (config.demo) return {};
  if (is_dbus_uri(from.text("upstream"))) {
    config.dbus = CASSIA_TRY(parse_dbus_uri(from.text("upstream")));
    return check_dbus(from);
  }
  config.upstream = CASSIA_TRY(net::parse_spice_uri(from.text("upstream")));
  config.upstream_user = from.text("upstream-user");
  if (from.on("upstream-password-file")) {
    config.upstream_password = CASSIA_TRY(read_password(from.text("upstream-password-file")));
  }
  config.upstream_tls.ca_file = from.text("upstream-ca-file");
  config.upstream_tls.host_subject = from.text("upstream-host-subject");
  return {};
}

Result<void> read_devices(const Reader& from, GatewayConfig& config) {
  config.relay_ports = from.list("relay-ports");
  if (config.demo && !config.relay_ports.empty()) {
    return fail(ErrorKind::invalid_argument,
                "the demo guest's ports are always served: --relay-ports needs --upstream");
  }
  for (const std::string& name : config.relay_ports) {
    if (may_relay_port(name, config.relay_ports)) continue;
    return fail(
        ErrorKind::invalid_argument,
        "--relay-ports {}: the monitors of QEMU and the gateway's own ports are never relayed",
        name);
  }
  return {};
}

Result<void> read_listeners(const Reader& from, GatewayConfig& config) {
  for (const auto& text : from.list("listen")) {
    config.listen.push_back(CASSIA_TRY(net::parse_socket_address(text)));
  }
  for (const auto& text : from.list("tls-listen")) {
    auto address = CASSIA_TRY(net::parse_socket_address(text));
    if (address.transport == net::Transport::unix_socket) {
      return fail(ErrorKind::invalid_argument, "--tls-listen {}: unix sockets need no TLS", text);
    }
    address.transport = net::Transport::tls;
    config.listen.push_back(std::move(address));
  }
  config.gl_scanout = from.on("gl-scanout");
  if (config.listen.empty()) {
    return fail(ErrorKind::invalid_argument, "give --listen ADDRESS or --tls-listen ADDRESS");
  }
  if (from.on("tls-cert") != from.on("tls-key")) {
    return fail(ErrorKind::invalid_argument, "--tls-cert and --tls-key belong together");
  }
  if (from.on("tls-cert")) config.tls = {from.text("tls-cert"), from.text("tls-key")};
  if (from.on("tls-listen") && !config.tls) {
    return fail(ErrorKind::invalid_argument, "--tls-listen needs --tls-cert and --tls-key");
  }
  return {};
}

Result<void> read_auth(const Reader& from, GatewayConfig& config) {
  const bool open = from.on("no-auth");
  if (open && from.on("password-file")) {
    return fail(ErrorKind::invalid_argument, "--password-file and --no-auth exclude each other");
  }
  if (open && from.on("sasl-db")) {
    return fail(ErrorKind::invalid_argument, "--sasl-db and --no-auth exclude each other");
  }
  if (from.on("password-file")) {
    config.password = CASSIA_TRY(read_password(from.text("password-file")));
    return {};
  }
  if (open || from.on("sasl-db")) return {};
  for (const auto& address : config.listen) {
    if (address.transport == net::Transport::unix_socket) continue;
    return fail(ErrorKind::invalid_argument,
                "refusing to listen on {} without a password: give --password-file FILE or "
                "--sasl-db FILE, or --no-auth "
                "to let everybody in",
                net::to_string(address));
  }
  return {};
}

Result<void> read_storage(const Reader& from, GatewayConfig& config) {
  config.qmp = from.text("qmp");
  if (config.demo && !config.qmp.empty()) {
    return fail(ErrorKind::invalid_argument, "the demo guest has no QEMU: --qmp needs --upstream");
  }
  if (!config.qmp.empty()) {
    std::error_code ec;
    config.qmp = std::filesystem::absolute(config.qmp, ec).string();
  }
  config.storage_root = from.text("storage-root");
  if (config.storage_root.empty()) return {};
  std::error_code ec;
  if (!std::filesystem::is_directory(config.storage_root, ec)) {
    return fail(ErrorKind::invalid_argument, "--storage-root {}: not a folder",
                config.storage_root);
  }
  return {};
}

Result<void> read_process(const Reader& from, GatewayConfig& config) {
  if (from.on("log-level")) config.log_level = from.text("log-level");
  config.print_ready = from.on("print-ready");
  config.debug_picture = from.text("debug-picture");
  if (!from.on("ready-fd")) return {};
  const std::string text = from.text("ready-fd");
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), config.ready_fd);
  if (ec != std::errc() || end != text.data() + text.size() || config.ready_fd < 0) {
    return fail(ErrorKind::invalid_argument, "--ready-fd {}: not a file descriptor", text);
  }
  return {};
}

}  // namespace

Result<GatewayConfig> make_config(const Options& options) {
  const Reader from(options);
  GatewayConfig config;
  CASSIA_TRY(read_guest(from, config));
  CASSIA_TRY(read_devices(from, config));
  CASSIA_TRY(read_listeners(from, config));
  CASSIA_TRY(read_auth(from, config));
  config.access =
      CASSIA_TRY(read_access(options, from.on("tls-listen"), config.password.has_value()));
  CASSIA_TRY(read_storage(from, config));
  CASSIA_TRY(read_process(from, config));
  return config;
}

}  // namespace cassia::server
