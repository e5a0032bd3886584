// SPDX-License-Identifier: Apache-2.0
#include "server/guest/stream_frames.h"

#include <gtest/gtest.h>

#include "render/codec/encode.h"

namespace cassia::server {
namespace {

channels::StreamInfo stream_of(raster::Size size, bool top_down) {
  channels::StreamInfo stream;
  stream.id = 3;
  stream.surface = 9;
  stream.top_down = top_down;
  stream.stream_size = stream.source_size = size;
  stream.dest = raster::Rect::of({10, 20}, size);
  return stream;
}

Bytes jpeg(raster::Size size) {
  auto picture = raster::Bitmap::create(size, raster::PixelFormat::xrgb32).value();
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      picture.row32(y)[x] = y < size.height / 2 ? 0xff0000 : 0x0000ff;
    }
  }
  return to_bytes(codec::encode_jpeg(picture, 95).value().data.view());
}

TEST(StreamFrames, AFrameIsACopyOfAJpegImage) {
  StreamFrames frames;
  frames.create(stream_of({32, 32}, true));
  const Bytes data = jpeg({32, 32});
  const auto op = frames.draw_of({3, 0, {32, 32}, {10, 20, 42, 52}, data});
  ASSERT_TRUE(op);
  EXPECT_EQ((*op)->surface, 9u);
  const auto& copy = std::get<raster::Copy>((*op)->operation);
  ASSERT_TRUE(copy.src.encoded());
  EXPECT_EQ(copy.src.encoded()->codec, raster::ImageCodec::jpeg);
  EXPECT_TRUE(copy.src.encoded()->stands_alone());
}

TEST(StreamFrames, BottomUpFramesAreTurnedOver) {
  StreamFrames frames;
  frames.create(stream_of({32, 32}, false));
  const Bytes data = jpeg({32, 32});
  const auto op = frames.draw_of({3, 0, {32, 32}, {10, 20, 42, 52}, data});
  ASSERT_TRUE(op);
  const auto* pixels = std::get<raster::Copy>((*op)->operation).src.bitmap();
  ASSERT_TRUE(pixels);
  EXPECT_GT(pixels->row32(2)[5] & 0xff, 0xc0u);  // blue is on top now
  EXPECT_GT(pixels->row32(29)[5] >> 16 & 0xff, 0xc0u);
}

TEST(StreamFrames, FramesOfNoStreamAreRefused) {
  StreamFrames frames;
  frames.create(stream_of({32, 32}, true));
  frames.destroy(3);
  const auto op = frames.draw_of({3, 0, {32, 32}, {0, 0, 32, 32}, {}});
  ASSERT_FALSE(op);
  EXPECT_EQ(op.error().kind(), ErrorKind::malformed);
}

}  // namespace
}  // namespace cassia::server
