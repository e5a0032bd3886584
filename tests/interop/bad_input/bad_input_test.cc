// SPDX-License-Identifier: Apache-2.0
// A server that sends nonsense between its draws: cassia-viewer says what was wrong, in few lines,
// and shows the rest; and so do the viewers of a gateway whose guest is that server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "client/session/screen.h"
#include "render/codec/encode.h"
#include "tests/interop/bad_input/bad_messages.h"
#include "tests/support/gtk_client.h"
#include "tests/support/programs.h"
#include "tests/support/spice_stage.h"

namespace cassia::test {
namespace {

using channels::DisplayServer;
using raster::Size;
using ::testing::UnorderedElementsAreArray;

constexpr Size screen{320, 240};

raster::Bitmap good_picture(std::uint32_t seed) {
  auto bitmap = raster::Bitmap::create_cleared({96, 96}, raster::PixelFormat::xrgb32);
  for (std::int32_t y = 0; y < 96; ++y) {
    for (std::int32_t x = 0; x < 96; ++x) {
      bitmap->row32(y)[x] = (static_cast<std::uint32_t>(x * 2) << 16) +
                            (static_cast<std::uint32_t>(y * 2) << 8) + seed * 8;
    }
  }
  return std::move(*bitmap);
}

/// The draw after bad message `i`: each covers some of the one before.
raster::DrawOp good_draw(std::uint32_t i, raster::ImageRef image) {
  raster::Copy copy;
  copy.src = std::move(image);
  copy.src_area = {0, 0, 96, 96};
  raster::DrawOp op;
  op.box = raster::Rect::of({static_cast<std::int32_t>(i % 15) * 16, 40 + static_cast<int>(i)},
                            Size{96, 96});
  op.operation = std::move(copy);
  return op;
}

void begin(DisplayServer& display) {
  display.send_surface_create({0, screen, raster::PixelFormat::xrgb32, true});
  channels::StreamInfo stream;
  stream.id = 3;
  stream.stream_size = stream.source_size = {96, 96};
  stream.dest = {0, 0, 96, 96};
  display.send_stream_create(stream);
}

/// Each bad message between two good draws.
SpiceStage::Play scene(const std::vector<BadMessage>& bad) {
  return [&bad](DisplayServer& display) {
    begin(display);
    std::uint32_t i = 0;
    for (const BadMessage& message : bad) {
      say(display, message.type, message.body);
      raster::ImageRef image;
      image.source =
          std::make_shared<const raster::EncodedImage>(*codec::encode_quic(good_picture(i)));
      EXPECT_TRUE(display.send_draw(good_draw(i++, std::move(image))));
    }
    display.send_mark();
  };
}

/// What the good draws alone come to.
Picture expected(std::size_t draws) {
  const auto canvas = raster::make_reference_canvas();
  EXPECT_TRUE(canvas->create_surface(0, screen, raster::PixelFormat::xrgb32));
  for (std::uint32_t i = 0; i < draws; ++i) {
    raster::ImageRef image;
    image.source = std::make_shared<const raster::Bitmap>(good_picture(i));
    EXPECT_TRUE(canvas->draw(good_draw(i, std::move(image))));
  }
  const auto pixels = canvas->read(0, raster::Rect::of(screen));
  Picture out{screen.width, screen.height, {}};
  for (std::int32_t y = 0; y < screen.height; ++y) {
    for (std::int32_t x = 0; x < screen.width; ++x) {
      const std::uint32_t p = pixels->row32(y)[x];
      for (const int shift : {16, 8, 0}) out.rgb.push_back(static_cast<std::uint8_t>(p >> shift));
    }
  }
  return out;
}

/// The messages that error lines name.
std::vector<std::string> named(const std::string& log) {
  static const std::regex line("Z error [a-z]+: display 0 ([a-z0-9_]+): [^\n]+\n");
  std::vector<std::string> names;
  for (std::sregex_iterator at(log.begin(), log.end(), line), end; at != end; ++at) {
    names.push_back((*at)[1]);
  }
  return names;
}
std::vector<std::string> names_of(const std::vector<BadMessage>& bad,
                                  std::string BadMessage::*name = &BadMessage::name) {
  std::vector<std::string> names;
  for (const BadMessage& message : bad) names.push_back(message.*name);
  return names;
}
auto lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

struct Kind {
  const char* name;
  std::vector<BadMessage> (*messages)();
};
class BadInput : public ::testing::TestWithParam<Kind> {};

TEST_P(BadInput, IsNamedAndTheRestIsShownOnEveryCanvas) {
  const auto bad = GetParam().messages();
  const auto stage = SpiceStage::start(scene(bad));
  ASSERT_TRUE(stage) << stage.error().message();
  const Picture good = expected(bad.size());
  for (const char* renderer : {"cairo", "gl"}) {
    for (const char* threads : {"0", "2"}) {
      const auto seen = view(
          (*stage)->uri(),
          {.renderer = renderer, .settle = Timeout(300), .more = {"--decode-threads", threads}});
      ASSERT_TRUE(seen) << seen.error().message();
      EXPECT_TRUE(same_picture(seen->screenshot, good,
                               std::string("bad-") + GetParam().name + "-" + renderer + threads));
      EXPECT_THAT(named(seen->finished.errors), UnorderedElementsAreArray(names_of(bad)))
          << renderer << threads << "\n"
          << seen->finished.errors;
    }
  }
}

TEST_P(BadInput, OfAGuestReachesNoViewerOfTheGateway) {
  const auto bad = GetParam().messages();
  const auto stage = SpiceStage::start(scene(bad));
  ASSERT_TRUE(stage) << stage.error().message();
  auto gateway = Gateway::start({"--upstream", (*stage)->uri()});
  ASSERT_TRUE(gateway) << gateway.error().message();
  const Picture good = expected(bad.size());
  const auto ours = view((*gateway)->uri(), {.settle = Timeout(300)});
  ASSERT_TRUE(ours) << ours.error().message();
  EXPECT_TRUE(same_picture(ours->screenshot, good, std::string("bad-relayed-") + GetParam().name));
  EXPECT_THAT(named(ours->finished.errors), ::testing::IsEmpty()) << ours->finished.errors;
  const auto stock = gtk_client((*gateway)->uri(), {"--settle", "300"});
  ASSERT_TRUE(stock) << stock.error().message();
  ASSERT_EQ(stock->status, GtkStatus::complete) << stock->errors;
  EXPECT_TRUE(same_picture(stock->picture, good, std::string("bad-stock-") + GetParam().name));
  EXPECT_TRUE((*gateway)->process().running());
  EXPECT_THAT(named((*gateway)->process().errors()),
              UnorderedElementsAreArray(names_of(bad, &BadMessage::relayed_name)))
      << (*gateway)->process().errors();
}

INSTANTIATE_TEST_SUITE_P(All, BadInput,
                         ::testing::Values(Kind{"draws", bad_draws}, Kind{"images", bad_images},
                                           Kind{"streams", bad_streams}),
                         [](const auto& info) { return std::string(info.param.name); });

/// Thousands of each, and then the good draws.
TEST(BadInputFlood, FillsNoLog) {
  std::vector<BadMessage> bad = bad_draws();
  const auto more = bad_images();
  bad.insert(bad.end(), more.begin(), more.end());
  const std::vector<BadMessage> few(bad.begin(), bad.begin() + 10);
  const auto stage = SpiceStage::start([&](DisplayServer& display) {
    for (int round = 0; round < 200; ++round) {
      if (round == 0) begin(display);
      for (const BadMessage& message : bad) say(display, message.type, message.body);
    }
    scene(few)(display);
  });
  ASSERT_TRUE(stage) << stage.error().message();
  const auto seen = view((*stage)->uri(), {.settle = Timeout(500)});
  ASSERT_TRUE(seen) << seen.error().message();
  EXPECT_TRUE(same_picture(seen->screenshot, expected(few.size()), "bad-flood"));
  EXPECT_LT(lines_of(seen->finished.errors), 80) << seen->finished.errors;
  EXPECT_THAT(seen->finished.errors, ::testing::HasSubstr("more problems were not told"));

  auto gateway = Gateway::start({"--upstream", (*stage)->uri()});
  ASSERT_TRUE(gateway) << gateway.error().message();
  const auto relayed = view((*gateway)->uri(), {.settle = Timeout(500)});
  ASSERT_TRUE(relayed) << relayed.error().message();
  EXPECT_TRUE(same_picture(relayed->screenshot, expected(few.size()), "bad-flood-relayed"));
  EXPECT_LT(lines_of((*gateway)->process().errors()), 80) << (*gateway)->process().errors();
}

}  // namespace
}  // namespace cassia::test
