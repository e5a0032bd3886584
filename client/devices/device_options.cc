// SPDX-License-Identifier: Apache-2.0
#include "client/devices/device_options.h"

#include <filesystem>

namespace cassia::client {

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

}  // namespace cassia::client
