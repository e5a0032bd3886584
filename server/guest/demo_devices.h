// SPDX-License-Identifier: Apache-2.0
#pragma once

// The demo guest's devices: a port that echoes and a reader of the viewer's shared folder.

#include <functional>

#include "net/task.h"
#include "server/guest/device_end.h"

namespace cassia::server {

inline constexpr const char* demo_echo_port = "org.cassia.demo.echo";

class DemoDevices {
 public:
  /// `folder` gets one sentence on the viewer's shared folder: what lies in it, or why not.
  DemoDevices(net::Executor executor, std::function<void(const std::string&)> folder)
      : executor_(std::move(executor)), folder_(std::move(folder)) {}

  static std::vector<GuestDevice> list();
  /// Null for a channel that is not in the list.
  std::shared_ptr<DeviceEnd> open(spice::ChannelId id, std::weak_ptr<DeviceEnd> viewer);

 private:
  net::Executor executor_;
  std::function<void(const std::string&)> folder_;
};

}  // namespace cassia::server
