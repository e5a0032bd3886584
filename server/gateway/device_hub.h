// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest's device channels, as viewers see them: which there are, and who has which.
//
// One viewer has a device channel at a time: the first that opens it, until it closes it. A second
// one is told CHANNEL_NOT_AVAILABLE: a device has one user, and a channel that seemed open but did
// nothing would leave the person at the second viewer guessing.

#include <functional>
#include <map>
#include <vector>

#include "server/gateway/device_viewer.h"

namespace cassia::server {

class GuestSource;

class DeviceHub {
 public:
  /// `appeared` gets channels that viewers have not been told of before. `guest` must outlive this.
  DeviceHub(GuestSource& guest, std::function<void(const std::vector<spice::ChannelId>&)> appeared)
      : guest_(guest), appeared_(std::move(appeared)) {}

  /// What the guest offers now, all of it.
  void offered(std::vector<GuestDevice> devices);
  void guest_away() { offered_.clear(); }

  /// All that were ever offered: a viewer may wait for a port to come back.
  std::vector<spice::ChannelId> channels() const { return known_; }
  bool has(spice::ChannelId id) const;
  Result<std::shared_ptr<DeviceViewer>> open(spice::ChannelId id);

 private:
  friend class DeviceViewer;
  void viewer_opened(DeviceViewer& viewer);
  void released(DeviceViewer& viewer);
  bool join(const std::shared_ptr<DeviceViewer>& viewer);

  GuestSource& guest_;
  std::function<void(const std::vector<spice::ChannelId>&)> appeared_;
  std::vector<GuestDevice> offered_;     ///< with the numbers that viewers see
  std::vector<spice::ChannelId> known_;  ///< likewise
  struct Owner {
    spice::ChannelId id;
    DeviceViewer* viewer;
    std::weak_ptr<DeviceViewer> held;
  };
  std::vector<Owner> owners_;
};

}  // namespace cassia::server
