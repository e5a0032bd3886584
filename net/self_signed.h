// SPDX-License-Identifier: Apache-2.0
#pragma once

// A self-signed certificate made on the spot: for tests and for trying TLS out.

#include <string>

#include "base/result.h"

namespace cassia::net {

struct PemPair {
  std::string certificate;
  std::string key;
};

/// P-256, valid from an hour ago for `days`; subject "CN=common_name", which is also its only DNS
/// (or, if it is an IP literal, IP address) name.
Result<PemPair> make_self_signed(const std::string& common_name, int days = 30);

}  // namespace cassia::net
