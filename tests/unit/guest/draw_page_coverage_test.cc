// SPDX-License-Identifier: Apache-2.0
// All pages together issue everything: operations, raster operations, brushes, masks, formats.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "server/guest/draw_page.h"

namespace cassia::server {
namespace {

using raster::Brush;
using testing::SizeIs;

/// What was met, by kind.
struct Met {
  std::set<std::size_t> operations;
  std::set<unsigned> rop3_codes;
  std::set<std::size_t> brushes;
  std::set<bool> mask_inverse, mask_with_origin, mask_from_surface;
  std::set<raster::PixelFormat> formats, sources;
  std::set<raster::ScaleMode> scales;
  std::set<unsigned> text_depths, operators, filters, repeats;
  std::set<raster::Rop> fills, copies, blends, opaques, strokes;
  std::set<std::size_t> clip_rects;  ///< 0: none
  std::set<raster::ImageCodec> codecs;
  std::set<raster::WireBitmapFormat> rows;  ///< of the wire, in this form there
  std::set<bool> rows_top_down, dashes_with_gap, dest_alpha, source_alpha;
  std::map<std::uint64_t, int> cached;  ///< how often an image of the cache is drawn
  bool dashed = false, transformed = false, component_alpha = false;

  void brush(const Brush& b) {
    brushes.insert(b.index());
    if (const auto* pattern = std::get_if<raster::Pattern>(&b)) image(pattern->image);
  }
  void mask(const raster::Mask& m) {
    if (m.image.none()) return;
    mask_inverse.insert(m.inverse);
    mask_with_origin.insert(m.origin != raster::Point{});
    mask_from_surface.insert(m.image.surface() != nullptr);
  }
  void image(const raster::ImageRef& i) {
    if (const auto* encoded = i.encoded()) {
      codecs.insert(encoded->codec);
      if (encoded->codec == raster::ImageCodec::bitmap) see_rows(*encoded);
    }
    if (i.identity.cache_me) ++cached[i.identity.id];
    if (i.surface()) sources.insert(surface_formats[i.surface()->surface]);
  }

  void see_rows(const raster::EncodedImage& image) {
    // The gateway compresses larger ones, but those with palettes.
    EXPECT_TRUE(image.data.size() < 256 || image.palette ||
                image.bitmap_format <= raster::WireBitmapFormat::bit1_be);
    rows.insert(image.bitmap_format);
    rows_top_down.insert(image.top_down);
  }

  void see(const raster::Fill& d) { fills.insert(d.rop), brush(d.brush), mask(d.mask); }
  void see(const raster::Copy& d) { copies.insert(d.rop), mask(d.mask), scales.insert(d.scale); }
  void see(const raster::Blend& d) { blends.insert(d.rop); }
  void see(const raster::Opaque& d) { opaques.insert(d.rop), brush(d.brush); }
  void see(const raster::Rop3& d) { rop3_codes.insert(d.rop3), brush(d.brush), mask(d.mask); }
  void see(const raster::Text& d) { text_depths.insert(d.depth), brush(d.fore_brush); }
  void see(const raster::Stroke& d) {
    strokes.insert(d.fore_rop), brush(d.brush);
    if (!d.dashes.empty()) dashes_with_gap.insert(d.dash_starts_with_gap);
    dashed = dashed || !d.dashes.empty();
  }
  void see(const raster::Composite& d) {
    operators.insert(d.flags & 255), filters.insert(d.flags >> 8 & 7);
    repeats.insert(d.flags >> 14 & 3);
    transformed = transformed || (d.src_transform && !d.mask_transform) || d.mask_transform;
    component_alpha = component_alpha || (d.flags & 1 << 18) != 0;
    image(d.mask);
  }
  void see(const raster::AlphaBlend& d) {
    dest_alpha.insert(d.dest_has_alpha), source_alpha.insert(d.src_surface_has_alpha);
  }
  template <class Other>
  void see(const Other&) {}

  void see_page(const DrawPage& page) {
    for (const auto& surface : page.surfaces) surface_formats[surface.id] = surface.format;
    for (const auto& op : page.draws) {
      operations.insert(op->operation.index());
      formats.insert(surface_formats[op->surface]);
      clip_rects.insert(op->clip.rects ? op->clip.rects->size() : 0);
      std::visit([&](const auto& draw) { see(draw); }, op->operation);
      raster::for_each_image(op->operation, [&](const raster::ImageRef& i) { image(i); });
    }
  }

  std::map<raster::SurfaceId, raster::PixelFormat> surface_formats;
};

TEST(DrawPageCoverage, NothingIsLeftOut) {
  Met met;
  for (const std::string& name : draw_page_names()) met.see_page(make_draw_page(name).value());
  EXPECT_THAT(met.operations, SizeIs(std::variant_size_v<raster::Operation>));
  EXPECT_THAT(met.rop3_codes, SizeIs(256));
  EXPECT_THAT(met.brushes, SizeIs(std::variant_size_v<Brush>));
  for (const auto* both : {&met.mask_inverse, &met.mask_with_origin, &met.mask_from_surface}) {
    EXPECT_THAT(*both, SizeIs(2));
  }
  EXPECT_THAT(met.formats, SizeIs(6));
  EXPECT_THAT(met.sources, SizeIs(6));
  EXPECT_THAT(met.scales, SizeIs(2));
  // A rop that keeps the destination cannot be stated on the wire.
  for (const auto* rops : {&met.fills, &met.copies, &met.blends, &met.opaques, &met.strokes}) {
    EXPECT_THAT(*rops, SizeIs(15));
  }
  EXPECT_THAT(met.text_depths, testing::ElementsAre(1, 4, 8));
  EXPECT_THAT(met.operators, SizeIs(14 + 12 + 12 + 15));
  EXPECT_THAT(met.filters, SizeIs(5));
  EXPECT_THAT(met.repeats, SizeIs(4));
  EXPECT_THAT(met.clip_rects, testing::IsSupersetOf({0u, 1u, 2u, 3u}));
  // Those that stand alone; GLZ is what clients ask for, see draw_page_test.
  EXPECT_THAT(met.codecs, SizeIs(7));
  EXPECT_THAT(met.rows, SizeIs(10));
  EXPECT_THAT(met.cached, SizeIs(2));
  for (const auto* both :
       {&met.rows_top_down, &met.dashes_with_gap, &met.dest_alpha, &met.source_alpha}) {
    EXPECT_THAT(*both, SizeIs(2));
  }
  EXPECT_TRUE(met.dashed && met.transformed && met.component_alpha);
}

}  // namespace
}  // namespace cassia::server
