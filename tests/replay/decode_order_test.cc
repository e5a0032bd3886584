// SPDX-License-Identifier: Apache-2.0
// Recorded display channels decoded by 1, 2 and 4 threads give the picture and the draws that they
// give without: no network, so that ThreadSanitizer can watch.

#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include <filesystem>
#include <functional>

#include "base/clock.h"
#include "channels/display/display_client.h"
#include "client/session/screen.h"
#include "render/codec/decode_pool.h"
#include "tests/replay/display_tape.h"

namespace cassia::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> recordings() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(CASSIA_REPLAY_DATA)) {
    if (entry.path().extension() == ".sprec") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// A fingerprint of every draw, in order.
struct Outcome {
  std::vector<std::string> draws;
  raster::Bitmap picture;
};

class Recorded final : public DisplaySink {
 public:
  void change(const client::DisplayChange& change) override {
    if (const auto* drawn = std::get_if<client::Drawn>(&change)) {
      const raster::DrawOp& op = *drawn->op;
      outcome.draws.push_back(fmt::format("{} {} {},{}", raster::name_of(op.operation), op.surface,
                                          op.box.left, op.box.top));
    }
    screen.apply(change);
  }
  Outcome outcome;

 private:
  SteadyClock clock_;
  const std::unique_ptr<raster::Canvas> canvas_ = raster::make_reference_canvas();

 public:
  client::Screen screen{*canvas_, clock_};
};

Outcome play(const SessionTape& tape, codec::DecodePool* pool) {
  Recorded sink;
  const auto played = play_display(tape, sink, pool, 4u << 20);
  EXPECT_TRUE(played) << played.error().message();
  EXPECT_EQ(sink.screen.failures(), 0u);
  auto picture = sink.screen.snapshot();
  EXPECT_TRUE(picture) << picture.error().message();
  sink.outcome.picture = std::move(*picture);
  return std::move(sink.outcome);
}

class RecordedDisplay : public ::testing::TestWithParam<fs::path> {};

TEST_P(RecordedDisplay, IsTheSameWithAnyNumberOfThreads) {
  const auto tape = SessionTape::load(GetParam());
  ASSERT_TRUE(tape) << tape.error().message();
  const Outcome expected = play(*tape, nullptr);
  EXPECT_GT(expected.draws.size(), 0u);
  for (const unsigned threads : {1u, 2u, 4u}) {
    const auto pool = codec::DecodePool::create(threads);
    ASSERT_TRUE(pool) << pool.error().message();
    const Outcome got = play(*tape, pool->get());
    EXPECT_EQ(got.draws, expected.draws) << threads;
    EXPECT_TRUE(raster::same_pixels(got.picture, expected.picture)) << threads;
  }
}

INSTANTIATE_TEST_SUITE_P(All, RecordedDisplay, ::testing::ValuesIn(recordings()),
                         [](const auto& info) {
                           std::string name = info.param.stem().string();
                           for (char& c : name) c = std::isalnum(c) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace cassia::test
