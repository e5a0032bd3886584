// SPDX-License-Identifier: Apache-2.0
#pragma once

// What an agent inside the guest would do and QEMU can: the clipboard, and screens of the size of
// the viewer's windows (Console.SetUIInfo).

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/guest/dbus/clipboard.h"
#include "server/guest/guest_agent.h"

namespace cassia::server::dbus {

class Agent final : public GuestAgent, public std::enable_shared_from_this<Agent> {
 public:
  /// `consoles` are the paths of the displays, in their order. Without `clipboard` there is none.
  Agent(std::shared_ptr<Bus> bus, GuestAgentEvents& events, std::vector<std::string> consoles,
        bool clipboard);

  void start();
  void close();

  Result<void> send(spice::AgentMessage message) override;
  bool congested() const override { return false; }

 private:
  struct Resizing;
  void resize(const spice::AgentMonitorsConfig& config);

  const std::shared_ptr<Bus> bus_;
  GuestAgentEvents& events_;
  const std::vector<std::string> consoles_;
  std::shared_ptr<Clipboard> clipboard_;
  unsigned resizing_ = 0;
  bool up_ = false;
};

}  // namespace cassia::server::dbus
