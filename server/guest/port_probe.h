// SPDX-License-Identifier: Apache-2.0
#pragma once

// Learns the name of an upstream port: a port says it once it is open, so it is opened and closed
// again. Only done where the allow-list names ports at all.

#include <optional>

#include "channels/port/port_channel.h"

namespace cassia::server {

class PortProbe final : public channels::PortEvents {
 public:
  std::unique_ptr<channels::Channel> make_channel() {
    auto channel = channels::PortClient::create(*this);
    channel_ = channel.get();
    return channel;
  }
  /// None: the port could not be opened.
  const std::optional<std::string>& name() const { return name_; }

 private:
  void port_opened(const std::string& name, bool) override {
    name_ = name;
    channel_->link()->close();
  }
  void port_data(ByteView) override {}
  void port_event(channels::PortEvent) override {}
  void port_closed(const Error&) override { channel_ = nullptr; }

  channels::PortClient* channel_ = nullptr;
  std::optional<std::string> name_;
};

}  // namespace cassia::server
