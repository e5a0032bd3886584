// SPDX-License-Identifier: Apache-2.0
#pragma once

// One connection with a QEMU's D-Bus display, from what it offers to its end. Internal to the
// adapter, which makes the next one.

#include <memory>
#include <string>
#include <vector>

#include "server/guest/dbus/agent.h"
#include "server/guest/dbus/console.h"
#include "server/guest/dbus/sound.h"

namespace cassia::server::dbus {

class Session final : public std::enable_shared_from_this<Session> {
 public:
  /// `epoch` makes identities of different sessions differ; `ended` is called once, not after
  /// close(). `audio` may be null.
  Session(net::Executor executor, std::shared_ptr<Bus> bus, GuestEvents& events,
          GuestAudioEvents* audio, std::uint64_t epoch, std::function<void(const Error&)> ended);
  ~Session();

  void start();
  void close();
  bool was_shown() const { return shown_; }

  // Input; see GuestSource.
  void key(std::uint32_t scancode, bool down);
  void modifiers(std::uint16_t lights);
  void motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held);
  void position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held, DisplayId display);
  void button(channels::MouseButton button, bool down);
  void request_mouse_mode(channels::MouseMode mode);

  GuestAgent* agent() { return over_ ? nullptr : agent_.get(); }
  void record_data(channels::AudioMode mode, ByteView packet);

 private:
  void begin(const Inventory& inventory);
  void property_changed(std::string_view path, sd_bus_message* message);
  void set_absolute(bool absolute);
  void tell_mouse_mode();
  void end(const Error& why);
  Inputs* inputs(std::size_t display = 0);

  net::Executor executor_;
  const std::shared_ptr<Bus> bus_;
  GuestEvents& events_;
  GuestAudioEvents* const audio_;
  const std::uint64_t epoch_;
  std::function<void(const Error&)> ended_;
  std::vector<std::unique_ptr<Console>> consoles_;
  std::size_t pointed_at_ = 0;  ///< the console that the pointer was on last
  std::shared_ptr<Agent> agent_;
  std::unique_ptr<Sound> sound_;
  bool absolute_ = false;
  channels::MouseMode mode_ = channels::MouseMode::server;
  bool shown_ = false;
  bool over_ = false;
};

}  // namespace cassia::server::dbus
