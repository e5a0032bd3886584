// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest's end of a device channel behind an upstream SPICE server. It has a connection of its
// own there, for as long as a viewer has the channel open: QEMU sees a device or a port being
// opened and closed just as it would without a gateway.

#include <functional>
#include <vector>

#include "server/guest/device_end.h"

namespace cassia::server {

/// May a port of this name be relayed to viewers? Of those in `allowed` and the shared folder's;
/// never QEMU's monitors, which control the VM, nor what the gateway itself offers.
bool may_relay_port(const std::string& name, const std::vector<std::string>& allowed);

class UpstreamDevice final : public DeviceEnd,
                             public channels::PortEvents,
                             public channels::SmartcardEvents {
 public:
  /// `allowed` as for may_relay_port(); `compress`: see channels::PortOptions.
  UpstreamDevice(spice::ChannelId id, std::weak_ptr<DeviceEnd> viewer,
                 std::vector<std::string> allowed)
      : id_(id), viewer_(std::move(viewer)), allowed_(std::move(allowed)) {}

  /// The channel to connect; this must outlive it.
  std::unique_ptr<channels::Channel> make_channel(bool compress);
  /// The connection has ended, or could not be made. Idempotent.
  void over(const Error& why);

 private:
  // What the viewer's end hands over.
  void device_ready(const std::string&, bool) override {}
  void device_data(ByteView data) override;
  void device_event(channels::PortEvent event) override;
  void device_card(const channels::CardMessage& message) override;
  bool device_takes() const override;
  void device_resume() override;
  void device_gone(const Error& why) override;

  // What the upstream says.
  void port_opened(const std::string& name, bool opened) override;
  void port_data(ByteView data) override;
  void port_event(channels::PortEvent event) override;
  void port_writable() override { writable(); }
  void port_closed(const Error& why) override { over(why); }
  void smartcard_opened() override;
  void smartcard_message(const channels::CardMessage& message) override;
  void smartcard_writable() override { writable(); }
  void smartcard_closed(const Error& why) override { over(why); }

  /// Now, or as soon as the connection is open.
  void send(std::function<void()> action);
  void up(const std::string& name, bool opened);
  void hand_over(const std::function<void(DeviceEnd&)>& what);
  void writable();
  channels::MessageLink* link() const;

  spice::ChannelId id_;
  std::weak_ptr<DeviceEnd> viewer_;
  std::vector<std::string> allowed_;
  channels::PortClient* port_ = nullptr;  ///< one of the two, until the end
  channels::SmartcardChannel* card_ = nullptr;
  bool up_ = false;
  bool over_ = false;
  bool unwanted_ = false;
  /// What came before the connection was open; the viewer is not read from meanwhile, so this is
  /// what one read held at most.
  std::vector<std::function<void()>> early_;
};

}  // namespace cassia::server
