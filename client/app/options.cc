// SPDX-License-Identifier: Apache-2.0
#include "client/app/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/file.h"
#include "base/log.h"
#include "client/app/audio_choice.h"
#include "client/session/connection_file.h"
#include "client/session/guest_look.h"
#include "dial/choice.h"
#include "render/codec/decode_pool.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;

struct Raw {
  std::string uri, user, proxy, secure_channels, password_file, ca_file, host_subject,
      log_level = "warn", type;
  int settle_ms = 0;
  unsigned decode_threads = 0;
  double duration_s = 0, timeout_s = 30;
  int display = 0;
  bool no_hotkeys = false, no_reconnect = false, no_audio = false;
  bool no_clipboard = false, no_file_transfer = false, no_resize = false;
  bool no_gl_scanout = false;
  std::string share_folder, smartcard_certificates, volume, mic_volume, disable_effects,
      color_depth;
};

Duration seconds_of(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

void declare(CLI::App& app, Raw& raw, ViewerOptions& options) {
  static const std::map<std::string, RendererChoice> renderers = {
      {"auto", RendererChoice::automatic},
      {"gl", RendererChoice::gl},
      {"cairo", RendererChoice::cairo}};
  app.add_option("URI", raw.uri,
                 "spice://HOST:PORT, spice+tls://HOST:PORT, spice+ws://HOST:PORT, "
                 "spice+unix:///PATH, or a .vv file")
      ->required();
  app.add_option("--renderer", options.renderer, "auto, gl or cairo")
      ->transform(CLI::CheckedTransformer(renderers))
      ->option_text("NAME");
  app.add_option("--user", raw.user, "User name, where the server wants one (SASL)");
  app.add_option("--proxy", raw.proxy,
                 "HTTP proxy: http://USER:PASSWORD@HOST:PORT (else the variable SPICE_PROXY)");
  app.add_option("--secure-channels", raw.secure_channels,
                 "Channels that must go over TLS: main,inputs,... or all");
  app.add_option("--password-file", raw.password_file, "First line is the password");
  app.add_option("--ca-file", raw.ca_file, "Certificates (PEM) that a TLS server must chain to");
  app.add_option("--host-subject", raw.host_subject, "Subject that a TLS server's certificate has");
  app.add_option("--display", raw.display, "Display channel to show")->check(CLI::Range(0, 255));
  app.add_option("--decode-threads", raw.decode_threads,
                 "Threads that decode images (one for each processor); 0: none of their own")
      ->check(CLI::Range(0u, codec::DecodePool::most_threads));
  app.add_flag("--fullscreen", options.fullscreen, "Start in full screen");
  app.add_flag("--panel", options.panel, "Start with the storage console open");
  app.add_flag("--no-hotkeys", raw.no_hotkeys, "F11 and F12 go to the guest");
  app.add_flag("--no-clipboard", raw.no_clipboard, "Share no clipboard with the guest");
  app.add_flag("--no-file-transfer", raw.no_file_transfer,
               "Send no files that are dropped onto the window");
  app.add_flag("--no-resize-guest", raw.no_resize,
               "Leave the guest's screen as it is when the window is resized");
  app.add_flag("--no-gl-scanout", raw.no_gl_scanout,
               "Have the picture sent also where a server on this machine could share its memory");
  app.add_flag("--no-reconnect", raw.no_reconnect,
               "Do not connect again when the connection is lost");
  app.add_option("--share-folder", raw.share_folder,
                 "Let the guest use a folder of this machine; DIR:ro only to read")
      ->option_text("DIR[:ro]");
  app.add_flag("--smartcard", options.session.devices.smartcard,
               "Lend the guest this machine's smartcard readers");
  app.add_option("--smartcard-certs", raw.smartcard_certificates,
                 "Lend it a smartcard made of three certificates instead")
      ->option_text("A,B,C");
  app.add_option("--smartcard-db", options.session.devices.smartcard_database,
                 "NSS database that holds them");
  app.add_option("--usb-image", options.session.devices.usb_images,
                 "Plug a disk image into the guest as a write-protected USB stick (repeatable)")
      ->option_text("FILE")
      ->allow_extra_args(false);
  app.add_flag("--no-audio", raw.no_audio, "No sound, no microphone");
  app.add_option("--audio-file", options.audio_file,
                 "Write the guest's sound to a WAV file instead of playing it");
  app.add_option("--record-file", options.record_file,
                 "A WAV file is what the guest's microphone hears");
  app.add_option("--volume", raw.volume, "How loud the guest plays, told to its agent: 0 to 100")
      ->option_text("PERCENT|mute");
  app.add_option("--mic-volume", raw.mic_volume, "How loud it hears the microphone, likewise")
      ->option_text("PERCENT|mute");
  app.add_option("--disable-effects", raw.disable_effects,
                 "Ask the guest to do without: wallpaper,font-smooth,animation or all");
  app.add_option("--color-depth", raw.color_depth, "Ask the guest for 16 or 32 bits a pixel");
  app.add_flag("--headless", options.headless, "No window: wait for the picture, do as told, end");
  app.add_option("--screenshot", options.screenshot, "Headless: write the last picture as PNG");
  app.add_flag("--cursor", options.cursor, "Headless: with the guest's pointer in the picture");
  app.add_option("--settle", raw.settle_ms,
                 "Headless: end once nothing was drawn for MS milliseconds")
      ->check(CLI::Range(1, 3600'000));
  app.add_option("--type", raw.type,
                 "Headless: type TEXT (\\n is Enter) once the picture has settled");
  app.add_option("--timeout", raw.timeout_s, "Headless: seconds to wait for the first picture")
      ->check(CLI::Range(0.001, 86400.0));
  app.add_option("--duration", raw.duration_s, "End after so many seconds")
      ->check(CLI::Range(0.001, 1e7));
  app.add_option("--stats", options.stats, "Write statistics as JSON at the end");
  app.add_option("--log-level", raw.log_level, "debug, info, warn, error or off");
}

Result<std::string> first_line(const std::string& path) {
  const Bytes bytes = CASSIA_TRY(read_file(path, 4096));
  std::string_view text = as_text(bytes);
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

bool is_connection_file(std::string_view uri) {
  return uri.find("://") == std::string_view::npos && uri.ends_with(".vv");
}

Result<void> take_connection_file(const std::string& path, ViewerOptions& options) {
  ConnectionFile file = CASSIA_TRY(load_connection_file(path));
  options.session.address = std::move(file.address);
  options.session.tls_address = std::move(file.tls_address);
  options.session.secure_channels = std::move(file.secure_channels);
  options.session.proxy = std::move(file.proxy);
  options.session.user = std::move(file.user);
  options.session.password = std::move(file.password);
  options.session.host_subject = std::move(file.host_subject);
  options.session.ca_pem = std::move(file.ca_pem);
  options.session.guest_look = file.guest_look;
  options.title = std::move(file.title);
  options.fullscreen = options.fullscreen || file.fullscreen;
  return {};
}

Result<void> take_uri(const std::string& uri, SessionOptions& session) {
  net::SpiceUri parsed = CASSIA_TRY(net::parse_spice_uris(uri));
  session.address = parsed.plain ? *parsed.plain : *parsed.tls;
  if (parsed.plain) session.tls_address = std::move(parsed.tls);
  session.user = std::move(parsed.user);
  session.password = std::move(parsed.password);
  return {};
}

Result<void> take_connection_options(const Raw& raw, SessionOptions& session) {
  if (!raw.user.empty()) session.user = raw.user;
  if (!raw.secure_channels.empty()) {
    session.secure_channels = dial::channel_names(raw.secure_channels);
  }
  // The variable is for connections of which nothing else is said.
  if (!raw.proxy.empty() || !session.proxy) {
    session.proxy = CASSIA_TRY(dial::choose_proxy(raw.proxy));
  }
  return {};
}

Result<void> take_guest_look(const Raw& raw, spice::AgentDisplayConfig& look) {
  const auto effects = dial::channel_names(raw.disable_effects);
  if (auto done = disable_effects(effects, look); !done) {
    return fail(done.error().in("--disable-effects"));
  }
  if (raw.color_depth.empty()) return {};
  if (auto done = set_color_depth(raw.color_depth, look); !done) {
    return fail(done.error().in("--color-depth"));
  }
  return {};
}

Result<void> finish(const CLI::App& app, const Raw& raw, ViewerOptions& options) {
  if (!set_log_level(raw.log_level)) {
    return fail(ErrorKind::invalid_argument, "--log-level: \"{}\" is not a level", raw.log_level);
  }
  for (const char* name : {"--screenshot", "--cursor", "--settle", "--type", "--timeout"}) {
    if (!options.headless && app.count(name) > 0) {
      return fail(ErrorKind::invalid_argument, "{} needs --headless", name);
    }
  }
  if (is_connection_file(raw.uri)) {
    CASSIA_TRY(take_connection_file(raw.uri, options));
  } else {
    CASSIA_TRY(take_uri(raw.uri, options.session));
  }
  CASSIA_TRY(take_connection_options(raw, options.session));
  CASSIA_TRY(take_guest_look(raw, options.session.guest_look));
  if (!raw.password_file.empty()) {
    options.session.password = CASSIA_TRY(first_line(raw.password_file));
  }
  if (!raw.ca_file.empty()) options.session.ca_file = raw.ca_file;
  if (!raw.host_subject.empty()) options.session.host_subject = raw.host_subject;
  if (!raw.share_folder.empty()) {
    CASSIA_TRY(parse_share_folder(raw.share_folder, options.session.devices));
  }
  if (!raw.smartcard_certificates.empty()) {
    CASSIA_TRY(parse_smartcard_certificates(raw.smartcard_certificates, options.session.devices));
  }
  if (app.count("--decode-threads") > 0) options.session.decode_threads = raw.decode_threads;
  options.session.display = static_cast<std::uint8_t>(raw.display);
  options.session.reconnect = !options.headless && !raw.no_reconnect;
  options.session.storage = !options.headless || options.panel;
  options.session.clipboard = !raw.no_clipboard;
  options.session.file_transfer = !raw.no_file_transfer;
  options.resize_guest = !raw.no_resize;
  options.session.gl_scanout = !raw.no_gl_scanout;
  if (raw.no_audio && !(options.audio_file.empty() && options.record_file.empty())) {
    return fail(ErrorKind::invalid_argument, "--no-audio excludes --audio-file and --record-file");
  }
  options.audio = !raw.no_audio;
  if (!raw.volume.empty())
    options.session.playback_volume = CASSIA_TRY(parse_volume("--volume", raw.volume));
  if (!raw.mic_volume.empty())
    options.session.record_volume = CASSIA_TRY(parse_volume("--mic-volume", raw.mic_volume));
  options.hotkeys = !raw.no_hotkeys;
  options.type = CASSIA_TRY(strokes_for_text(raw.type));
  if (app.count("--settle") > 0) options.settle = std::chrono::milliseconds(raw.settle_ms);
  if (app.count("--duration") > 0) options.duration = seconds_of(raw.duration_s);
  options.timeout = seconds_of(raw.timeout_s);
  return {};
}

}  // namespace

bool needs_full_viewer(int argc, const char* const* argv) {
  Raw raw;
  ViewerOptions options;
  CLI::App app;
  app.set_version_flag("--version");
  declare(app, raw, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error&) {  // help and version among them
    return false;
  }
  const DeviceOptions& devices = options.session.devices;
  return !options.headless || options.renderer == RendererChoice::gl || options.panel ||
         devices.smartcard || !devices.usb_images.empty() || !raw.share_folder.empty() ||
         !raw.smartcard_certificates.empty();
}

Result<CommandLine> parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  Raw raw;
  ViewerOptions options;
  CLI::App app("Shows the screen of a virtual machine over SPICE.", "cassia-viewer");
  app.set_version_flag("--version", "cassia-viewer " CASSIA_VERSION);
  declare(app, raw, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    line.text = app.help();
    return line;
  } catch (const CLI::CallForVersion&) {
    line.text = app.version() + "\n";
    return line;
  } catch (const CLI::ParseError& error) {
    return fail(ErrorKind::invalid_argument, "{} (see --help)", error.what());
  }
  CASSIA_TRY(finish(app, raw, options));
  line.options = std::move(options);
  return line;
}

}  // namespace cassia::client
