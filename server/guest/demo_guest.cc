// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_guest.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <ctime>

#include "base/log.h"
#include "server/guest/demo_desktop.h"
#include "server/guest/demo_devices.h"
#include "server/guest/demo_keyboard.h"

namespace cassia::server {
namespace asio = boost::asio;
using channels::MouseMode;

namespace {

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  return fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

/// An arrow, or a hand-like block, as premultiplied ARGB.
channels::CursorShapePtr alpha_shape(std::uint64_t unique, bool hand) {
  constexpr int side = 16;
  Bytes data(side * side * 4);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const bool edge =
          hand ? (x == 3 || x == 12 || y == 4 || y == 14) : (x == 0 || x == y || y == 15);
      const bool body = hand ? (x >= 3 && x <= 12 && y >= 4 && y <= 14) : (x <= y);
      const std::uint8_t level = edge ? 0 : 255;
      std::uint8_t* pixel = &data[static_cast<std::size_t>(4 * (y * side + x))];
      pixel[0] = pixel[1] = pixel[2] = body ? level : 0;
      pixel[3] = body ? 255 : 0;
    }
  }
  const auto hot = static_cast<std::uint16_t>(hand ? 8 : 0);
  return std::make_shared<const channels::CursorShape>(channels::CursorShape{
      unique, channels::CursorType::alpha, side, side, hot, hot, SharedBytes(std::move(data))});
}

/// A text bar as AND and XOR planes: it inverts what is below.
channels::CursorShapePtr bar_shape(std::uint64_t unique) {
  constexpr int side = 16;
  Bytes data(2 * side * side / 8, 0);
  for (int y = 0; y < side; ++y) {
    data[static_cast<std::size_t>(2 * y)] = data[static_cast<std::size_t>(2 * y + 1)] = 0xff;
    const bool serif = y == 0 || y == side - 1;
    data[static_cast<std::size_t>(2 * side + 2 * y)] = serif ? 0x03 : 0x01;
    data[static_cast<std::size_t>(2 * side + 2 * y + 1)] = serif ? 0x80 : 0x00;
  }
  return std::make_shared<const channels::CursorShape>(channels::CursorShape{
      unique, channels::CursorType::mono, side, side, 7, 8, SharedBytes(std::move(data))});
}

class DemoGuest final : public GuestSource,
                        public GuestAgent,
                        public std::enable_shared_from_this<DemoGuest> {
 public:
  DemoGuest(net::Executor executor, DemoGuestOptions options)
      : executor_(executor), options_(std::move(options)), tick_(executor) {
    if (!options_.clock_text) options_.clock_text = local_time;
    audio_ = std::make_shared<DemoAudio>(executor_, options_.audio);
  }

  void set_audio(GuestAudioEvents& events) override { audio_events_ = &events; }
  void record_data(channels::AudioMode mode, std::uint32_t, SharedBytes packet) override {
    defer([this, mode, packet = std::move(packet)] { audio_->record_data(mode, packet.view()); });
  }

  void start(GuestEvents& events) override {
    events_ = &events;
    defer([this] {
      desktop_ = std::make_unique<DemoDesktop>(*events_, options_.size);
      events_->guest_online(1);
      events_->guest_name("Cassia demo guest");
      events_->guest_mouse_mode(3, MouseMode::client);
      events_->guest_reset(0);
      desktop_->start(clock_ = options_.clock_text());
      events_->guest_monitors(0, {1, {{0, 0, raster::Rect::of(options_.size), 0}}});
      events_->guest_mark(0);
      show_pointer();
      events_->guest_devices(DemoDevices::list());
      desktop_->set_terminal_command([this](const std::string& line) { return run(line); });
      if (audio_events_) start_audio();
      events_->guest_shown();
      start_agent();
      wait_for_tick();
    });
  }
  void stop() override {
    stopped_ = true;
    tick_.cancel();
    audio_->stop();
  }
  std::string name() const override { return "demo"; }
  std::shared_ptr<DeviceEnd> open_device(spice::ChannelId id,
                                         std::weak_ptr<DeviceEnd> viewer) override {
    return stopped_ ? nullptr : devices_.open(id, std::move(viewer));
  }

  void key_down(std::uint32_t scancode) override {
    defer([this, scancode] {
      if (const char c = keyboard_.key_down(scancode)) desktop_->type(c);
    });
  }
  void key_up(std::uint32_t scancode) override {
    defer([this, scancode] { keyboard_.key_up(scancode); });
  }
  void key_modifiers(std::uint16_t) override {}
  void mouse_motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask) override {
    defer([this, dx, dy] {
      // What a peer says may be anything: the sum must not overflow.
      const auto step = [](std::int32_t d) { return std::clamp(d, -16384, 16384); };
      move_to(position_.x + step(dx), position_.y + step(dy));
      events_->guest_cursor_move(0, position_);
    });
  }
  void mouse_position(std::uint32_t x, std::uint32_t y, channels::ButtonMask, DisplayId) override {
    defer([this, x, y] {
      move_to(static_cast<std::int32_t>(std::min(x, 65535u)),
              static_cast<std::int32_t>(std::min(y, 65535u)));
    });
  }
  void mouse_press(channels::MouseButton button, channels::ButtonMask) override {
    if (button != channels::MouseButton::left) return;
    defer([this] { desktop_->button_down(position_); });
  }
  void mouse_release(channels::MouseButton button, channels::ButtonMask) override {
    if (button != channels::MouseButton::left) return;
    defer([this] { desktop_->button_up(); });
  }
  void request_mouse_mode(MouseMode mode) override {
    defer([this, mode] { events_->guest_mouse_mode(3, mode); });
  }
  GuestAgent* agent() override { return this; }

  Result<void> send(spice::AgentMessage message) override {
    defer([this, message = std::move(message)] {
      if (agent_) agent_->hear(message);
    });
    return {};
  }
  bool congested() const override { return false; }

 private:
  template <class Action>
  void defer(Action action) {
    asio::post(executor_, [self = shared_from_this(), action = std::move(action)] {
      if (!self->stopped_) action();
    });
  }

  void start_agent() {
    GuestAgentEvents* listener = events_->guest_agent_events();
    if (!listener) return;
    DemoAgent::Hooks hooks;
    hooks.say = [listener](const spice::AgentMessage& m) { listener->guest_agent_message(m); };
    hooks.resize = [this](raster::Size size) { resize(size); };
    agent_ = std::make_unique<DemoAgent>(options_.agent, std::move(hooks));
    listener->guest_agent_up(DemoAgent::capabilities());
  }

  void resize(raster::Size size) {
    if (size == options_.size) return;
    options_.size = size;
    desktop_->resize(size);
    events_->guest_monitors(0, {1, {{0, 0, raster::Rect::of(size), 0}}});
    events_->guest_mark(0);
    move_to(position_.x, position_.y);
  }

  /// What the terminal can do with sound and with the agent.
  std::optional<std::string> run(const std::string& line) {
    if (std::string said = audio_->command(line); !said.empty() && line != "help") return said;
    if (!agent_) return line == "help" ? std::optional(audio_->command(line)) : std::nullopt;
    if (line == "help") {
      return audio_->command(line) +
             "copy TEXT    put it into the clipboard (or again what is there)\n"
             "paste        show the clipboard\nfiles        what viewers have sent\n"
             "volume       what a viewer has set\n";
    }
    if (line == "copy") return agent_->copy(), std::string();
    if (line.starts_with("copy ")) return agent_->copy(line.substr(5)), std::string();
    if (line == "paste") return agent_->clipboard();
    if (line == "files") return agent_->file_list();
    if (line == "volume") return agent_->volume() + "\n";
    return std::nullopt;
  }

  void start_audio() {
    audio_->set_level_meter([this](int level) { desktop_->set_level(level); });
    audio_->start(*audio_events_);
  }

  void move_to(std::int32_t x, std::int32_t y) {
    position_ = {std::clamp(x, 0, options_.size.width - 1),
                 std::clamp(y, 0, options_.size.height - 1)};
    desktop_->pointer_moved(position_);
    if (desktop_->pointer_at(position_) != pointer_) show_pointer();
  }

  void show_pointer() {
    pointer_ = desktop_->pointer_at(position_);
    channels::CursorState state;
    state.position = position_;
    state.shape = pointer_ == DemoPointer::text   ? bar_
                  : pointer_ == DemoPointer::hand ? hand_
                                                  : arrow_;
    events_->guest_cursor_set(0, state);
  }

  void wait_for_tick() {
    tick_.expires_after(std::chrono::seconds(1));
    tick_.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
      if (ec || self->stopped_) return;
      const std::string text = self->options_.clock_text();
      if (text != self->clock_) self->desktop_->set_clock(self->clock_ = text);
      self->wait_for_tick();
    });
  }

  net::Executor executor_;
  DemoGuestOptions options_;
  DemoDevices devices_{executor_, [](const std::string& text) { log_info("demo", "{}", text); }};
  asio::steady_timer tick_;
  GuestEvents* events_ = nullptr;
  GuestAudioEvents* audio_events_ = nullptr;
  std::shared_ptr<DemoAudio> audio_;
  bool stopped_ = false;
  std::unique_ptr<DemoDesktop> desktop_;
  std::unique_ptr<DemoAgent> agent_;  ///< null if nobody hears it
  DemoKeyboard keyboard_;
  std::string clock_;
  raster::Point position_{512, 100};
  DemoPointer pointer_ = DemoPointer::arrow;
  channels::CursorShapePtr arrow_ = alpha_shape(1, false);
  channels::CursorShapePtr hand_ = alpha_shape(2, true);
  channels::CursorShapePtr bar_ = bar_shape(3);
};

/// Owns the shared DemoGuest: its timer and posted calls may outlive the owner.
class DemoHandle final : public GuestSource {
 public:
  explicit DemoHandle(std::shared_ptr<DemoGuest> guest) : guest_(std::move(guest)) {}
  ~DemoHandle() override { guest_->stop(); }
  void set_audio(GuestAudioEvents& events) override { guest_->set_audio(events); }
  void record_data(channels::AudioMode mode, std::uint32_t time, SharedBytes packet) override {
    guest_->record_data(mode, time, std::move(packet));
  }
  void start(GuestEvents& events) override { guest_->start(events); }
  void stop() override { guest_->stop(); }
  std::string name() const override { return guest_->name(); }
  void key_down(std::uint32_t code) override { guest_->key_down(code); }
  void key_up(std::uint32_t code) override { guest_->key_up(code); }
  void key_modifiers(std::uint16_t modifiers) override { guest_->key_modifiers(modifiers); }
  void mouse_motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held) override {
    guest_->mouse_motion(dx, dy, held);
  }
  void mouse_position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held,
                      DisplayId display) override {
    guest_->mouse_position(x, y, held, display);
  }
  void mouse_press(channels::MouseButton button, channels::ButtonMask held) override {
    guest_->mouse_press(button, held);
  }
  void mouse_release(channels::MouseButton button, channels::ButtonMask held) override {
    guest_->mouse_release(button, held);
  }
  void request_mouse_mode(MouseMode mode) override { guest_->request_mouse_mode(mode); }
  GuestAgent* agent() override { return guest_->agent(); }
  std::shared_ptr<DeviceEnd> open_device(spice::ChannelId id,
                                         std::weak_ptr<DeviceEnd> viewer) override {
    return guest_->open_device(id, std::move(viewer));
  }

 private:
  std::shared_ptr<DemoGuest> guest_;
};

}  // namespace

std::unique_ptr<GuestSource> make_demo_guest(net::Executor executor, DemoGuestOptions options) {
  return std::make_unique<DemoHandle>(
      std::make_shared<DemoGuest>(std::move(executor), std::move(options)));
}

}  // namespace cassia::server
