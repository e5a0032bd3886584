// SPDX-License-Identifier: Apache-2.0
#pragma once

// A guest without a VM: a small desktop drawn with real draw commands on several surfaces, with
// windows that can be dragged, a terminal that echoes, a clock and things to click.

#include <functional>
#include <memory>
#include <string>

#include "net/task.h"
#include "server/guest/demo_agent.h"
#include "server/guest/demo_audio.h"
#include "server/guest/guest_source.h"

namespace cassia::server {

struct DemoGuestOptions {
  raster::Size size{1024, 768};
  /// The text of the clock, asked once a second; empty: local time. Tests state a fixed one.
  std::function<std::string()> clock_text;
  DemoAgentOptions agent;
  DemoAudioOptions audio;
};

std::unique_ptr<GuestSource> make_demo_guest(net::Executor executor, DemoGuestOptions options = {});

}  // namespace cassia::server
