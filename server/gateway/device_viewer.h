// SPDX-License-Identifier: Apache-2.0
#pragma once

// A viewer's end of a device channel.

#include "server/guest/device_end.h"

namespace cassia::server {

class DeviceHub;

/// Must not outlive the hub.
class DeviceViewer final : public DeviceEnd,
                           public channels::PortEvents,
                           public channels::SmartcardEvents {
 public:
  DeviceViewer(DeviceHub& hub, spice::ChannelId id) : hub_(hub), id_(id) {}
  ~DeviceViewer() override;
  DeviceViewer(const DeviceViewer&) = delete;
  DeviceViewer& operator=(const DeviceViewer&) = delete;

  std::unique_ptr<channels::Channel> make_channel();
  spice::ChannelId id() const { return id_; }
  /// The guest's end is to be (or has become) this one; null: the guest is away.
  void join(std::shared_ptr<DeviceEnd> guest) { guest_ = std::move(guest); }
  bool joined() const { return guest_ != nullptr; }
  /// Ends the channel, e.g. because the guest no longer offers it.
  void close();

 private:
  // What the guest's end hands over.
  void device_ready(const std::string& name, bool opened) override;
  void device_data(ByteView data) override;
  void device_event(channels::PortEvent event) override;
  void device_card(const channels::CardMessage& message) override;
  bool device_takes() const override;
  void device_resume() override;
  void device_gone(const Error& why) override;

  // What the viewer says.
  void port_opened(const std::string& name, bool opened) override;
  void port_data(ByteView data) override;
  void port_event(channels::PortEvent event) override;
  void port_writable() override { writable(); }
  void port_closed(const Error& why) override { over(why); }
  void smartcard_opened() override { port_opened({}, true); }
  void smartcard_message(const channels::CardMessage& message) override;
  void smartcard_writable() override { writable(); }
  void smartcard_closed(const Error& why) override { over(why); }

  bool is_port() const;
  void hand_over(const std::function<void(DeviceEnd&)>& what);
  void writable();
  void over(const Error& why);
  channels::MessageLink* link() const;

  DeviceHub& hub_;
  spice::ChannelId id_;
  std::shared_ptr<DeviceEnd> guest_;
  channels::PortServer* port_ = nullptr;  ///< one of the two, until the end
  channels::SmartcardChannel* card_ = nullptr;
  bool open_ = false;       ///< the viewer's link is up
  bool told_name_ = false;  ///< a port's name is sent once
  bool guest_open_ = false;
};

}  // namespace cassia::server
