// SPDX-License-Identifier: Apache-2.0
// Each message goes there and back without a change, and each truncation of it is an error. The
// draws are tested with the display channel, byte by byte as well.

#include <gtest/gtest.h>

#include "protocol/spice/base_messages.h"
#include "protocol/spice/cursor_messages.h"
#include "protocol/spice/display_messages.h"
#include "protocol/spice/inputs_messages.h"
#include "protocol/spice/main_messages.h"
#include "protocol/spice/port_messages.h"

namespace cassia::spice {
namespace {

/// `fixed` bytes must be there; what follows is open-ended data, of any length.
template <class T>
void expect_round_trip(const T& message, std::size_t wire_size, std::size_t open_end = 0) {
  const Bytes wire = wire::encode(message);
  EXPECT_EQ(wire.size(), wire_size) << T::name;
  const auto back = wire::parse<T>(wire);
  ASSERT_TRUE(back.has_value()) << back.error().message();
  EXPECT_EQ(wire::encode(*back), wire) << T::name;
  for (std::size_t size = 0; size < wire.size() - open_end; ++size) {
    EXPECT_FALSE(wire::parse<T>(ByteView(wire).first(size)).has_value()) << T::name << " " << size;
  }
}

wire::Blob blob(std::size_t size) { return wire::Blob(SharedBytes(Bytes(size, 0x42))); }

TEST(MessagesTest, Base) {
  expect_round_trip(SetAck{1, 20}, 8);
  expect_round_trip(AckSync{1}, 4);
  expect_round_trip(Ping{1, 2, blob(5)}, 17, 5);
  expect_round_trip(Migrate{3}, 4);
  expect_round_trip(Disconnecting{1, 2}, 12);
  expect_round_trip(Notify{1, 2, 3, 4, "hello"}, 30, 1);  // the zero after the text is not counted
  expect_round_trip(WaitForChannels{{{2, 0, 99}, {2, 1, 100}}}, 21);
}

TEST(MessagesTest, Main) {
  expect_round_trip(MainInit{1, 2, 3, 2, 1, 10, 1000, 0}, 32);
  expect_round_trip(ChannelsList{{{2, 0}, {3, 0}}}, 8);
  expect_round_trip(MouseModeState{3, 2}, 4);
  expect_round_trip(MouseModeRequest{2}, 2);
  expect_round_trip(MultiMediaTime{7}, 4);
  expect_round_trip(AgentTokens{7}, 4);
  expect_round_trip(AgentDisconnected{0}, 4);
  expect_round_trip(ServerName{"vm"}, 7);
  expect_round_trip(ServerUuid{{1, 2, 3}}, 16);
}

TEST(MessagesTest, Inputs) {
  expect_round_trip(KeyModifiersState{7}, 2);
  expect_round_trip(KeyCode{0x48e0}, 4);
  expect_round_trip(MouseMotion{-1, 2, 3}, 10);
  expect_round_trip(MousePosition{1, 2, 3, 4}, 11);
  expect_round_trip(MouseButtonEvent{1, 2}, 3);
}

TEST(MessagesTest, Cursor) {
  CursorImage image{cursor_cache_me, 9, 0, 2, 2, 1, 1, blob(16)};
  expect_round_trip(CursorInit{{-1, 2}, 3, 4, 1, image}, 9 + 2 + 17 + 16, 16);
  expect_round_trip(CursorSet{{-1, 2}, 1, image}, 5 + 2 + 17 + 16, 16);
  expect_round_trip(CursorSet{{-1, 2}, 1, {}}, 7);  // no cursor at all
  expect_round_trip(CursorMove{{-1, 2}}, 4);
  expect_round_trip(CursorTrail{1, 2}, 4);
  expect_round_trip(CursorInvalOne{1}, 8);
}

TEST(MessagesTest, Port) {
  expect_round_trip(PortInit{"org.cassia.storage.0", 1}, 9 + 21);
  expect_round_trip(PortEventMessage{2}, 1);
}

TEST(MessagesTest, Display) {
  expect_round_trip(DisplayInit{1, 1 << 24, 1, 1 << 22}, 14);
  expect_round_trip(PreferredCompression{7}, 1);
  expect_round_trip(PreferredVideoCodecs{{1, 2}}, 3);
  expect_round_trip(StreamReport{1, 2, 3, 4, 5, 6, -7, 8}, 32);
  expect_round_trip(StreamActivateReport{1, 2, 3, 4}, 16);
  expect_round_trip(DisplayMode{640, 480, 32}, 12);
  expect_round_trip(SurfaceCreate{1, 2, 3, 32, 1}, 20);
  expect_round_trip(SurfaceDestroy{1}, 4);
  expect_round_trip(InvalList{{{1, 2}, {1, 3}}}, 20);
  expect_round_trip(InvalPalette{1}, 8);
  StreamCreate stream;
  stream.clip = {1, {{0, 0, 1, 1}}};
  expect_round_trip(stream, 4 + 4 + 1 + 1 + 8 + 16 + 16 + 1 + 4 + 16);
  expect_round_trip(StreamData{1, 2, blob(3)}, 15);
  expect_round_trip(StreamDataSized{1, 2, 3, 4, {0, 0, 1, 1}, blob(3)}, 39);
  expect_round_trip(StreamClip{1, {}}, 5);
  expect_round_trip(StreamDestroy{1}, 4);
  expect_round_trip(MonitorsConfig{4, {{0, 0, 8, 8, 0, 0, 0}}}, 32);
}

TEST(MessagesTest, TextsEndAtTheirZeroAndHaveACap) {
  const Bytes name = {5, 0, 0, 0, 'v', 'm', 0, 'x', 0};
  EXPECT_EQ(wire::parse<ServerName>(name)->text, "vm");
  EXPECT_FALSE(wire::parse<ServerName>(Bytes(4, 0xff)).has_value());
  Bytes notify(24 + 10, 0);
  notify[20] = 11;  // one more than there is
  EXPECT_FALSE(wire::parse<Notify>(notify).has_value());
}

}  // namespace
}  // namespace cassia::spice
