// SPDX-License-Identifier: Apache-2.0
#include "channels/smartcard/smartcard_channel.h"

#include <spice/enums.h>

#include "protocol/wire/writer.h"

namespace cassia::channels {
namespace {

static_assert(SPICE_MSG_SMARTCARD_DATA == int{SPICE_MSGC_SMARTCARD_DATA});

constexpr std::size_t longest_atr = 40;    // ISO 7816-3 allows 33
constexpr std::size_t longest_name = 512;  // of a reader
constexpr std::size_t error_size = 4;
constexpr std::size_t init_size = 12;  // magic, version and one word of capabilities, or more

bool may_send(CardMessageType type, Role sender) {
  switch (type) {
    case CardMessageType::apdu:
    case CardMessageType::error:
    case CardMessageType::init:
      return true;
    case CardMessageType::flush:
      return sender == Role::server;
    case CardMessageType::reader_add:
    case CardMessageType::reader_remove:
    case CardMessageType::atr:
    case CardMessageType::card_remove:
    case CardMessageType::flush_complete:
      return sender == Role::client;
  }
  return false;
}

bool size_is_right(CardMessageType type, std::size_t size) {
  switch (type) {
    case CardMessageType::init:
      return size >= init_size;
    case CardMessageType::error:
      return size == error_size;
    case CardMessageType::reader_add:
      return size <= longest_name;
    case CardMessageType::atr:
      return size <= longest_atr;
    case CardMessageType::apdu:
      return true;  // within spice::max_card_payload
    default:
      return size == 0;
  }
}

class Smartcard final : public SmartcardChannel {
 public:
  Smartcard(Role role, SmartcardEvents& events) : role_(role), events_(events) {}

  void on_open() override { events_.smartcard_opened(); }
  void on_writable() override { events_.smartcard_writable(); }
  void on_closed(const Error& why) override { events_.smartcard_closed(why); }

  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint) override {
    if (type != SPICE_MSG_SMARTCARD_DATA) {
      return fail(ErrorKind::malformed, "unknown smartcard message {}", type);
    }
    const Role sender = role_ == Role::client ? Role::server : Role::client;
    events_.smartcard_message(CASSIA_TRY(parse_card_message(body, sender)));
    return {};
  }

  void send_card(const CardMessage& message) override {
    spice::CardData data;
    data.type = message.type;
    data.reader = message.reader;
    data.data = wire::Blob(message.data);
    send(SPICE_MSG_SMARTCARD_DATA, wire::encode(data));
  }

 private:
  Role role_;
  SmartcardEvents& events_;
};

}  // namespace

Result<CardMessage> parse_card_message(ByteView body, Role sender) {
  const auto data = CASSIA_TRY(wire::parse<spice::CardData>(body));
  if (!may_send(data.type, sender)) {
    return fail(ErrorKind::malformed, "a smartcard message of type {} from the {}",
                static_cast<std::uint32_t>(data.type),
                sender == Role::client ? "client" : "server");
  }
  if (!size_is_right(data.type, data.data.size())) {
    return fail(ErrorKind::malformed, "a smartcard message of type {} with {} bytes",
                static_cast<std::uint32_t>(data.type), data.data.size());
  }
  return CardMessage{data.type, data.reader, data.data.view()};
}

CardError card_error(const CardMessage& message) {
  std::uint32_t code = wire::Reader(message.data).u32();
  if (code > 0xffff) code = __builtin_bswap32(code);
  return code > static_cast<std::uint32_t>(CardError::already_inserted)
             ? CardError::general
             : static_cast<CardError>(code);
}

Bytes card_error_data(CardError code) {
  wire::Writer writer;
  writer.u32(static_cast<std::uint32_t>(code));
  return writer.take();
}

std::unique_ptr<SmartcardChannel> SmartcardChannel::create(Role role, SmartcardEvents& events) {
  return std::make_unique<Smartcard>(role, events);
}

}  // namespace cassia::channels
