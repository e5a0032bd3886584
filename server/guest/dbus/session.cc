// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/session.h"

#include "base/log.h"

namespace cassia::server::dbus {

using channels::MouseMode;

namespace {

constexpr auto component = "dbus";

}  // namespace

Session::Session(net::Executor executor, std::shared_ptr<Bus> bus, GuestEvents& events,
                 GuestAudioEvents* audio, std::uint64_t epoch,
                 std::function<void(const Error&)> ended)
    : executor_(std::move(executor)),
      bus_(std::move(bus)),
      events_(events),
      audio_(audio),
      epoch_(epoch),
      ended_(std::move(ended)) {}

Session::~Session() { close(); }

void Session::start() {
  bus_->set_closed([this](const Error& why) { end(why); });
  const auto watched = bus_->watch_properties(
      [this](const char* path, sd_bus_message* message) { property_changed(path, message); });
  if (!watched) return log_warn(component, "{}", watched.error().message());
  bus_->call({"/org/qemu/Display1", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"},
             no_arguments, [weak = weak_from_this()](const Result<sd_bus_message*>& reply) {
               const auto self = weak.lock();
               if (!self || self->over_) return;
               if (!reply) return self->end(reply.error());
               const auto inventory = read_inventory(*reply);
               inventory ? self->begin(*inventory) : self->end(inventory.error());
             });
}

void Session::begin(const Inventory& inventory) {
  if (inventory.consoles.empty()) {
    return end(Error(ErrorKind::not_found, "QEMU offers no graphic console over D-Bus"));
  }
  events_.guest_online(static_cast<unsigned>(inventory.consoles.size()));
  if (!inventory.name.empty()) events_.guest_name(inventory.name);
  if (inventory.uuid) events_.guest_uuid(*inventory.uuid);
  std::vector<std::string> paths;
  for (const ConsoleInfo& info : inventory.consoles) {
    const auto id = static_cast<DisplayId>(consoles_.size());
    log_debug(component, "display {} is {} \"{}\"", id, info.path, info.label);
    events_.guest_reset(id);
    Console::Hooks hooks;
    hooks.shown = [this, id] {
      if (id != 0 || std::exchange(shown_, true)) return;
      events_.guest_shown();
    };
    // The shape's count takes the low bits.
    hooks.closed = [this](const Error& why) { end(why); };
    const std::uint64_t salt = (epoch_ << 8 | id) << 32;
    consoles_.push_back(
        std::make_unique<Console>(executor_, bus_, events_, id, info, salt, std::move(hooks)));
    paths.push_back(info.path);
    if (const auto started = consoles_.back()->start(); !started) {
      return end(started.error());
    }
  }
  events_.guest_modifiers(static_cast<std::uint16_t>(inventory.consoles.front().lights & 7));
  absolute_ = inventory.consoles.front().absolute;
  mode_ = absolute_ ? MouseMode::client : MouseMode::server;
  tell_mouse_mode();
  if (auto* heard = events_.guest_agent_events()) {
    agent_ = std::make_shared<Agent>(bus_, *heard, std::move(paths), inventory.clipboard);
    agent_->start();
  }
  if (inventory.audio && audio_) {
    sound_ = std::make_unique<Sound>(executor_, bus_, *audio_);
    sound_->start();
  }
}

void Session::property_changed(std::string_view path, sd_bus_message* message) {
  const char* interface = nullptr;
  if (over_ || consoles_.empty() || sd_bus_message_read(message, "s", &interface) < 0) return;
  const std::string_view name = interface;
  for (auto& console : consoles_) {
    if (console->path() != path) continue;
    raster::Size size;
    const auto read =
        read_properties(message, [&](std::string_view key, const PropertyValue& value) {
          const auto* truth = std::get_if<bool>(&value);
          const auto* number = std::get_if<std::uint32_t>(&value);
          if (truth && key == "IsAbsolute" && name == "org.qemu.Display1.Mouse") {
            console->inputs().set_absolute(*truth);
            if (console == consoles_.front()) set_absolute(*truth);
          }
          if (number && key == "Modifiers" && name == "org.qemu.Display1.Keyboard") {
            console->inputs().set_lights(*number);
            if (console == consoles_.front()) {
              events_.guest_modifiers(static_cast<std::uint16_t>(*number & 7));
            }
          }
          if (number && *number <= raster::max_side && name == "org.qemu.Display1.Console") {
            if (key == "Width") size.width = static_cast<std::int32_t>(*number);
            if (key == "Height") size.height = static_cast<std::int32_t>(*number);
          }
        });
    if (!read) log_debug(component, "{}", read.error().message());
    console->size_told(size);
    return;
  }
}

/// A tablet has come (its driver, often) or gone.
void Session::set_absolute(bool absolute) {
  if (std::exchange(absolute_, absolute) == absolute) return;
  mode_ = absolute ? MouseMode::client : MouseMode::server;
  tell_mouse_mode();
}

void Session::tell_mouse_mode() {
  const auto server = static_cast<std::uint32_t>(MouseMode::server);
  const auto client = static_cast<std::uint32_t>(MouseMode::client);
  events_.guest_mouse_mode(absolute_ ? server | client : server, mode_);
}

// In server mode a guest with a tablet is still told positions: Inputs adds the motion up.
void Session::request_mouse_mode(MouseMode mode) {
  if (over_ || (mode == MouseMode::client && !absolute_)) return;
  bus_->post([weak = weak_from_this(), mode] {
    const auto self = weak.lock();
    if (!self || self->over_ || (mode == MouseMode::client && !self->absolute_)) return;
    self->mode_ = mode;
    self->tell_mouse_mode();
  });
}

Inputs* Session::inputs(std::size_t display) {
  return over_ || display >= consoles_.size() ? nullptr : &consoles_[display]->inputs();
}

void Session::key(std::uint32_t scancode, bool down) {
  if (auto* to = inputs()) to->key(scancode, down);
}
void Session::modifiers(std::uint16_t lights) {
  if (auto* to = inputs()) to->want_lights(lights);
}
void Session::motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held) {
  if (auto* to = inputs(pointed_at_)) to->motion(dx, dy, held);
}
void Session::position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held,
                       DisplayId display) {
  if (display < consoles_.size() && mode_ == MouseMode::client) pointed_at_ = display;
  if (auto* to = inputs(pointed_at_)) to->position(x, y, held);
}
void Session::button(channels::MouseButton button, bool down) {
  if (auto* to = inputs(pointed_at_)) down ? to->press(button) : to->release(button);
}

void Session::record_data(channels::AudioMode mode, ByteView packet) {
  if (sound_ && !over_) sound_->record_data(mode, packet);
}

void Session::end(const Error& why) {
  if (over_) return;
  const auto ended = std::exchange(ended_, nullptr);
  close();
  if (ended) ended(why);
}

void Session::close() {
  if (std::exchange(over_, true)) return;
  ended_ = nullptr;
  for (auto& console : consoles_) console->close();
  if (sound_) sound_->close();
  if (agent_) agent_->close();
  bus_->close();
}

}  // namespace cassia::server::dbus
