// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one message of the smartcard channel, the same both ways (SPICE_MSG_SMARTCARD_DATA,
// SPICE_MSGC_SMARTCARD_DATA): a header and what it says. Source: vscard_common.h of libcacard
// (VSCMsgHeader, VSCMsgType). Between libspice-server and the card device the header is big-endian;
// on a SPICE connection it is little-endian like every other number.

#include <spice/enums.h>

#include <cstdint>

#include "protocol/wire/fields.h"

namespace cassia::spice {

enum class CardMessageType : std::uint32_t {
  init = SPICE_VSC_MESSAGE_TYPE_Init,
  error = SPICE_VSC_MESSAGE_TYPE_Error,  ///< the answer to most others; "no error" is one too
  reader_add = SPICE_VSC_MESSAGE_TYPE_ReaderAdd,
  reader_remove = SPICE_VSC_MESSAGE_TYPE_ReaderRemove,
  atr = SPICE_VSC_MESSAGE_TYPE_ATR,
  card_remove = SPICE_VSC_MESSAGE_TYPE_CardRemove,
  apdu = SPICE_VSC_MESSAGE_TYPE_APDU,
  flush = SPICE_VSC_MESSAGE_TYPE_Flush,
  flush_complete = SPICE_VSC_MESSAGE_TYPE_FlushComplete,
};

/// A reader that has no number yet: VSCARD_UNDEFINED_READER_ID.
inline constexpr std::uint32_t no_reader = 0xffffffff;

/// Largest payload of one message. An extended APDU has 64 KiB of data, with a header around it.
inline constexpr std::size_t max_card_payload = (std::size_t{64} << 10) + 64;

struct CardData {
  static constexpr const char* name = "smartcard";
  CardMessageType type = CardMessageType::init;
  std::uint32_t reader = no_reader;
  wire::Blob data;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    std::uint32_t length = static_cast<std::uint32_t>(m.data.size());
    io(m.type, m.reader, length);
    io.require(length <= max_card_payload, "the payload is too long");
    io.blob(m.data, length);
  }
};

}  // namespace cassia::spice
