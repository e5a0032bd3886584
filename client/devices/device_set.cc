// SPDX-License-Identifier: Apache-2.0
#include "client/devices/device_set.h"

#include "client/devices/card_host.h"
#include "client/devices/shared_folder.h"
#include "client/devices/smartcard.h"
#include "client/devices/usb_image.h"
#include "client/devices/webdav_share.h"

namespace cassia::client {

using spice::ChannelId;
using spice::ChannelType;

DeviceSet::DeviceSet(boost::asio::io_context& io, const DeviceOptions& options)
    : io_(io), options_(options) {
  if (options.share_folder.empty()) return;
  folder_ = std::make_shared<SharedFolder>(io, options);
  files_ = folder_.get();
}

DeviceSet::~DeviceSet() { stop(); }

void DeviceSet::stop() {
  if (cards_) cards_->stop();
  if (folder_) folder_->stop();
}

bool DeviceSet::wants(ChannelId id) const {
  switch (id.type) {
    case ChannelType::webdav:
      return id.id == 0 && !options_.share_folder.empty();
    case ChannelType::usbredir:
      return id.id < options_.usb_images.size();
    case ChannelType::smartcard:
      return id.id == 0 && options_.smartcard;
    default:
      return false;
  }
}

Result<std::unique_ptr<ClientDevice>> DeviceSet::make(ChannelId id) {
  if (id.type == ChannelType::usbredir) return UsbImage::open(options_.usb_images.at(id.id));
  if (id.type == ChannelType::smartcard) {
    if (!cards_) {
      cards_ = CASSIA_TRY(
          CardHost::start(io_, options_.smartcard_certificates, options_.smartcard_database));
    }
    return make_smartcard(cards_);
  }
  auto server = CASSIA_TRY(folder_->server());
  // The share may outlive this.
  return make_webdav_share(io_, std::move(server),
                           [folder = folder_](bool open) { folder->set_open(open); });
}

}  // namespace cassia::client
