// SPDX-License-Identifier: Apache-2.0
#pragma once

// Keyboard and mouse of one console (org.qemu.Display1.Keyboard and .Mouse): scan codes become
// QEMU's key numbers, masks of held buttons become presses and releases, and motion waits while
// the guest does not take it, so that it never piles up.

#include <memory>
#include <string>

#include "channels/inputs/inputs_channel.h"
#include "render/raster/geometry.h"
#include "server/guest/dbus/bus.h"

namespace cassia::server::dbus {

/// QEMU's number of a key (docs of org.qemu.Display1.Keyboard: "qnum"): the scan code of set 1,
/// with 0x80 for those after 0xe0. 0: there is none.
std::uint32_t qnum_of(std::uint32_t scancode);

class Inputs final : public std::enable_shared_from_this<Inputs> {
 public:
  /// Messages that QEMU has not answered yet: beyond that it takes no keys.
  static constexpr unsigned most_unanswered = 256;
  /// Motions of these; further ones are merged.
  static constexpr unsigned most_motions = 4;

  Inputs(std::shared_ptr<Bus> bus, std::string path)
      : bus_(std::move(bus)), path_(std::move(path)) {}

  void key(std::uint32_t scancode, bool down);
  /// The guest's lock lights, by its last word.
  void set_lights(std::uint32_t lights) { lights_ = lights; }
  /// A viewer's lights: keys are pressed that make the guest's the same.
  void want_lights(std::uint16_t lights);

  /// The guest has a tablet: positions count. Else motion does.
  void set_absolute(bool absolute) { absolute_ = absolute; }
  void set_screen(raster::Size size) { screen_ = size; }
  void motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held);
  void position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held);
  void press(channels::MouseButton button);
  void release(channels::MouseButton button);

 private:
  void send_key(std::uint32_t qnum, bool down);
  void hold(channels::ButtonMask held);
  void button(unsigned index, bool down);
  void move(bool at_once = false);
  void send(const char* interface, const char* member, const Fill& fill, bool motion);

  const std::shared_ptr<Bus> bus_;
  const std::string path_;
  raster::Size screen_;
  bool absolute_ = false;
  std::uint32_t lights_ = 0;
  channels::ButtonMask held_ = 0;
  raster::Point at_;              ///< where the pointer is, with a tablet
  std::int32_t dx_ = 0, dy_ = 0;  ///< motion that waits, without one
  bool moved_ = false;            ///< at_, or dx_ and dy_, are still to be sent
  unsigned unanswered_ = 0, motions_ = 0;
};

}  // namespace cassia::server::dbus
