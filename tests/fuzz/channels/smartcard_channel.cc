// SPDX-License-Identifier: Apache-2.0
// The smartcard channel in both roles; in the client role with a viewer's readers behind it. Byte
// 0: the role; then messages of 2 bytes of size and that many bytes. Size 0xffff, client role: a
// reader comes, a card is put in, or they go, by the byte that follows.

#include <cstdlib>

#include "channels/link/message_sender.h"
#include "channels/smartcard/card_readers.h"
#include "protocol/wire/reader.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

struct Sink : SmartcardEvents {
  void smartcard_opened() override {}
  void smartcard_message(const CardMessage& message) override {
    if (message.data.size() > spice::max_card_payload) std::abort();
    if (readers) readers->receive(message);
  }
  void smartcard_closed(const Error&) override {}
  CardReaders* readers = nullptr;
};

void act(CardReaders& readers, std::uint8_t what) {
  const ReaderKey key = what >> 2;
  switch (what & 3) {
    case 0:
      return readers.add(key, "reader");
    case 1:
      return readers.insert(key, Bytes(what & 0x1f, 0x3b));
    case 2:
      return readers.take_out(key);
    default:
      return readers.remove(key);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Role role = (data[0] & 1) != 0 ? Role::server : Role::client;
  Sink sink;
  const auto channel = SmartcardChannel::create(role, sink);
  CardReaders* answering = nullptr;
  CardReaders readers({[&](const CardMessage& m) { channel->send_card(m); },
                       [&](ReaderKey key, ByteView apdu) {
                         if (apdu.size() % 2 == 0) return answering->answer(key, apdu);
                         answering->fail(key);
                       },
                       [](const std::string&) {}});
  answering = &readers;
  if (role == Role::client) sink.readers = &readers;
  MessageSender link({}, [] {});
  link.set_peer({spice::ChannelType::smartcard, 0}, {});
  channel->attach(&link);
  channel->on_open();
  wire::Reader reader(ByteView(data + 1, size - 1));
  while (reader.remaining() >= 2) {
    const std::uint16_t length = reader.u16();
    if (length == 0xffff) {
      act(readers, reader.u8());
      continue;
    }
    const ByteView body = reader.bytes(std::min<std::size_t>(length, reader.remaining()));
    if (!channel->on_message(101, body, {})) break;
    link.take_output();
  }
  return 0;
}
