// SPDX-License-Identifier: Apache-2.0
#include "client/devices/device_set.h"

#include <filesystem>

#include "client/devices/card_host.h"
#include "client/devices/folder_server.h"
#include "client/devices/smartcard.h"
#include "client/devices/usb_image.h"
#include "client/devices/webdav_share.h"

namespace cassia::client {

using spice::ChannelId;
using spice::ChannelType;

bool is_device(ChannelType type) {
  return type == ChannelType::usbredir || type == ChannelType::webdav ||
         type == ChannelType::smartcard;
}

Result<void> parse_share_folder(const std::string& text, DeviceOptions& options) {
  constexpr std::string_view read_only = ":ro";
  options.share_read_only = text.ends_with(read_only);
  options.share_folder = text;
  if (options.share_read_only) options.share_folder.resize(text.size() - read_only.size());
  std::error_code ec;
  if (!std::filesystem::is_directory(options.share_folder, ec)) {
    return fail(ErrorKind::invalid_argument, "--share-folder {}: not a folder",
                options.share_folder);
  }
  return {};
}

Result<void> parse_smartcard_certificates(const std::string& text, DeviceOptions& options) {
  for (std::size_t at = 0;;) {
    const auto comma = text.find(',', at);
    options.smartcard_certificates.push_back(text.substr(at, comma - at));
    if (comma == std::string::npos) break;
    at = comma + 1;
  }
  if (options.smartcard_certificates.size() != 3) {
    return fail(ErrorKind::invalid_argument, "--smartcard-certs takes three names: A,B,C");
  }
  options.smartcard = true;
  return {};
}

DeviceSet::DeviceSet(boost::asio::io_context& io, const DeviceOptions& options)
    : io_(io), options_(options) {}

DeviceSet::~DeviceSet() { stop(); }

void DeviceSet::stop() {
  if (cards_) cards_->stop();
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
  if (!folder_) {
    folder_ = CASSIA_TRY(FolderServer::start(options_.share_folder, options_.share_read_only));
  }
  return make_webdav_share(io_, folder_);
}

}  // namespace cassia::client
