// SPDX-License-Identifier: Apache-2.0
#pragma once

// The messages of the link handshake. Source: spice/protocol.h (SpiceLinkHeader, SpiceLinkMess,
// SpiceLinkReply).

#include <array>
#include <cstdint>

#include "base/result.h"
#include "protocol/spice/capabilities.h"
#include "protocol/spice/channel_id.h"
#include "protocol/wire/fields.h"

namespace cassia::spice {

/// No link message or reply is larger: capabilities are a few words.
inline constexpr std::size_t max_link_body = 4096;
inline constexpr std::size_t link_header_size = 16;
inline constexpr std::size_t ticket_key_size = 162;  // SPICE_TICKET_PUBKEY_BYTES
inline constexpr std::size_t ticket_size = 128;      // SPICE_TICKET_KEY_PAIR_LENGTH / 8
inline constexpr std::size_t max_password = 60;      // SPICE_MAX_PASSWORD_LENGTH

/// Stands before the link message and before the reply.
struct LinkHeader {
  static constexpr const char* name = "link header";
  std::uint32_t magic = 0;
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t size = 0;  ///< of the message that follows

  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.magic, m.major, m.minor, m.size);
  }
};

struct LinkMessage {
  std::uint32_t connection_id = 0;
  std::uint8_t channel_type = 0;
  std::uint8_t channel_id = 0;
  Capabilities common;
  Capabilities channel;

  static Result<LinkMessage> parse(ByteView body);
  /// With its LinkHeader.
  Bytes encode() const;
};

struct LinkReply {
  std::uint32_t error = 0;  ///< SPICE_LINK_ERR_*
  std::array<std::uint8_t, ticket_key_size> public_key{};
  Capabilities common;
  Capabilities channel;

  static Result<LinkReply> parse(ByteView body);
  /// With its LinkHeader.
  Bytes encode() const;
};

/// "need_secured", ...: what a SPICE_LINK_ERR_* code says.
const char* link_error_text(std::uint32_t code);

}  // namespace cassia::spice
