// SPDX-License-Identifier: Apache-2.0
#pragma once

// The header before each message (mini or full) and the lists of sub-messages that a full header or
// a SPICE_MSG_LIST carries. Source: spice/protocol.h (SpiceDataHeader, SpiceMiniDataHeader,
// SpiceSubMessageList).

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::spice {

enum class HeaderKind : std::uint8_t { full, mini };

constexpr std::size_t header_size(HeaderKind kind) { return kind == HeaderKind::mini ? 6 : 18; }

struct MessageHeader {
  std::uint64_t serial = 0;  ///< full only
  std::uint16_t type = 0;
  std::uint32_t size = 0;      ///< of the body
  std::uint32_t sub_list = 0;  ///< full only: offset in the body, 0 if there is none
};

/// `bytes` holds header_size(kind) bytes at least.
MessageHeader parse_header(HeaderKind kind, ByteView bytes);
Bytes encode_header(HeaderKind kind, const MessageHeader& header);

struct SubMessage {
  std::uint16_t type = 0;
  ByteView body;  ///< borrowed from the message
};

/// The sub-messages of the list at `offset` of `body`, in order.
Result<std::vector<SubMessage>> parse_sub_messages(ByteView body, std::uint32_t offset);
/// A SPICE_MSG_LIST body (its list is at offset 0).
Bytes encode_sub_messages(const std::vector<SubMessage>& messages);

}  // namespace cassia::spice
