// SPDX-License-Identifier: Apache-2.0
#include "server/guest/upstream_device.h"

#include <algorithm>

#include "base/log.h"
#include "channels/usbredir/usbredir_channel.h"
#include "channels/webdav/webdav_mux.h"

namespace cassia::server {

using spice::ChannelType;

bool may_relay_port(const std::string& name, const std::vector<std::string>& allowed) {
  if (name.starts_with("org.qemu.monitor.") || name.starts_with("org.cassia.storage."))
    return false;
  return name == channels::webdav_port_name ||
         std::find(allowed.begin(), allowed.end(), name) != allowed.end();
}

std::unique_ptr<channels::Channel> UpstreamDevice::make_channel(bool compress) {
  if (id_.type == ChannelType::smartcard) {
    auto channel = channels::SmartcardChannel::create(channels::Role::client, *this);
    card_ = channel.get();
    return channel;
  }
  const bool named = id_.type != ChannelType::usbredir;
  auto channel = channels::PortClient::create(*this, {.named = named, .compress = compress});
  port_ = channel.get();
  return channel;
}

channels::MessageLink* UpstreamDevice::link() const {
  if (port_) return port_->link();
  return card_ ? card_->link() : nullptr;
}

void UpstreamDevice::over(const Error& why) {
  if (std::exchange(over_, true)) return;
  early_.clear();
  port_ = nullptr;
  card_ = nullptr;
  if (const auto viewer = viewer_.lock()) viewer->device_gone(why);
}

void UpstreamDevice::send(std::function<void()> action) {
  if (over_ || unwanted_) return;
  if (up_) return action();
  early_.push_back(std::move(action));
}

void UpstreamDevice::device_data(ByteView data) {
  if (up_ && !over_ && !unwanted_) return port_->send_data(data);
  send([this, copy = to_bytes(data)] { port_->send_data(copy); });
}

void UpstreamDevice::device_event(channels::PortEvent event) {
  send([this, event] { port_->send_event(event); });
}

void UpstreamDevice::device_card(const channels::CardMessage& message) {
  if (up_ && !over_ && !unwanted_) return card_->send_card(message);
  send([this, copy = to_bytes(message.data), type = message.type, reader = message.reader] {
    card_->send_card({type, reader, copy});
  });
}

bool UpstreamDevice::device_takes() const { return up_ && !over_ && link()->writable(); }

void UpstreamDevice::device_resume() {
  if (link()) link()->pause_reading(false);
}

void UpstreamDevice::device_gone(const Error&) {
  unwanted_ = true;
  early_.clear();
  // Before the connection is open there is nothing to close yet: up() does it then.
  if (up_ && !over_) link()->close();
}

void UpstreamDevice::port_opened(const std::string& name, bool opened) {
  if (id_.type != ChannelType::usbredir && !may_relay_port(name, allowed_)) {
    log_warn("devices", "the upstream's port {} is not one to relay", name);
    unwanted_ = true;
  }
  up(name, opened);
}

void UpstreamDevice::smartcard_opened() { up({}, true); }

void UpstreamDevice::up(const std::string& name, bool opened) {
  if (std::exchange(up_, true)) return;
  const auto viewer = viewer_.lock();
  if (unwanted_ || !viewer) return link()->close();
  viewer->device_ready(name, opened);
  for (const auto& action : std::exchange(early_, {})) action();
  viewer->device_resume();
}

void UpstreamDevice::hand_over(const std::function<void(DeviceEnd&)>& what) {
  const auto viewer = viewer_.lock();
  if (!viewer || over_ || unwanted_) return;
  what(*viewer);
  if (!over_ && link()) link()->pause_reading(!viewer->device_takes());
}

void UpstreamDevice::port_data(ByteView data) {
  hand_over([&](DeviceEnd& viewer) { viewer.device_data(data); });
}
void UpstreamDevice::port_event(channels::PortEvent event) {
  hand_over([&](DeviceEnd& viewer) { viewer.device_event(event); });
}
void UpstreamDevice::smartcard_message(const channels::CardMessage& message) {
  hand_over([&](DeviceEnd& viewer) { viewer.device_card(message); });
}

void UpstreamDevice::writable() {
  const auto viewer = viewer_.lock();
  if (viewer && up_) viewer->device_resume();
}

}  // namespace cassia::server
