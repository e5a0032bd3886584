// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/agent.h"

#include <spice/vd_agent.h>

#include <algorithm>

#include "base/log.h"
#include "render/raster/bitmap.h"

namespace cassia::server::dbus {

namespace {

constexpr unsigned most_resizings = 32;  ///< that QEMU has not answered

spice::Capabilities capabilities(bool clipboard) {
  spice::Capabilities caps{VD_AGENT_CAP_MONITORS_CONFIG, VD_AGENT_CAP_REPLY,
                           VD_AGENT_CAP_MONITORS_CONFIG_POSITION};
  if (!clipboard) return caps;
  for (const unsigned cap : {VD_AGENT_CAP_CLIPBOARD_BY_DEMAND, VD_AGENT_CAP_CLIPBOARD_SELECTION,
                             VD_AGENT_CAP_CLIPBOARD_NO_RELEASE_ON_REGRAB}) {
    caps.set(cap);
  }
  return caps;
}

}  // namespace

/// One message of a viewer, until all consoles that it names have answered.
struct Agent::Resizing {
  unsigned left = 0;
  bool good = true;
};

Agent::Agent(std::shared_ptr<Bus> bus, GuestAgentEvents& events, std::vector<std::string> consoles,
             bool clipboard)
    : bus_(std::move(bus)), events_(events), consoles_(std::move(consoles)) {
  if (clipboard) {
    clipboard_ = std::make_shared<Clipboard>(
        bus_, [this](const spice::AgentMessage& message) { events_.guest_agent_message(message); });
  }
}

void Agent::start() {
  up_ = true;
  events_.guest_agent_up(capabilities(clipboard_ != nullptr));
  if (!clipboard_) return;
  if (const auto started = clipboard_->start(); !started) {
    log_warn("dbus", "clipboard: {}", started.error().message());
  }
}

void Agent::close() {
  up_ = false;
  if (clipboard_) clipboard_->close();
}

Result<void> Agent::send(spice::AgentMessage message) {
  if (!up_) return fail(ErrorKind::closed, "the guest is away");
  if (const auto* config = std::get_if<spice::AgentMonitorsConfig>(&message)) {
    if (resizing_ >= most_resizings) return fail(ErrorKind::busy, "the guest takes no more sizes");
    return resize(*config), Result<void>{};
  }
  const bool clipboard = std::holds_alternative<spice::ClipboardGrab>(message) ||
                         std::holds_alternative<spice::ClipboardRelease>(message) ||
                         std::holds_alternative<spice::ClipboardRequest>(message) ||
                         std::holds_alternative<spice::ClipboardData>(message);
  if (!clipboard || !clipboard_) {
    return fail(ErrorKind::unsupported, "QEMU has nothing for this ({})",
                spice::agent_type_name(spice::type_of(message)));
  }
  clipboard_->hear(message);
  return {};
}

// A monitor of 0x0 is off: QEMU takes that sign too. Consoles that are not named stay.
void Agent::resize(const spice::AgentMonitorsConfig& config) {
  const std::size_t count = std::min(consoles_.size(), config.monitors.size());
  const auto resizing = std::make_shared<Resizing>();
  resizing->left = static_cast<unsigned>(count);
  resizing->good = count > 0;
  const auto done = [weak = weak_from_this(), resizing](const Result<sd_bus_message*>& reply) {
    const auto self = weak.lock();
    if (!self || !self->up_) return;
    if (!reply) {
      log_debug("dbus", "{}", reply.error().message());
      resizing->good = false;
    }
    if (resizing->left > 0 && --resizing->left > 0) return;
    --self->resizing_;
    self->events_.guest_agent_message(spice::AgentReply{VD_AGENT_MONITORS_CONFIG, resizing->good});
  };
  ++resizing_;
  if (count == 0) return bus_->post([done] { done(nullptr); });
  for (std::size_t i = 0; i < count; ++i) {
    const spice::AgentMonitor& monitor = config.monitors[i];
    const spice::AgentMonitorSize size =
        i < config.sizes.size() ? config.sizes[i] : spice::AgentMonitorSize{};
    constexpr auto most = static_cast<std::uint32_t>(raster::max_side);
    const std::uint32_t width = std::min(monitor.width, most);
    const std::uint32_t height = std::min(monitor.height, most);
    const std::int32_t x = config.use_position ? monitor.x : 0;
    const std::int32_t y = config.use_position ? monitor.y : 0;
    bus_->call(
        {consoles_[i].c_str(), "org.qemu.Display1.Console", "SetUIInfo"},
        [=](sd_bus_message* m) {
          return sd_bus_message_append(m, "qqiiuu", size.width_mm, size.height_mm, x, y, width,
                                       height);
        },
        done);
  }
}

}  // namespace cassia::server::dbus
