// SPDX-License-Identifier: Apache-2.0
#include "storage/format/common/uuid.h"

#include <random>

namespace cassia::storage {

Uuid random_uuid() {
  std::random_device random;
  Uuid uuid{};
  for (std::uint8_t& byte : uuid) byte = static_cast<std::uint8_t>(random());
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x40);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace cassia::storage
