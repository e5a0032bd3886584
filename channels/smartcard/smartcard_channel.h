// SPDX-License-Identifier: Apache-2.0
#pragma once

// The smartcard channel, both roles: messages between the readers of the client and the card device
// of the guest. Source: vscard_common.h of libcacard (message types and who sends them). What a
// message may hold is checked here; what it means is the owner's (card_readers.h for a viewer).
//
// The client sends reader_add, reader_remove, atr, card_remove, apdu, error and flush_complete; the
// server apdu, error, flush and init. Each side's messages are refused from the other.

#include <memory>

#include "channels/link/channel.h"
#include "protocol/spice/smartcard_messages.h"

namespace cassia::channels {

using spice::CardMessageType;

/// The codes of an error message (VSC_SUCCESS, ...).
enum class CardError : std::uint32_t {
  success,
  general,
  no_more_readers,
  already_inserted,
};

struct CardMessage {
  CardMessageType type = CardMessageType::apdu;
  std::uint32_t reader = spice::no_reader;
  ByteView data;  ///< received: borrowed for the call; to be sent: for the call
};

/// The code of an error message. libspice-server writes it little-endian, QEMU's card device
/// big-endian; codes are small, so both can be told apart.
CardError card_error(const CardMessage& message);
Bytes card_error_data(CardError code);

class SmartcardEvents {
 public:
  virtual ~SmartcardEvents() = default;
  virtual void smartcard_opened() = 0;
  virtual void smartcard_message(const CardMessage& message) = 0;
  virtual void smartcard_writable() {}
  virtual void smartcard_closed(const Error& why) = 0;
};

enum class Role : std::uint8_t { client, server };

/// Messages are small and answered one by one, so a well-behaved peer is never far behind; a relay
/// that gets more than it can pass on pauses reading.
class SmartcardChannel : public Channel {
 public:
  static std::unique_ptr<SmartcardChannel> create(Role role, SmartcardEvents& events);
  virtual void send_card(const CardMessage& message) = 0;
};

/// The check that the channel makes of what the other role sends.
Result<CardMessage> parse_card_message(ByteView body, Role sender);

}  // namespace cassia::channels
