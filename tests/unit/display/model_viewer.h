// SPDX-License-Identifier: Apache-2.0
#pragma once

// A viewer that carries out what it is sent on surfaces of its own, as a real one would.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "render/raster/canvas.h"
#include "server/display/pipeline.h"

namespace cassia::server {

class ModelViewer : public ViewerSink {
 public:
  bool writable() const override { return open_ && (!budget_ || *budget_ > 0); }
  bool can_decode(raster::ImageCodec codec) const override {
    return codec != raster::ImageCodec::lz4 || lz4_;
  }
  codec::EncodeChoice encode_choice() const override {
    codec::EncodeChoice choice;
    choice.lz4 = choice.prefer_lz4 = lz4_;
    return choice;
  }
  void surface_create(const channels::SurfaceInfo& surface) override {
    spend("create");
    EXPECT_FALSE(canvas_->has_surface(surface.id)) << "surface " << surface.id;
    EXPECT_TRUE(canvas_->create_surface(surface.id, surface.size, surface.format));
  }
  void surface_destroy(raster::SurfaceId id) override {
    spend("destroy");
    EXPECT_TRUE(canvas_->has_surface(id)) << "surface " << id;
    canvas_->destroy_surface(id);
  }
  void mark() override { spend("mark"); }
  void monitors(const channels::MonitorsConfig&) override { spend("monitors"); }
  Result<void> draw(const raster::DrawOp& op) override {
    if (refuses_ && refuses_ == raster::name_of(op.operation)) {
      return fail(ErrorKind::unsupported, "this viewer knows no {}", *refuses_);
    }
    spend(raster::name_of(op.operation));
    EXPECT_TRUE(canvas_->has_surface(op.surface));
    const auto decoded = SharedOp(std::make_shared<const raster::DrawOp>(op), false).decoded();
    EXPECT_TRUE(decoded);
    if (decoded) {
      EXPECT_TRUE(canvas_->draw(**decoded));
    }
    return {};
  }

  /// Fails unless this viewer's surfaces are the pipeline's, pixel for pixel.
  void expect_same_as(raster::Canvas& other, const std::vector<raster::SurfaceId>& ids) {
    for (const auto id : ids) {
      ASSERT_EQ(canvas_->has_surface(id), other.has_surface(id)) << "surface " << id;
      if (!other.has_surface(id)) continue;
      const auto whole = raster::Rect::of(other.surface_size(id));
      const auto mine = canvas_->read(id, whole);
      const auto theirs = other.read(id, whole);
      ASSERT_TRUE(mine && theirs);
      ASSERT_TRUE(raster::same_pixels(*mine, *theirs)) << "surface " << id;
    }
  }

  bool open_ = true;
  bool lz4_ = true;
  std::optional<std::size_t> budget_;  ///< messages taken before it stops
  std::optional<std::string> refuses_;
  std::vector<std::string> log_;
  std::unique_ptr<raster::Canvas> canvas_ = raster::make_reference_canvas();

 private:
  void spend(std::string what) {
    log_.push_back(std::move(what));
    if (budget_) --*budget_;
  }
};

/// The authoritative canvas, still reachable once the pipeline owns it.
struct PipelineFixture {
  explicit PipelineFixture(ViewerLimits limits = {}) {
    auto owned = raster::make_reference_canvas();
    canvas = owned.get();
    pipeline = std::make_unique<Pipeline>(std::move(owned), limits);
  }
  raster::Canvas* canvas;
  std::unique_ptr<Pipeline> pipeline;
};

inline raster::DrawOpPtr fill_op(raster::SurfaceId id, raster::Rect box, raster::Color color,
                                 raster::Rop rop = raster::Rop::copy) {
  raster::Fill fill;
  fill.brush = color;
  fill.rop = rop;
  return std::make_shared<const raster::DrawOp>(raster::DrawOp{id, box, {}, fill});
}

inline raster::BitmapPtr noise(raster::Size size, std::uint32_t seed) {
  auto bitmap = raster::Bitmap::create(size, raster::PixelFormat::xrgb32).value();
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      seed = seed * 1664525 + 1013904223;
      bitmap.row32(y)[x] = seed >> 8;
    }
  }
  return std::make_shared<const raster::Bitmap>(std::move(bitmap));
}

inline raster::DrawOpPtr copy_op(raster::SurfaceId id, raster::Rect box, raster::ImageRef src) {
  raster::Copy copy;
  copy.src = std::move(src);
  copy.src_area = raster::Rect::of(box.size());
  return std::make_shared<const raster::DrawOp>(raster::DrawOp{id, box, {}, copy});
}

inline raster::ImageRef image_of(raster::BitmapPtr pixels) {
  raster::ImageRef image;
  image.source = std::move(pixels);
  return image;
}

}  // namespace cassia::server
