// SPDX-License-Identifier: Apache-2.0
#pragma once

// What of this machine the viewer lends the guest.

#include <string>
#include <vector>

#include "base/result.h"

namespace cassia::client {

struct DeviceOptions {
  std::string share_folder;  ///< empty: none
  bool share_read_only = false;
  bool smartcard = false;
  std::vector<std::string> smartcard_certificates;  ///< three, or none: the real readers
  std::string smartcard_database;                   ///< NSS's; empty: the system's
  std::vector<std::string> usb_images;  ///< each is a stick on a usbredir channel of its own
};

/// "A,B,C" of --smartcard-certs.
Result<void> parse_smartcard_certificates(const std::string& text, DeviceOptions& options);

/// "DIR" or "DIR:ro" of --share-folder. The folder must be there.
Result<void> parse_share_folder(const std::string& text, DeviceOptions& options);

}  // namespace cassia::client
