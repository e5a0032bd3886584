// SPDX-License-Identifier: Apache-2.0
// The smartcard channel in both roles, and the readers of a viewer against a guest's device.

#include <gtest/gtest.h>
#include <spice/enums.h>

#include "channels/smartcard/card_readers.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

struct Heard {
  CardMessageType type;
  std::uint32_t reader;
  Bytes data;
  bool operator==(const Heard&) const = default;
};

struct Log : SmartcardEvents {
  void smartcard_opened() override { opened = true; }
  void smartcard_message(const CardMessage& m) override {
    messages.push_back({m.type, m.reader, to_bytes(m.data)});
    if (on_message) on_message(m);
  }
  void smartcard_closed(const Error&) override { closed = true; }
  bool opened = false, closed = false;
  std::vector<Heard> messages;
  std::function<void(const CardMessage&)> on_message;
};

Bytes wire_form(std::uint32_t type, std::uint32_t reader, std::uint32_t length, std::size_t there) {
  wire::Writer writer;
  writer.u32(type);
  writer.u32(reader);
  writer.u32(length);
  writer.bytes(Bytes(there, 0x11));
  return writer.take();
}

struct Joined {
  Joined() {
    auto made = SmartcardChannel::create(Role::client, client_log);
    client = made.get();
    pair.emplace(
        [this](const LinkRequest&) {
          auto made_server = SmartcardChannel::create(Role::server, server_log);
          server = made_server.get();
          return made_server;
        },
        std::move(made), ClientLinkParams{{spice::ChannelType::smartcard, 0}}, 5);
    pair->pump();
  }
  Log client_log, server_log;
  SmartcardChannel* client = nullptr;
  SmartcardChannel* server = nullptr;
  std::optional<Pair> pair;
};

TEST(SmartcardTest, MessagesGoBothWays) {
  Joined joined;
  EXPECT_TRUE(joined.client_log.opened);
  EXPECT_TRUE(joined.server_log.opened);
  const Bytes apdu = {0x00, 0xa4, 0x04, 0x00};
  joined.client->send_card({CardMessageType::reader_add, spice::no_reader, as_bytes("Reader")});
  joined.client->send_card({CardMessageType::atr, 0, apdu});
  joined.server->send_card({CardMessageType::apdu, 0, apdu});
  joined.server->send_card({CardMessageType::flush, 0, {}});
  joined.pair->pump();
  ASSERT_EQ(joined.server_log.messages.size(), 2u);
  EXPECT_EQ(joined.server_log.messages[0],
            (Heard{CardMessageType::reader_add, spice::no_reader, to_bytes("Reader")}));
  EXPECT_EQ(joined.server_log.messages[1], (Heard{CardMessageType::atr, 0, apdu}));
  ASSERT_EQ(joined.client_log.messages.size(), 2u);
  EXPECT_EQ(joined.client_log.messages[0], (Heard{CardMessageType::apdu, 0, apdu}));
  EXPECT_EQ(joined.client_log.messages[1].type, CardMessageType::flush);
}

TEST(SmartcardTest, TheHeaderIsLittleEndian) {
  Log log;
  const auto server = SmartcardChannel::create(Role::server, log);
  ASSERT_TRUE(server->on_message(SPICE_MSGC_SMARTCARD_DATA,
                                 Bytes{7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0xca, 0xfe}, {}));
  EXPECT_EQ(log.messages.at(0), (Heard{CardMessageType::apdu, 1, Bytes{0xca, 0xfe}}));
}

TEST(SmartcardTest, HostileMessagesAreErrors) {
  Log log;
  const auto client = SmartcardChannel::create(Role::client, log);
  const auto server = SmartcardChannel::create(Role::server, log);
  const auto to_server = [&](const Bytes& b) { return server->on_message(101, b, {}).has_value(); };
  const auto to_client = [&](const Bytes& b) { return client->on_message(101, b, {}).has_value(); };
  EXPECT_FALSE(to_server({}));
  EXPECT_FALSE(to_server(Bytes(11, 0)));
  EXPECT_FALSE(to_server(wire_form(7, 0, 0xffffffff, 10)));  // 4 GiB
  EXPECT_FALSE(to_server(wire_form(7, 0, 11, 10)));          // one byte more than there is
  EXPECT_FALSE(to_server(wire_form(7, 0, 70000, 70000)));    // no APDU is that long
  EXPECT_FALSE(to_server(wire_form(5, 0, 41, 41)));          // nor an ATR
  EXPECT_FALSE(to_server(wire_form(3, 0, 513, 513)));        // nor a reader's name
  EXPECT_FALSE(to_server(wire_form(2, 0, 3, 3)));            // an error has a code
  EXPECT_FALSE(to_server(wire_form(1, 0, 11, 11)));
  EXPECT_FALSE(to_server(wire_form(0, 0, 0, 0)));
  EXPECT_FALSE(to_server(wire_form(10, 0, 0, 0)));
  EXPECT_FALSE(to_server(wire_form(8, 0, 0, 0)));  // flush is the server's to send
  EXPECT_FALSE(to_client(wire_form(3, 0, 0, 0)));  // and readers are the client's
  EXPECT_FALSE(to_client(wire_form(5, 0, 4, 4)));
  EXPECT_FALSE(server->on_message(102, {}, {}));
  EXPECT_FALSE(client->on_message(103, {}, {}));
  EXPECT_TRUE(log.messages.empty());
}

TEST(SmartcardTest, ErrorCodesOfBothByteOrders) {
  const Bytes little = {2, 0, 0, 0}, big = {0, 0, 0, 2}, zero(4, 0), odd = {9, 9, 9, 9};
  const auto code = [](const Bytes& b) { return card_error({CardMessageType::error, 0, b}); };
  EXPECT_EQ(code(little), CardError::no_more_readers);
  EXPECT_EQ(code(big), CardError::no_more_readers);
  EXPECT_EQ(code(zero), CardError::success);
  EXPECT_EQ(code(odd), CardError::general);
}

/// The viewer's readers and what they have sent.
struct Readers {
  Readers()
      : readers({[this](const CardMessage& m) {
                   sent.push_back({m.type, m.reader, to_bytes(m.data)});
                 },
                 [this](ReaderKey key, ByteView apdu) { asked.emplace_back(key, to_bytes(apdu)); },
                 [this](const std::string& text) { problems.push_back(text); }}) {}
  void answer(std::uint32_t reader, CardError code = CardError::success) {
    const Bytes data = card_error_data(code);
    readers.receive({CardMessageType::error, reader, data});
  }
  std::vector<Heard> sent;
  std::vector<std::pair<ReaderKey, Bytes>> asked;
  std::vector<std::string> problems;
  CardReaders readers;
};

TEST(CardReadersTest, OneRequestAtATimeInOrder) {
  Readers r;
  r.readers.add(10, "A");
  r.readers.insert(10, {0x3b});
  r.readers.add(11, "B");
  ASSERT_EQ(r.sent.size(), 1u);
  EXPECT_EQ(r.sent[0], (Heard{CardMessageType::reader_add, spice::no_reader, to_bytes("A")}));
  r.answer(0);
  ASSERT_EQ(r.sent.size(), 2u);  // the card that was put in before
  EXPECT_EQ(r.sent[1], (Heard{CardMessageType::atr, 0, Bytes{0x3b}}));
  r.answer(0);
  ASSERT_EQ(r.sent.size(), 3u);
  EXPECT_EQ(r.sent[2].type, CardMessageType::reader_add);
  r.answer(spice::no_reader, CardError::no_more_readers);
  EXPECT_EQ(r.problems.size(), 1u);
  EXPECT_EQ(r.readers.number(10), 0u);
  EXPECT_FALSE(r.readers.number(11));
  r.readers.take_out(10);
  EXPECT_EQ(r.sent.back(), (Heard{CardMessageType::card_remove, 0, {}}));
  r.readers.remove(10);
  r.answer(0);
  EXPECT_EQ(r.sent.back(), (Heard{CardMessageType::reader_remove, 0, {}}));
  r.answer(0);
  EXPECT_FALSE(r.readers.number(10));
}

TEST(CardReadersTest, ApdusAndFlush) {
  Readers r;
  r.readers.add(1, "A");
  r.answer(3);
  const Bytes apdu = {1, 2, 3};
  r.readers.receive({CardMessageType::apdu, 3, apdu});  // no card yet
  EXPECT_EQ(r.sent.back().type, CardMessageType::error);
  r.readers.insert(1, {0x3b});
  r.answer(3);
  r.readers.receive({CardMessageType::apdu, 3, apdu});
  r.readers.receive({CardMessageType::apdu, 99, apdu});  // no such reader
  EXPECT_EQ(r.sent.back().reader, 99u);
  ASSERT_EQ(r.asked.size(), 1u);
  EXPECT_EQ(r.asked[0], std::make_pair(ReaderKey{1}, apdu));
  r.readers.receive({CardMessageType::flush, 3, {}});
  EXPECT_NE(r.sent.back().type, CardMessageType::flush_complete);
  const Bytes response = {0x90, 0x00};
  r.readers.answer(1, response);
  ASSERT_GE(r.sent.size(), 2u);
  EXPECT_EQ(r.sent[r.sent.size() - 2], (Heard{CardMessageType::apdu, 3, response}));
  EXPECT_EQ(r.sent.back(), (Heard{CardMessageType::flush_complete, 3, {}}));
}

TEST(CardReadersTest, AReaderThatGoesBeforeItHasANumber) {
  Readers r;
  r.readers.add(1, "A");
  r.readers.remove(1);
  r.answer(0);
  EXPECT_EQ(r.sent.back(), (Heard{CardMessageType::reader_remove, 0, {}}));
  r.answer(0);
  r.answer(0);  // nobody asked
  r.readers.remove(77);
  EXPECT_EQ(r.sent.size(), 2u);
}

}  // namespace
}  // namespace cassia::channels
