// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/device_hub.h"

#include <algorithm>

#include "base/log.h"
#include "server/guest/guest_source.h"

namespace cassia::server {

using spice::ChannelId;
using spice::ChannelType;

namespace {

/// Port 0 is the storage channel's, so the guest's ports begin at 1.
constexpr std::uint8_t first_port = 1;

bool representable(ChannelId id) {
  return id.type != ChannelType::port || id.id <= 255 - first_port;
}

ChannelId as_seen(ChannelId id) {
  if (id.type == ChannelType::port) id.id = static_cast<std::uint8_t>(id.id + first_port);
  return id;
}

ChannelId as_guests(ChannelId id) {
  if (id.type == ChannelType::port) id.id = static_cast<std::uint8_t>(id.id - first_port);
  return id;
}

}  // namespace

bool DeviceHub::has(ChannelId id) const {
  return std::find(known_.begin(), known_.end(), id) != known_.end();
}

void DeviceHub::offered(std::vector<GuestDevice> devices) {
  std::erase_if(devices, [](const GuestDevice& device) { return !representable(device.id); });
  std::vector<ChannelId> fresh;
  for (GuestDevice& device : devices) {
    device.id = as_seen(device.id);
    if (!has(device.id)) fresh.push_back(device.id);
  }
  offered_ = std::move(devices);
  known_.insert(known_.end(), fresh.begin(), fresh.end());
  const auto owners = owners_;  // joining may let some of them go
  for (const Owner& owner : owners) {
    const auto viewer = owner.held.lock();
    if (viewer && !viewer->joined()) join(viewer);
  }
  if (!fresh.empty()) appeared_(fresh);
}

Result<std::shared_ptr<DeviceViewer>> DeviceHub::open(ChannelId id) {
  for (const Owner& owner : owners_) {
    if (owner.id != id) continue;
    return fail(ErrorKind::not_found, "another viewer has {} channel {}", spice::to_string(id.type),
                id.id);
  }
  const bool there = std::any_of(offered_.begin(), offered_.end(),
                                 [&](const GuestDevice& device) { return device.id == id; });
  if (!there) {
    return fail(ErrorKind::not_found, "the guest offers no {} channel {} now",
                spice::to_string(id.type), id.id);
  }
  auto viewer = std::make_shared<DeviceViewer>(*this, id);
  owners_.push_back({id, viewer.get(), viewer});
  return viewer;
}

void DeviceHub::viewer_opened(DeviceViewer& viewer) {
  for (const Owner& owner : owners_) {
    if (owner.viewer != &viewer) continue;
    const auto held = owner.held.lock();
    if (held && !join(held)) held->close();
    return;
  }
}

bool DeviceHub::join(const std::shared_ptr<DeviceViewer>& viewer) {
  const auto there = std::any_of(offered_.begin(), offered_.end(), [&](const GuestDevice& device) {
    return device.id == viewer->id();
  });
  if (!there) return false;
  auto guest = guest_.open_device(as_guests(viewer->id()), viewer);
  if (!guest) return false;
  viewer->join(std::move(guest));
  return true;
}

void DeviceHub::released(DeviceViewer& viewer) {
  std::erase_if(owners_, [&](const Owner& owner) { return owner.viewer == &viewer; });
}

}  // namespace cassia::server
