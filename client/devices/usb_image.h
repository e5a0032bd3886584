// SPDX-License-Identifier: Apache-2.0
#pragma once

// A disk image of this machine, plugged into the guest as a write-protected USB stick: --usb-image.

#include "channels/port/port_channel.h"
#include "client/devices/device_set.h"
#include "client/usb/redir_stick.h"
#include "storage/format/open.h"

namespace cassia::client {

class UsbImage final : public ClientDevice, public channels::PortEvents {
 public:
  /// Any format that cassia-disk reads; an ISO is raw.
  static Result<std::unique_ptr<ClientDevice>> open(const std::string& path);

  std::unique_ptr<channels::Channel> make_channel() override;

 private:
  explicit UsbImage(storage::OpenedImage image) : image_(std::move(image)) {}

  void port_opened(const std::string& name, bool opened) override;
  void port_data(ByteView data) override;
  void port_event(channels::PortEvent) override {}
  void port_writable() override;
  void port_closed(const Error&) override { channel_ = nullptr; }

  storage::OpenedImage image_;
  channels::PortClient* channel_ = nullptr;
  std::unique_ptr<RedirStick> stick_;
};

}  // namespace cassia::client
