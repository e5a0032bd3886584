// SPDX-License-Identifier: Apache-2.0
// Messages that every channel has: round trips, goodbyes, waiting for other channels, migration.

#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/link/base_senders.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t any_message = 200;

struct Host : RecordingChannel {
  using RecordingChannel::RecordingChannel;
  void on_round_trip(Duration d) override { round_trips.push_back(d); }
  void on_flush_mark() override { ++flush_marks; }
  Result<void> on_migrate_data(ByteView data) override {
    migrate_data = to_bytes(data);
    return {};
  }
  std::vector<Duration> round_trips;
  int flush_marks = 0;
  std::optional<Bytes> migrate_data;
};

/// Both ends of a channel of one session.
struct Line {
  explicit Line(spice::ChannelId id, std::shared_ptr<SerialBoard> board = nullptr,
                std::size_t fragment = 4096) {
    ClientLinkParams params;
    params.channel = id;
    params.board = std::move(board);
    params.on_migrate = [this](std::optional<Bytes> d) {
      migrated = true;
      data = std::move(d);
    };
    pair = std::make_unique<Pair>(
        [this](const LinkRequest&) {
          auto made = std::make_unique<Host>(server);
          host = made.get();
          return made;
        },
        std::make_unique<RecordingChannel>(client), std::move(params), fragment,
        ServerConnectionLimits{.ping_main = true});
    pair->pump();
  }
  void say(std::uint8_t text) {
    host->say(any_message, Bytes{text});
    pair->pump();
  }
  std::string heard() const {
    std::string out;
    for (const auto& [type, body] : client.messages) out += static_cast<char>(body.at(0));
    return out;
  }

  RecordingChannel::Log server, client;
  Host* host = nullptr;
  bool migrated = false;
  std::optional<Bytes> data;
  std::unique_ptr<Pair> pair;
};

TEST(BaseTest, TheServerMeasuresHowLongAnAnswerTakes) {
  for (const std::size_t filler : {std::size_t{0}, std::size_t{100000}}) {
    Line line({spice::ChannelType::display, 0});
    EXPECT_FALSE(line.pair->server->round_trip());
    const TimePoint start = TimePoint{} + 1000s;
    line.pair->server->ping(start, filler);
    const Bytes ping = drain(*line.pair->server);
    EXPECT_GE(ping.size(), filler);
    ASSERT_TRUE(line.pair->client->receive(ping, start + 20ms));
    const Bytes pong = drain(*line.pair->client);
    EXPECT_LT(pong.size(), 50u);  // without the filler
    ASSERT_TRUE(line.pair->server->receive(pong, start + 42ms));
    EXPECT_EQ(line.pair->server->round_trip(), Duration(42ms));
    EXPECT_EQ(line.host->round_trips, std::vector<Duration>{42ms});
    // An answer that nobody waits for measures nothing.
    ASSERT_TRUE(line.pair->server->receive(pong, start + 90ms));
    EXPECT_EQ(line.pair->server->round_trip(), Duration(42ms));
  }
}

TEST(BaseTest, AMainChannelIsMeasuredWhenItOpens) {
  Line line({spice::ChannelType::main, 0});
  EXPECT_TRUE(line.pair->server->round_trip());
}

TEST(BaseTest, BothSidesSayWhyAndWhenTheyGo) {
  Line one({spice::ChannelType::display, 0});
  say_goodbye(*one.host->link(), SPICE_MSG_DISCONNECTING, SPICE_LINK_ERR_NEED_SECURED,
              TimePoint{} + 5ns);
  const Bytes said = drain(*one.pair->server);
  const Bytes wanted = {SPICE_MSG_DISCONNECTING,     0, 12, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
                        SPICE_LINK_ERR_NEED_SECURED, 0, 0,  0};
  EXPECT_EQ(said, wanted);
  EXPECT_TRUE(one.pair->server->finished());
  ASSERT_TRUE(one.pair->client->receive(said, {}));
  EXPECT_TRUE(one.pair->client->finished());
  EXPECT_EQ(one.pair->client->verdict()->kind(), ErrorKind::closed);

  Line two({spice::ChannelType::display, 0});
  two.pair->client->say_goodbye(SPICE_LINK_ERR_OK, TimePoint{} + 7ns);
  EXPECT_TRUE(two.pair->client->finished());
  two.pair->pump();
  EXPECT_TRUE(two.pair->server->finished());
  EXPECT_FALSE(two.pair->server_error);
}

TEST(BaseTest, AChannelWaitsForTheOthersOfItsSession) {
  const auto board = std::make_shared<SerialBoard>();
  Line one({spice::ChannelType::display, 0}, board);
  Line two({spice::ChannelType::display, 1}, board);
  // The first message of a connection is SET_ACK: the third is the second of these.
  const auto wait = [&](std::uint64_t serial) {
    send_wait_for_channels(*one.host->link(),
                           {{static_cast<std::uint8_t>(spice::ChannelType::display), 1, serial}});
  };
  wait(3);
  one.say('a');
  one.say('b');
  EXPECT_EQ(one.heard(), "");
  EXPECT_TRUE(one.pair->client->reading_paused());
  two.say('x');
  EXPECT_EQ(one.heard(), "");
  two.say('y');
  EXPECT_EQ(one.heard(), "ab");
  EXPECT_FALSE(one.pair->client->reading_paused());
  wait(3);  // long since
  one.say('c');
  EXPECT_EQ(one.heard(), "abc");
}

TEST(BaseTest, NobodyWaitsForWhatIsNotThereOrHasGone) {
  const auto board = std::make_shared<SerialBoard>();
  Line one({spice::ChannelType::display, 0}, board);
  auto two = std::make_unique<Line>(spice::ChannelId{spice::ChannelType::display, 1}, board);
  const auto display = static_cast<std::uint8_t>(spice::ChannelType::display);
  send_wait_for_channels(*one.host->link(), {{display, 9, 1000}, {display, 0, 1000}});
  one.say('a');
  EXPECT_EQ(one.heard(), "a");
  send_wait_for_channels(*one.host->link(), {{display, 1, 1000}});
  one.say('b');
  EXPECT_EQ(one.heard(), "a");
  two->pair->client->closed({ErrorKind::closed, "gone"});
  EXPECT_EQ(one.heard(), "ab");
}

TEST(BaseTest, TwoChannelsThatWaitForEachOtherInTurnBothGoOn) {
  const auto board = std::make_shared<SerialBoard>();
  Line one({spice::ChannelType::display, 0}, board);
  Line two({spice::ChannelType::display, 1}, board);
  const auto display = static_cast<std::uint8_t>(spice::ChannelType::display);
  send_wait_for_channels(*one.host->link(), {{display, 1, 2}});  // serial 2 of one
  one.say('a');                                                  // 3
  two.say('x');                                                  // 2
  EXPECT_EQ(one.heard(), "a");
  send_wait_for_channels(*two.host->link(), {{display, 0, 4}});  // 3 of two
  two.say('y');                                                  // 4
  send_wait_for_channels(*one.host->link(), {{display, 1, 3}});  // 4 of one
  one.say('b');
  EXPECT_EQ(two.heard(), "xy");
  EXPECT_EQ(one.heard(), "ab");
}

TEST(BaseTest, AnErrorBehindAWaitEndsTheConnection) {
  const auto board = std::make_shared<SerialBoard>();
  Line one({spice::ChannelType::display, 0}, board);
  Line two({spice::ChannelType::display, 1}, board);
  send_wait_for_channels(*one.host->link(),
                         {{static_cast<std::uint8_t>(spice::ChannelType::display), 1, 2}});
  one.host->say(50, {});  // no such base message
  one.pair->pump();
  EXPECT_FALSE(one.pair->client->finished());
  two.say('x');
  EXPECT_TRUE(one.pair->client->finished());
  ASSERT_TRUE(one.pair->client->verdict());
  EXPECT_EQ(one.pair->client->verdict()->kind(), ErrorKind::malformed);
}

TEST(BaseTest, AMigrationCarriesItsDataToTheNextHost) {
  const spice::ChannelId id{spice::ChannelType::display, 0};
  Line from(id);
  Line to(id);
  from.say('a');
  send_migrate(*from.host->link(), true);
  from.pair->pump();
  EXPECT_EQ(from.host->flush_marks, 1);
  EXPECT_FALSE(from.migrated);  // the data is still to come
  const Bytes state = {1, 2, 3};
  send_migrate_data(*from.host->link(), SharedBytes(state));
  from.pair->pump();
  ASSERT_TRUE(from.migrated);
  EXPECT_EQ(from.data, state);

  MovedChannel moved = from.pair->client->release_channel();
  EXPECT_EQ(moved.ack_window, 20u);
  EXPECT_FALSE(from.pair->client->finished());
  const auto before = to.pair->client->adopt_channel(std::move(moved), false);
  to.pair->client->send_migrate_data(*from.data);
  to.pair->pump();
  EXPECT_EQ(to.host->migrate_data, state);
  to.say('b');
  EXPECT_EQ(from.heard(), "ab");  // the same channel goes on
  EXPECT_EQ(to.heard(), "");
  from.pair->client->say_goodbye(SPICE_LINK_ERR_OK, {});
  EXPECT_TRUE(from.pair->client->finished());
  from.pair->client->closed({ErrorKind::closed, "the source is gone"});
  EXPECT_FALSE(from.client.closed);
}

TEST(BaseTest, AMigrationWithoutDataIsOverAtOnce) {
  Line line({spice::ChannelType::display, 0});
  send_migrate(*line.host->link(), false);
  line.pair->pump();
  EXPECT_TRUE(line.migrated);
  EXPECT_FALSE(line.data);
  send_migrate_data(*line.host->link(), SharedBytes(Bytes{1}));
  line.pair->pump();
  EXPECT_TRUE(line.pair->client_error);
}

}  // namespace
}  // namespace cassia::channels
