// SPDX-License-Identifier: Apache-2.0
// The byte stream that port, usbredir and webdav channels share: compression, chunks, back
// pressure.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lz4.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include <random>

#include "channels/port/port_data.h"
#include "channels/usbredir/usbredir_channel.h"
#include "protocol/spice/header.h"
#include "protocol/spice/vmc_messages.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

using ::testing::HasSubstr;

struct Log : PortEvents {
  void port_opened(const std::string& n, bool o) override { opened.emplace_back(n, o); }
  void port_data(ByteView d) override { data.insert(data.end(), d.begin(), d.end()); }
  void port_event(PortEvent e) override { events.push_back(e); }
  void port_writable() override { ++writable; }
  void port_closed(const Error&) override { closed = true; }
  std::vector<std::pair<std::string, bool>> opened;
  Bytes data;
  std::vector<PortEvent> events;
  int writable = 0;
  bool closed = false;
};

Bytes noise(std::size_t size) {
  std::mt19937 random(7);
  Bytes out(size);
  for (auto& byte : out) byte = static_cast<std::uint8_t>(random());
  return out;
}

/// A usbredir client and server, joined.
struct Joined {
  explicit Joined(bool server_offers_lz4, std::size_t fragment = 1) {
    auto made = make_usbredir_client(client_log);
    client = made.get();
    pair.emplace(
        [this](const LinkRequest&) {
          auto made_server = make_usbredir_server(server_log);
          server = made_server.get();
          return made_server;
        },
        std::move(made), ClientLinkParams{{spice::ChannelType::usbredir, 2}}, fragment);
    if (server_offers_lz4) pair->policy.caps = {SPICE_SPICEVMC_CAP_DATA_COMPRESS_LZ4};
    pair->pump();
  }
  Log client_log, server_log;
  PortClient* client = nullptr;
  PortServer* server = nullptr;
  std::optional<Pair> pair;
};

TEST(StreamTest, UsbredirHasNeitherNameNorEvents) {
  Joined joined(true);
  EXPECT_EQ(joined.client_log.opened, (std::vector<std::pair<std::string, bool>>{{"", true}}));
  EXPECT_EQ(joined.server_log.opened, (std::vector<std::pair<std::string, bool>>{{"", true}}));
  EXPECT_FALSE(joined.server->on_message(SPICE_MSGC_PORT_EVENT, Bytes{0}, {}));
  EXPECT_TRUE(joined.client->on_message(SPICE_MSG_PORT_EVENT, Bytes{0}, {}));
  EXPECT_TRUE(joined.client_log.events.empty());
}

TEST(StreamTest, CompressesBothWaysWhereThePeerOffersIt) {
  Joined joined(true, 4096);
  const Bytes text(300000, 'x');
  joined.client->send_data(text);
  joined.server->send_data(text);
  joined.pair->pump();
  EXPECT_EQ(joined.server_log.data, text);
  EXPECT_EQ(joined.client_log.data, text);
  EXPECT_LT(joined.client->link()->stats().bytes_sent, 10000u);
  EXPECT_LT(joined.server->link()->stats().bytes_sent, 10000u);
}

TEST(StreamTest, SendsPlainDataToAPeerThatOffersNothing) {
  Joined joined(false, 4096);
  const Bytes text(300000, 'x');
  joined.client->send_data(text);
  joined.pair->pump();
  EXPECT_EQ(joined.server_log.data, text);
  EXPECT_GT(joined.client->link()->stats().bytes_sent, 300000u);
}

TEST(StreamTest, NoiseAndSmallPiecesStayPlain) {
  EXPECT_EQ(make_port_message(noise(60000), true).type, SPICE_MSG_SPICEVMC_DATA);
  EXPECT_EQ(make_port_message(Bytes(1000, 'x'), true).type, SPICE_MSG_SPICEVMC_DATA);
  EXPECT_EQ(make_port_message(Bytes(1001, 'x'), true).type, SPICE_MSG_SPICEVMC_COMPRESSED_DATA);
  EXPECT_EQ(make_port_message(Bytes(1001, 'x'), false).type, SPICE_MSG_SPICEVMC_DATA);
}

TEST(StreamTest, AUsbTransferOfOneMebibyteIsOneMessage) {
  Joined joined(true, 4096);
  Bytes message(std::size_t{18}, 0);
  const Bytes body = noise((1u << 20) + 64);
  std::vector<SharedBytes> pieces;
  pieces.emplace_back(body);
  joined.client->link()->send(SPICE_MSGC_SPICEVMC_DATA, std::move(pieces));
  joined.pair->pump();
  EXPECT_FALSE(joined.pair->server_error);
  EXPECT_EQ(joined.server_log.data, body);
}

/// What the peer states about compressed data, and what is then there.
Bytes compressed(std::uint8_t type, std::uint32_t size, ByteView data) {
  spice::CompressedData message;
  message.type = static_cast<spice::DataCompression>(type);
  message.uncompressed_size = size;
  message.data = wire::Blob(data);
  return wire::encode(message);
}

TEST(StreamTest, LiesAboutCompressedSizesAreErrors) {
  Log log;
  const auto client = make_usbredir_client(log);
  const auto server = make_usbredir_server(log);
  const Bytes plain(5000, 'y');
  Bytes packed(5000);
  packed.resize(static_cast<std::size_t>(
      LZ4_compress_default(reinterpret_cast<const char*>(plain.data()),
                           reinterpret_cast<char*>(packed.data()), 5000, 5000)));
  const auto refused = [&](const Bytes& body) {
    return !client->on_message(SPICE_MSG_SPICEVMC_COMPRESSED_DATA, body, {}) &&
           !server->on_message(SPICE_MSGC_SPICEVMC_COMPRESSED_DATA, body, {});
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({1, 0, 0}));                          // no size
  EXPECT_TRUE(refused(compressed(1, 0xffffffff, packed)));  // 4 GiB
  EXPECT_TRUE(refused(compressed(1, 4u << 20, packed)));    // more than these bytes can make
  EXPECT_TRUE(refused(compressed(1, 4999, packed)));
  EXPECT_TRUE(refused(compressed(1, 5001, packed)));
  EXPECT_TRUE(refused(compressed(1, 5000, ByteView(packed).first(10))));
  EXPECT_TRUE(refused(compressed(7, 5000, packed)));  // no such method
  EXPECT_TRUE(log.data.empty());

  EXPECT_TRUE(
      client->on_message(SPICE_MSG_SPICEVMC_COMPRESSED_DATA, compressed(1, 5000, packed), {}));
  EXPECT_EQ(log.data, plain);
  log.data.clear();
  EXPECT_TRUE(client->on_message(SPICE_MSG_SPICEVMC_COMPRESSED_DATA, compressed(0, 0, plain), {}));
  EXPECT_EQ(log.data, plain);
}

TEST(StreamTest, AMessageBeyondTheCapIsRefusedByItsHeader) {
  Joined joined(true, 4096);
  Bytes header =
      spice::encode_header(spice::HeaderKind::mini, {0, SPICE_MSGC_SPICEVMC_DATA, 0xfffffff0, 0});
  const auto taken = joined.pair->server->receive(header, {});
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message(), HasSubstr("larger than the limit"));
}

TEST(StreamTest, AWriterThatAsksLearnsThatTheReaderIsSlow) {
  Joined joined(false, 4096);
  const Bytes chunk = noise(port_chunk);
  std::size_t sent = 0;
  while (joined.server->link()->writable()) {
    joined.server->send_data(chunk);
    sent += chunk.size();
  }
  // Nobody has read a byte: what waits is bounded.
  EXPECT_LE(joined.server->link()->pending_output(), sent + 1024);
  EXPECT_LE(sent, (256u << 10) + port_chunk);
  joined.pair->pump();
  EXPECT_EQ(joined.client_log.data.size(), sent);
  EXPECT_GE(joined.server_log.writable, 1);
}

TEST(StreamTest, APausedReaderTakesNoMore) {
  Joined joined(false, 4096);
  joined.client->link()->pause_reading(true);
  EXPECT_TRUE(joined.pair->client->reading_paused());
  joined.client->link()->pause_reading(false);
  EXPECT_FALSE(joined.pair->client->reading_paused());
}

}  // namespace
}  // namespace cassia::channels
