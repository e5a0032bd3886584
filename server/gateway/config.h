// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a gateway is told to do, checked: from flags, from a TOML file, or both.

#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "net/stream.h"
#include "server/gateway/access.h"
#include "server/gateway/options.h"
#include "server/guest/dbus/dbus_guest.h"
#include "server/guest/demo_audio.h"

namespace cassia::server {

struct GatewayConfig {
  bool demo = false;
  // One of the two is set unless `demo`.
  std::optional<net::Address> upstream;
  std::optional<DbusAddress> dbus;
  std::string upstream_user;
  std::string upstream_password;
  net::TlsClientOptions upstream_tls;
  std::vector<std::string> relay_ports;

  std::vector<net::Address> listen;  ///< those of --tls-listen have Transport::tls
  std::optional<net::TlsServerFiles> tls;
  std::optional<std::string> password;  ///< none: whoever connects is let in

  AccessPolicy access;

  std::string qmp;           ///< path of QEMU's socket, empty if there is none
  std::string storage_root;  ///< folder of images, empty if there is none

  std::string log_level = "info";
  bool print_ready = false;
  int ready_fd = -1;
  std::string debug_picture;  ///< on SIGUSR1 the guest's picture is written here as PPM
  std::string demo_files;     ///< folder for files that viewers send to the demo; empty: memory
  std::string demo_clock;     ///< what the demo's clock shows; empty: the time
  bool gl_scanout = false;  ///< viewers on unix sockets that can read the picture from memory do so
  bool playback_compression = true;  ///< Opus for the sound of the guest
  std::string demo_page;      ///< name of the page of draws that the demo shows; empty: its desktop
  DemoAudioOptions demo_audio;
};

/// Checks the whole of it: addresses, files, and that nothing but a unix socket is open to
/// everybody by accident. Reads the password files.
Result<GatewayConfig> make_config(const Options& options);

}  // namespace cassia::server
