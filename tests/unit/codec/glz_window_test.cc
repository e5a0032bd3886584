// SPDX-License-Identifier: Apache-2.0
#include "render/codec/glz_window.h"

#include <gtest/gtest.h>

#include <thread>

#include "render/codec/decode.h"
#include "tests/unit/codec/pictures.h"
#include "tests/unit/codec/samples.h"

namespace cassia::codec {
namespace {

using raster::ImageCodec;
using test::sample;
using test::Scene;

GlzImage image(std::uint64_t id, std::uint64_t oldest, std::size_t pixels = 10) {
  static const std::uint32_t none[64] = {};
  return {id, oldest, pixels, none, nullptr};
}

TEST(GlzWindow, ReleasesWhatTheSenderReleased) {
  GlzWindow window(1000);
  ASSERT_TRUE(window.add(image(0, 0)));
  ASSERT_TRUE(window.add(image(1, 0)));
  ASSERT_TRUE(window.add(image(2, 0)));
  EXPECT_EQ(window.image_count(), 3u);
  ASSERT_TRUE(window.add(image(3, 2)));
  EXPECT_EQ(window.image_count(), 2u);
  EXPECT_EQ(window.pixel_count(), 20u);
  EXPECT_FALSE(window.find(1));
  EXPECT_TRUE(window.find(2));
}

TEST(GlzWindow, KeepsOldImagesWhileAnotherChannelLags) {
  GlzWindow window(1000);
  ASSERT_TRUE(window.add(image(0, 0)));
  ASSERT_TRUE(window.add(image(2, 2)));  // image 1, on the other channel, may still refer to 0
  EXPECT_TRUE(window.find(0));
  ASSERT_TRUE(window.add(image(1, 0)));
  EXPECT_FALSE(window.find(0));
  EXPECT_FALSE(window.find(1));
  EXPECT_TRUE(window.find(2));
}

TEST(GlzWindow, IsBounded) {
  GlzWindow window(100);
  EXPECT_FALSE(window.admits(101));
  ASSERT_TRUE(window.add(image(0, 0, 100)));
  ASSERT_TRUE(window.add(image(1, 0, 100)));
  EXPECT_EQ(window.add(image(2, 0, 1)).error().kind(), ErrorKind::malformed);
}

TEST(GlzWindow, MakesThoseAheadWaitForTheOneBehind) {
  GlzWindow window(100);
  ASSERT_TRUE(window.add(image(0, 0, 50)));
  ASSERT_TRUE(window.add(image(2, 1, 50)));
  ASSERT_TRUE(window.add(image(3, 2, 50)));
  ASSERT_TRUE(window.add(image(4, 3, 50)));
  EXPECT_EQ(window.add(image(5, 4, 50)).error().kind(), ErrorKind::busy);
  EXPECT_EQ(window.first_missing(), 1u);
  ASSERT_TRUE(window.add(image(1, 0, 50)));
  EXPECT_EQ(window.image_count(), 2u);
  ASSERT_TRUE(window.add(image(5, 4, 50)));
}

TEST(GlzWindow, RefusesAnIdTwice) {
  GlzWindow window(100);
  ASSERT_TRUE(window.add(image(0, 0)));
  EXPECT_FALSE(window.add(image(0, 0)));
}

TEST(GlzWindow, NotifiesOnceAnImageComesOrNeverCan) {
  GlzWindow window(1000);
  int calls = 0;
  window.when_present(1, [&] { ++calls; });
  ASSERT_TRUE(window.add(image(0, 0)));
  EXPECT_EQ(calls, 0);
  ASSERT_TRUE(window.add(image(1, 0)));
  EXPECT_EQ(calls, 1);
  window.when_present(1, [&] { ++calls; });
  EXPECT_EQ(calls, 2);
  window.when_present(9, [&] { ++calls; });
  window.clear();
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(window.image_count(), 0u);
}

TEST(GlzWindow, GoesOnWithoutAnImageThatIsLost) {
  GlzWindow window(1000);
  int calls = 0;
  window.when_present(1, [&] { ++calls; });
  ASSERT_TRUE(window.add(image(0, 0)));
  ASSERT_TRUE(window.add(image(2, 2)));
  EXPECT_TRUE(window.find(0));
  window.lost(1);
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(window.find(1));
  EXPECT_FALSE(window.wait(1));
  EXPECT_FALSE(window.find(0)) << "image 2 has released it, and nothing before 2 is to come";
  EXPECT_EQ(window.first_missing(), 3u);
  window.lost(2);  // it is there
  EXPECT_TRUE(window.find(2));
}

TEST(GlzWindow, TheFirstImageMayBeLost) {
  GlzWindow window(1000);
  window.lost(0);
  ASSERT_TRUE(window.add(image(1, 0)));
  EXPECT_EQ(window.first_missing(), 2u);
}

TEST(GlzWindow, AnImageThatIsMissingIsNamed) {
  GlzWindow window(1 << 20);
  DecodeContext context{.glz_window = &window};
  ASSERT_TRUE(decode(sample("glz.0.text", ImageCodec::glz_rgb, {96, 64}), context));
  const auto late = sample("glz.5.ui", ImageCodec::glz_rgb, {96, 64});
  const auto first = decode(late, context);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().kind(), ErrorKind::busy);
  EXPECT_EQ(context.missing_glz_image, 1u);

  bool again = false;
  window.when_present(context.missing_glz_image, [&] { again = true; });
  ASSERT_TRUE(decode(sample("glz.1.ui", ImageCodec::glz_rgb, {96, 64}), context));
  EXPECT_TRUE(again);
  const auto second = decode(late, context);
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_TRUE(same_pixels(*second, test::draw(Scene::ui, {96, 64})));
}

TEST(GlzWindow, AThreadWaitsForTheImage) {
  GlzWindow window(1 << 20);
  Result<raster::Bitmap> result = fail(ErrorKind::internal, "not run");
  std::thread waiter([&] {
    DecodeContext context{.glz_window = &window, .wait_for_glz = true};
    result = decode(sample("glz.5.ui", ImageCodec::glz_rgb, {96, 64}), context);
  });
  DecodeContext context{.glz_window = &window};
  EXPECT_TRUE(decode(sample("glz.0.text", ImageCodec::glz_rgb, {96, 64}), context));
  EXPECT_TRUE(decode(sample("glz.1.ui", ImageCodec::glz_rgb, {96, 64}), context));
  waiter.join();
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(same_pixels(*result, test::draw(Scene::ui, {96, 64})));
}

TEST(GlzWindow, WaitingEndsWhenTheImageCanNeverCome) {
  GlzWindow window(1 << 20);
  ASSERT_TRUE(window.add(image(0, 0)));
  GlzImagePtr found = std::make_shared<const GlzImage>();
  std::thread waiter([&] { found = window.wait(1); });
  ASSERT_TRUE(window.add(image(2, 2)));
  window.clear();
  ASSERT_TRUE(window.add(image(7, 7)));  // a new session, far beyond
  waiter.join();
  EXPECT_EQ(found, nullptr);
}

}  // namespace
}  // namespace cassia::codec
