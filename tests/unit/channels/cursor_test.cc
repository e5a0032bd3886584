// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <spice/enums.h>

#include "channels/cursor/cursor_channel.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

struct ClientLog : CursorClientEvents {
  void cursor_set(const CursorState& s) override { states.push_back(s); }
  void cursor_move(raster::Point p) override { moves.push_back(p); }
  void cursor_hide() override { ++hides; }
  void cursor_closed(const Error&) override {}
  std::vector<CursorState> states;
  std::vector<raster::Point> moves;
  int hides = 0;
};
struct ServerLog : CursorServerEvents {
  void cursor_opened() override { opened = true; }
  void cursor_closed(const Error&) override {}
  bool opened = false;
};

CursorShapePtr shape(std::uint64_t unique, Bytes data = Bytes(16, 0x80),
                     CursorType type = CursorType::alpha, std::uint16_t side = 2) {
  auto made = std::make_shared<CursorShape>();
  made->unique = unique;
  made->type = type;
  made->width = made->height = side;
  made->hot_x = 1;
  made->data = SharedBytes(std::move(data));
  return made;
}

class CursorTest : public testing::Test {
 protected:
  CursorTest() {
    auto made = CursorClient::create(client_log_);
    client_ = made.get();
    pair_ = std::make_unique<Pair>(
        [this](const LinkRequest&) {
          auto made_server = CursorServer::create(server_log_);
          server_ = made_server.get();
          return made_server;
        },
        std::move(made));
    pair_->pump();
  }
  CursorState with(CursorShapePtr s) {
    CursorState state;
    state.position = {5, 6};
    state.shape = std::move(s);
    return state;
  }

  ClientLog client_log_;
  ServerLog server_log_;
  CursorClient* client_ = nullptr;
  CursorServer* server_ = nullptr;
  std::unique_ptr<Pair> pair_;
};

TEST_F(CursorTest, ShapesMovesAndHiding) {
  ASSERT_TRUE(server_log_.opened);
  server_->send_init(with(shape(7)));
  server_->send_move({-3, 40});
  server_->send_hide();
  server_->send_set(with(nullptr));
  pair_->pump();
  ASSERT_EQ(client_log_.states.size(), 2u);
  ASSERT_TRUE(client_log_.states[0].shape);
  EXPECT_EQ(client_log_.states[0].shape->unique, 7u);
  EXPECT_EQ(client_log_.states[0].shape->hot_x, 1);
  EXPECT_EQ(client_log_.states[0].position, (raster::Point{5, 6}));
  EXPECT_EQ(client_log_.moves, (std::vector<raster::Point>{{-3, 40}}));
  EXPECT_EQ(client_log_.hides, 1);
  EXPECT_FALSE(client_log_.states[1].shape);
}

TEST_F(CursorTest, AShapeIsSentOnceAndByReferenceAfterwards) {
  server_->send_init({});
  server_->send_set(with(shape(7)));
  pair_->pump();
  const std::uint64_t before = pair_->server->stats().bytes_sent;
  server_->send_set(with(shape(7)));
  pair_->pump();
  EXPECT_LT(pair_->server->stats().bytes_sent - before, 40u);
  ASSERT_TRUE(client_log_.states.back().shape);
  EXPECT_EQ(client_log_.states.back().shape->data.size(), 16u);
}

TEST_F(CursorTest, TheModelOfTheCacheEvictsOnBothSides) {
  server_->send_init({});
  for (std::uint64_t id = 1; id <= 300; ++id) server_->send_set(with(shape(id)));
  for (std::uint64_t id = 300; id >= 1; --id) server_->send_set(with(shape(id)));
  pair_->pump();
  ASSERT_EQ(client_log_.states.size(), 601u);
  for (std::size_t i = 1; i < client_log_.states.size(); ++i) {
    const std::uint64_t want = i <= 300 ? i : 601 - i;
    ASSERT_TRUE(client_log_.states[i].shape) << i;
    EXPECT_EQ(client_log_.states[i].shape->unique, want);
  }
}

TEST_F(CursorTest, AfterAResetComesAnInit) {
  server_->send_init(with(shape(7)));
  server_->send_reset();
  server_->send_set(with(shape(7)));
  pair_->pump();
  ASSERT_EQ(client_log_.states.size(), 3u);
  EXPECT_FALSE(client_log_.states[1].visible);
  EXPECT_TRUE(client_log_.states[2].shape);  // sent whole: the client has forgotten it
}

TEST_F(CursorTest, TheTrailComesWithInitAndThenWheneverItChanges) {
  CursorState state = with(shape(7));
  state.trail_length = 3;
  state.trail_frequency = 50;
  server_->send_init(state);
  pair_->pump();
  EXPECT_EQ(client_log_.states.back().trail_length, 3);
  server_->send_set(state);
  pair_->pump();
  EXPECT_EQ(client_log_.states.size(), 2u);  // no TRAIL: nothing changed
  state.trail_length = 9;
  server_->send_set(state);
  pair_->pump();
  ASSERT_EQ(client_log_.states.size(), 4u);
  EXPECT_EQ(client_log_.states[2].trail_length, 9);
  EXPECT_EQ(client_log_.states[3].trail_length, 9);
  EXPECT_EQ(client_log_.states[3].trail_frequency, 50);
}

TEST_F(CursorTest, AfterInvalAllAShapeIsSentWholeAgain) {
  server_->send_init(with(shape(7)));
  server_->send_invalidate_all();
  pair_->pump();
  const std::uint64_t before = pair_->server->stats().bytes_sent;
  server_->send_set(with(shape(7)));
  pair_->pump();
  EXPECT_GT(pair_->server->stats().bytes_sent - before, 40u);
  EXPECT_TRUE(client_log_.states.back().shape);
  // The client did forget it: a reference that the server would never send finds nothing.
  server_->send_invalidate_all();
  pair_->pump();
  Bytes set = {0, 0, 0, 0, 1, 4, 0, 7};
  set.resize(24);
  ASSERT_TRUE(client_->on_message(SPICE_MSG_CURSOR_SET, set, {}).has_value());
  EXPECT_FALSE(client_log_.states.back().shape);
}

TEST_F(CursorTest, InvalOneDropsThatShapeAlone) {
  server_->send_init(with(shape(7)));
  server_->send_set(with(shape(8)));
  pair_->pump();
  ASSERT_TRUE(client_->on_message(SPICE_MSG_CURSOR_INVAL_ONE, Bytes{7, 0, 0, 0, 0, 0, 0, 0}, {})
                  .has_value());
  for (const std::uint8_t id : {7, 8}) {
    Bytes set = {0, 0, 0, 0, 1, 4, 0, id};
    set.resize(24);
    ASSERT_TRUE(client_->on_message(SPICE_MSG_CURSOR_SET, set, {}).has_value());
    EXPECT_EQ(client_log_.states.back().shape != nullptr, id == 8);
  }
}

TEST_F(CursorTest, EveryTypeOfShapeArrivesAsItWasSent) {
  server_->send_init({});
  for (int type = 0; type <= 6; ++type) {
    Bytes data(2048, static_cast<std::uint8_t>(type + 1));
    server_->send_set(with(
        shape(100 + static_cast<std::uint64_t>(type), data, static_cast<CursorType>(type), 4)));
    pair_->pump();
    const CursorShapePtr& got = client_log_.states.back().shape;
    ASSERT_TRUE(got);
    EXPECT_EQ(static_cast<int>(got->type), type);
    EXPECT_EQ(to_bytes(got->data.view()), data);
    EXPECT_TRUE(cursor_to_argb(*got).has_value()) << type;
  }
}

TEST_F(CursorTest, AServerCannotMakeTheClientKeepMoreThanItsBound) {
  // 80 shapes of 1 MiB with CACHE_ME: the newest 64 stay, whatever the server believes.
  Bytes set = {0, 0, 0, 0, 1, 2, 0};
  set.resize(24 + (1u << 20));
  for (std::uint8_t id = 1; id <= 80; ++id) {
    set[7] = id;
    ASSERT_TRUE(client_->on_message(SPICE_MSG_CURSOR_SET, set, {}).has_value());
  }
  int kept = 0;
  for (std::uint8_t id = 1; id <= 80; ++id) {
    Bytes refer = {0, 0, 0, 0, 1, 4, 0, id};
    refer.resize(24);
    ASSERT_TRUE(client_->on_message(SPICE_MSG_CURSOR_SET, refer, {}).has_value());
    kept += client_log_.states.back().shape != nullptr;
  }
  EXPECT_GE(kept, 60);
  EXPECT_LE(kept, 64);
}

TEST_F(CursorTest, AReferenceToNothingShowsNothing) {
  Bytes set = {0, 0, 0, 0, 1, 4, 0};  // position, visible, FROM_CACHE
  set.resize(set.size() + 17);
  EXPECT_TRUE(client_->on_message(SPICE_MSG_CURSOR_SET, set, {}).has_value());
  EXPECT_FALSE(client_log_.states.back().shape);
  for (std::size_t size = 0; size < set.size(); ++size) {
    EXPECT_FALSE(
        client_->on_message(SPICE_MSG_CURSOR_SET, ByteView(set).first(size), {}).has_value());
  }
}

TEST(CursorArgbTest, AllTypes) {
  const auto pixel = [](const CursorShapePtr& s, int x, int y) {
    const auto bitmap = cursor_to_argb(*s);
    EXPECT_TRUE(bitmap.has_value());
    return bitmap ? bitmap->row32(y)[x] : 0;
  };
  EXPECT_EQ(pixel(shape(0, {1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8}), 1, 1), 0x08070605u);

  // AND plane 10/00, XOR plane 11/10 (two rows of a byte each).
  const auto mono = shape(0, {0x80, 0x00, 0xc0, 0x80}, CursorType::mono);
  EXPECT_EQ(pixel(mono, 0, 0), 0xff000000u);  // inverts: black
  EXPECT_EQ(pixel(mono, 1, 0), 0xffffffffu);
  EXPECT_EQ(pixel(mono, 0, 1), 0xffffffffu);
  EXPECT_EQ(pixel(mono, 1, 1), 0xff000000u);

  Bytes data32(17, 0);
  data32[0] = 0x30;
  data32[4] = data32[5] = data32[6] = 0xff;  // white
  data32[16] = 0x60;                         // masked: pixels 1 and 2
  const auto color32 = shape(0, data32, CursorType::color32);
  EXPECT_EQ(pixel(color32, 0, 0), 0xff000030u);
  EXPECT_EQ(pixel(color32, 1, 0), 0xff000000u);
  EXPECT_EQ(pixel(color32, 0, 1), 0u);

  EXPECT_EQ(pixel(shape(0, {0x1f, 0x7c, 0, 0, 0, 0, 0, 0, 0}, CursorType::color16), 0, 0),
            0xffff00ffu);
  EXPECT_EQ(pixel(shape(0, {1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, CursorType::color24), 0, 0),
            0xff030201u);

  Bytes data4(2 + 64 + 1, 0);
  data4[0] = 0x21;  // pixels 2 and 1 of the palette
  data4[2 + 2 * 4] = 0xaa;
  data4[2 + 1 * 4] = 0xbb;
  const auto color4 = shape(0, data4, CursorType::color4);
  EXPECT_EQ(pixel(color4, 0, 0), 0xff0000aau);
  EXPECT_EQ(pixel(color4, 1, 0), 0xff0000bbu);

  Bytes data8(4 + 1024 + 1, 0);
  data8[3] = 255;
  data8[4 + 255 * 4 + 1] = 0x77;
  EXPECT_EQ(pixel(shape(0, data8, CursorType::color8), 1, 1), 0xff007700u);
}

TEST(CursorArgbTest, ShortOrHugeShapesAreErrors) {
  for (int type = 0; type <= 6; ++type) {
    EXPECT_FALSE(cursor_to_argb(*shape(0, {1, 2}, static_cast<CursorType>(type), 8)).has_value());
  }
  EXPECT_FALSE(cursor_to_argb(*shape(0, {}, CursorType::alpha, 0)).has_value());
  EXPECT_FALSE(cursor_to_argb(*shape(0, {}, CursorType::alpha, 60000)).has_value());
  EXPECT_FALSE(cursor_to_argb(*shape(0, Bytes(100), static_cast<CursorType>(9))).has_value());
}

}  // namespace
}  // namespace cassia::channels
