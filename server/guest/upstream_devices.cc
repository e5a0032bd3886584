// SPDX-License-Identifier: Apache-2.0
// The part of an UpstreamSession that deals with device channels: which there are, and a connection
// of its own for each that a viewer opens. Their end does not end the session.

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.h"
#include "server/guest/port_probe.h"
#include "server/guest/upstream_session.h"

namespace cassia::server {
namespace asio = boost::asio;
using spice::ChannelId;
using spice::ChannelType;

namespace {

constexpr auto component = "upstream";
/// Device channels of one guest; QEMU has a handful.
constexpr std::size_t most_devices = 64;

}  // namespace

void UpstreamSession::list_devices(const std::vector<ChannelId>& ids) {
  std::vector<ChannelId> ports;
  const auto known = [&](ChannelId id) {
    return std::any_of(devices_.begin(), devices_.end(),
                       [&](const GuestDevice& device) { return device.id == id; });
  };
  for (const ChannelId id : ids) {
    if (devices_.size() + ports.size() >= most_devices) break;
    const bool device = id.type == ChannelType::usbredir || id.type == ChannelType::smartcard ||
                        id.type == ChannelType::webdav;
    if (device && !known(id)) devices_.push_back({id, {}});
    const bool wanted = id.type == ChannelType::port && !options_.relay_ports.empty();
    if (wanted && std::find(ports.begin(), ports.end(), id) == ports.end()) ports.push_back(id);
  }
  events_.guest_devices(devices_);
  if (!ports.empty()) asio::co_spawn(executor_, probe_ports(std::move(ports)), asio::detached);
}

net::Task<> UpstreamSession::probe_ports(std::vector<ChannelId> ports) {
  const auto self = shared_from_this();
  for (const ChannelId id : ports) {
    PortProbe probe;
    const Error why = co_await run_channel(id, probe.make_channel(), session_id_);
    if (silent_) co_return;
    if (!probe.name()) {
      log_debug(component, "port {}: {}", id.id, why.message());
    } else if (may_relay_port(*probe.name(), options_.relay_ports)) {
      devices_.push_back({id, *probe.name()});
      events_.guest_devices(devices_);
    }
  }
}

std::shared_ptr<DeviceEnd> UpstreamSession::open_device(ChannelId id,
                                                        std::weak_ptr<DeviceEnd> viewer) {
  const bool listed = std::any_of(devices_.begin(), devices_.end(),
                                  [&](const GuestDevice& device) { return device.id == id; });
  if (over_ || silent_ || !listed) return nullptr;
  auto device = std::make_shared<UpstreamDevice>(id, std::move(viewer), options_.relay_ports);
  asio::co_spawn(executor_, device_channel(id, device), asio::detached);
  return device;
}

net::Task<> UpstreamSession::device_channel(ChannelId id, std::shared_ptr<UpstreamDevice> device) {
  const auto self = shared_from_this();
  const Error why = co_await run_channel(id, device->make_channel(!local_), session_id_);
  log_debug(component, "{} channel {}: {}", spice::to_string(id.type), id.id, why.message());
  device->over(why);
}

}  // namespace cassia::server
