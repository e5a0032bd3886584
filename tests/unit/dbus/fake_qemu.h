// SPDX-License-Identifier: Apache-2.0
#pragma once

// The other end of the adapter's connection, in the same process: as much of QEMU's objects as the
// adapter uses, and what a QEMU would never say.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/guest/dbus/bus.h"

namespace cassia::server::dbus {

class FakeQemu {
 public:
  FakeQemu(net::Executor executor, FileDescriptor socket);
  ~FakeQemu();

  /// Calls the newest listener; true in `results` under that member, or false for an error.
  void call_listener(const char* interface, const char* member, const Fill& fill);
  void scanout(std::uint32_t width, std::uint32_t height, std::uint32_t stride,
               std::uint32_t color);
  void update(std::int32_t x, std::int32_t y, std::int32_t width, std::int32_t height,
              std::uint32_t color);
  void set_absolute(bool absolute);
  void set_size(std::uint32_t width, std::uint32_t height);
  Bus& bus() { return *bus_; }
  Bus& listener() { return *listener_; }

  std::map<std::string, bool> results;
  std::map<std::string, std::string> answers;  ///< texts of answers, by member
  std::vector<std::string> heard;              ///< calls on its objects: "Press 30"
  unsigned listeners = 0;
  std::string clipboard;  ///< what Request is answered with; empty: an error

 private:
  static int on_register(sd_bus_message* message, void* self, sd_bus_error*);
  static int on_call(sd_bus_message* message, void* self, sd_bus_error*);
  static int on_request(sd_bus_message* message, void* self, sd_bus_error*);
  static int get(sd_bus*, const char* path, const char* interface, const char* name,
                 sd_bus_message* reply, void* self, sd_bus_error*);
  static const sd_bus_vtable console_[], mouse_[], keyboard_[], clipboard_[], vm_[];

  net::Executor executor_;
  std::shared_ptr<Bus> bus_, listener_;
  bool absolute_ = false;
  std::uint32_t width_ = 8, height_ = 8;
};

}  // namespace cassia::server::dbus
