// SPDX-License-Identifier: Apache-2.0
#pragma once

// One console of the VM: the listener that QEMU calls with its picture and pointer, and where its
// keyboard and mouse are.

#include <memory>

#include "server/guest/dbus/inputs.h"
#include "server/guest/dbus/inventory.h"
#include "server/guest/dbus/screen.h"

namespace cassia::server::dbus {

class Console {
 public:
  /// `closed` is called when QEMU has given up this listener. `salt` and `shown`: see Screen.
  struct Hooks {
    std::function<void()> shown;
    std::function<void(const Error&)> closed;
  };
  Console(net::Executor executor, std::shared_ptr<Bus> bus, GuestEvents& events, DisplayId id,
          const ConsoleInfo& info, std::uint64_t salt, Hooks hooks);
  ~Console() { close(); }

  /// Registers with QEMU.
  Result<void> start();
  void close();

  const std::string& path() const { return path_; }
  /// QEMU says that the console has this size now.
  void size_told(raster::Size size);
  Inputs& inputs() { return *inputs_; }

  static const sd_bus_vtable listener[], map_listener[];

 private:
  Result<void> scanout(sd_bus_message* message);
  Result<void> update(sd_bus_message* message);
  Result<void> scanout_dmabuf(sd_bus_message* message);
  Result<void> update_dmabuf(sd_bus_message* message);
  Result<void> scanout_map(sd_bus_message* message);
  Result<void> update_map(sd_bus_message* message);
  Result<void> disable(sd_bus_message* message);
  Result<void> mouse_set(sd_bus_message* message);
  Result<void> cursor_define(sd_bus_message* message);
  Result<void> done(Result<void> result, const char* what);
  Result<void> listen();
  void listen_anew();
  void scanned_out();

  void refused(const Error& why);

  static constexpr unsigned most_refusals = 50;
  const net::Executor executor_;
  boost::asio::steady_timer retry_;
  std::shared_ptr<void> open_ = std::make_shared<int>();
  unsigned listeners_ = 0, refusals_ = 0;
  const std::shared_ptr<Bus> bus_;
  const std::string path_;
  Hooks hooks_;
  Screen screen_;
  std::shared_ptr<Inputs> inputs_;
  std::shared_ptr<Bus> listens_;
  raster::Size told_;     ///< by size_told() while we waited for a scanout
  bool waiting_ = false;  ///< for the first scanout of listens_
  std::string problem_;   ///< told last: the same is told once
};

}  // namespace cassia::server::dbus
