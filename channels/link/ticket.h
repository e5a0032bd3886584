// SPDX-License-Identifier: Apache-2.0
#pragma once

// The client's half of the ticket: the password under the server's RSA key (OAEP, SHA-1).

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::channels {

/// `public_key` is the SubjectPublicKeyInfo of the link reply. 128 bytes.
Result<Bytes> encrypt_ticket(ByteView public_key, std::string_view password);

}  // namespace cassia::channels
