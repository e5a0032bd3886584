// SPDX-License-Identifier: Apache-2.0
#include "client/devices/usb_image.h"

#include "base/log.h"
#include "channels/usbredir/usbredir_channel.h"

namespace cassia::client {

Result<std::unique_ptr<ClientDevice>> UsbImage::open(const std::string& path) {
  const auto formats = storage::FormatRegistry::standard();
  const storage::FollowAll references;
  storage::OpenSpec spec;
  spec.path = path;
  auto opened = storage::open_image({formats, references}, spec);
  if (!opened) return fail(opened.error().in("--usb-image"));
  return std::unique_ptr<ClientDevice>(new UsbImage(std::move(*opened)));
}

std::unique_ptr<channels::Channel> UsbImage::make_channel() {
  auto channel = channels::make_usbredir_client(*this);
  channel_ = channel.get();
  return channel;
}

void UsbImage::port_opened(const std::string&, bool) {
  stick_ = std::make_unique<RedirStick>(
      *image_.image, RedirStick::Out{[this](ByteView bytes) {
                                       if (channel_) channel_->send_data(bytes);
                                     },
                                     [this] { return channel_ && channel_->link()->writable(); }});
  log_info("usb", "{} is plugged in", image_.image->name());
}

void UsbImage::port_data(ByteView data) {
  if (const auto taken = stick_->receive(data); !taken) {
    log_warn("usb", "{}: {}", image_.image->name(), taken.error().message());
    if (channel_) channel_->link()->close();
  }
}

void UsbImage::port_writable() {
  if (stick_) stick_->resume();
}

}  // namespace cassia::client
