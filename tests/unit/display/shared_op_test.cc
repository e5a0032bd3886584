// SPDX-License-Identifier: Apache-2.0
#include "server/display/shared_op.h"

#include "render/codec/encode.h"
#include "tests/unit/display/model_viewer.h"

namespace cassia::server {
namespace {

using raster::ImageCodec;
using raster::Rect;

const raster::EncodedImage* source_of(const raster::DrawOpPtr& op) {
  return std::get<raster::Copy>(op->operation).src.encoded();
}

raster::DrawOpPtr op_with(raster::EncodedImage image) {
  const raster::Size size = image.size;
  raster::ImageRef ref;
  ref.identity = {77, true};
  ref.source = std::make_shared<const raster::EncodedImage>(std::move(image));
  return copy_op(0, Rect::of(size), ref);
}

TEST(SharedOp, EncodesOncePerKindOfViewer) {
  SharedOp op(copy_op(0, {0, 0, 64, 64}, image_of(noise({64, 64}, 1))), false);
  ModelViewer a, b, old;
  old.lz4_ = false;
  const auto first = op.for_viewer(a).value();
  const auto second = op.for_viewer(b).value();
  EXPECT_EQ(first.get(), second.get());
  EXPECT_EQ(op.encodings(), 1u);
  (void)op.for_viewer(old).value();
  EXPECT_EQ(op.encodings(), 2u);
}

TEST(SharedOp, PassesThroughWhatStandsAloneAndCanBeDecoded) {
  const auto quic = codec::encode_quic(*noise({64, 64}, 2)).value();
  SharedOp op(op_with(quic), false);
  ModelViewer viewer;
  const auto* sent = source_of(op.for_viewer(viewer).value());
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->codec, ImageCodec::quic);
  EXPECT_EQ(sent->data.data(), quic.data.data());  // the same bytes, not a copy
  EXPECT_EQ(op.encodings(), 0u);
}

TEST(SharedOp, ReencodesWhatTheViewerCannotDecode) {
  const auto pixels = noise({64, 64}, 3);
  SharedOp op(op_with(codec::encode_lz4(*pixels).value()), false);
  ModelViewer old;
  old.lz4_ = false;
  const auto form = op.for_viewer(old).value();
  const auto* sent = source_of(form);
  EXPECT_TRUE(!sent || sent->codec != ImageCodec::lz4);
  EXPECT_EQ(op.encodings(), 1u);
  // The identity for caches stays that of the guest's image.
  EXPECT_EQ(std::get<raster::Copy>(form->operation).src.identity.id, 77u);
  const auto decoded = SharedOp(form, false).decoded().value();
  EXPECT_TRUE(
      raster::same_pixels(*std::get<raster::Copy>(decoded->operation).src.bitmap(), *pixels));
}

TEST(SharedOp, RawImagesAreDecodedWithoutACopyWhereTheyCan) {
  const auto raw = codec::encode_raw(*noise({32, 8}, 4)).value();
  SharedOp op(op_with(raw), false);
  const auto decoded = op.decoded().value();
  const auto* bitmap = std::get<raster::Copy>(decoded->operation).src.bitmap();
  ASSERT_TRUE(bitmap);
  EXPECT_TRUE(raster::same_pixels(*bitmap, *noise({32, 8}, 4)));
}

TEST(SharedOp, BrokenImageIsAnError) {
  auto lz = codec::encode_lz(*noise({32, 32}, 5)).value();
  lz.data = lz.data.slice(0, lz.data.size() / 2);
  SharedOp op(op_with(lz), false);
  EXPECT_FALSE(op.decoded());
}

}  // namespace
}  // namespace cassia::server
