// SPDX-License-Identifier: Apache-2.0
#include "render/raster/draw_op.h"

#include <gtest/gtest.h>

namespace cassia::raster {
namespace {

ImageRef image_of(Size size) {
  ImageRef image;
  image.source = std::make_shared<const Bitmap>(Bitmap::create(size, PixelFormat::xrgb32).value());
  return image;
}

DrawOp op_of(Operation operation) {
  DrawOp op;
  op.surface = 3;
  op.box = {10, 10, 20, 20};
  op.operation = std::move(operation);
  return op;
}

TEST(OpaqueArea, OfFills) {
  EXPECT_EQ(opaque_area(op_of(Fill{Color{1}, Rop::copy, {}})), (Rect{10, 10, 20, 20}));
  EXPECT_EQ(opaque_area(op_of(Fill{Color{1}, Rop::set, {}})), (Rect{10, 10, 20, 20}));
  EXPECT_TRUE(opaque_area(op_of(Fill{Color{1}, Rop::exclusive_or, {}})).empty());
  EXPECT_TRUE(opaque_area(op_of(Fill{Color{1}, Rop::noop, {}})).empty());
  EXPECT_TRUE(
      opaque_area(op_of(Fill{Color{1}, Rop::copy, Mask{image_of({9, 9}), {}, false}})).empty());
}

TEST(OpaqueArea, OfCopiesNeedsAllOfTheSource) {
  EXPECT_FALSE(opaque_area(op_of(Copy{image_of({10, 10}), {0, 0, 10, 10}})).empty());
  EXPECT_TRUE(opaque_area(op_of(Copy{image_of({9, 10}), {0, 0, 10, 10}})).empty());
  ImageRef surface;
  surface.source = SurfaceSource{1};
  EXPECT_TRUE(opaque_area(op_of(Copy{surface, {0, 0, 10, 10}})).empty());
}

TEST(OpaqueArea, IsCutByOneClipRectAndGivesUpOnMore) {
  DrawOp op = op_of(Fill{Color{1}, Rop::copy, {}});
  op.clip.rects = {{15, 0, 40, 40}};
  EXPECT_EQ(opaque_area(op), (Rect{15, 10, 20, 20}));
  op.clip.rects->push_back({0, 0, 12, 12});
  EXPECT_TRUE(opaque_area(op).empty());
}

TEST(OpaqueArea, OfTernaryCodes) {
  Rop3 rop3{image_of({10, 10}), {0, 0, 10, 10}, Color{1}, 0xcc};
  EXPECT_FALSE(opaque_area(op_of(rop3)).empty()) << "SRCCOPY";
  rop3.rop3 = 0xf0;
  EXPECT_FALSE(opaque_area(op_of(rop3)).empty()) << "PATCOPY";
  rop3.rop3 = 0x5a;
  EXPECT_TRUE(opaque_area(op_of(rop3)).empty()) << "PATINVERT";
}

TEST(ReadsSurface, ByOperationAndByImage) {
  EXPECT_TRUE(reads_surface(op_of(CopyBits{}), 3));
  EXPECT_FALSE(reads_surface(op_of(CopyBits{}), 4));
  EXPECT_FALSE(reads_surface(op_of(Blackness{}), 3));
  EXPECT_TRUE(reads_surface(op_of(Invers{}), 3));
  ImageRef surface;
  surface.source = SurfaceSource{7};
  EXPECT_TRUE(reads_surface(op_of(Fill{Pattern{surface, {}}, Rop::copy, {}}), 7));
  EXPECT_FALSE(reads_surface(op_of(Fill{Pattern{surface, {}}, Rop::copy, {}}), 3));
  EXPECT_TRUE(reads_surface(op_of(Blackness{Mask{surface, {}, false}}), 7));
}

TEST(ForEachImage, VisitsEveryImage) {
  const auto count = [](const Operation& operation) {
    int images = 0;
    for_each_image(operation, [&](const ImageRef&) { ++images; });
    return images;
  };
  EXPECT_EQ(count(Opaque{image_of({1, 1}), {}, Pattern{image_of({1, 1}), {}}}), 3);
  EXPECT_EQ(count(Composite{}), 2);
  EXPECT_EQ(count(CopyBits{}), 0);
  Text text;
  text.fore_brush = Pattern{image_of({1, 1}), {}};
  EXPECT_EQ(count(text), 1);
}

}  // namespace
}  // namespace cassia::raster
