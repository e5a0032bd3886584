// SPDX-License-Identifier: Apache-2.0
// The same generated draws on the reference canvas and on another one: the pictures must be equal,
// bit for bit, but for filtered scaling and alpha arithmetic, where a component may be one off.

#include <gtest/gtest.h>

#include "tests/conformance/canvas/backends.h"
#include "tests/conformance/canvas/case_generator.h"
#include "tests/conformance/canvas/compare.h"

namespace cassia::raster::conformance {
namespace {

/// All ternary codes once, and each of the 16 raster operations after the edges.
constexpr int draws_per_case = 256 + edge_boxes;

const char* name_of(PixelFormat format) {
  switch (format) {
    case PixelFormat::a1:
      return "a1";
    case PixelFormat::a8:
      return "a8";
    case PixelFormat::rgb555:
      return "rgb555";
    case PixelFormat::rgb565:
      return "rgb565";
    case PixelFormat::xrgb32:
      return "xrgb32";
    case PixelFormat::argb32:
      return "argb32";
  }
  return "";
}

const char* operation_name(std::size_t index) {
  constexpr const char* names[] = {"fill",        "copy",      "blend",  "opaque",   "copy_bits",
                                   "blackness",   "whiteness", "invers", "rop3",     "transparent",
                                   "alpha_blend", "stroke",    "text",   "composite"};
  static_assert(std::size(names) == operation_count);
  return names[index];
}

/// How far a component may be off. Anything that neither filters nor blends is exact.
int tolerance_of(const DrawOp& op) {
  const auto filtered = [&](const auto& draw) {
    return draw.scale == ScaleMode::interpolate && draw.src_area.size() != op.box.size();
  };
  if (const auto* d = std::get_if<Copy>(&op.operation)) return filtered(*d) ? 1 : 0;
  const std::size_t index = op.operation.index();
  return index == 10 || index == 12 || index == 13 ? 1 : 0;  // alpha_blend, text, composite
}

/// A raster operation on a filtered image would turn an error of one into any error: no filter.
void avoid_amplified_errors(DrawOp& op) {
  const auto use_nearest = [](auto& draw) { draw.scale = ScaleMode::nearest; };
  if (auto* d = std::get_if<Blend>(&op.operation)) use_nearest(*d);
  if (auto* d = std::get_if<Opaque>(&op.operation)) use_nearest(*d);
  if (auto* d = std::get_if<Rop3>(&op.operation)) use_nearest(*d);
  if (auto* d = std::get_if<Copy>(&op.operation); d && d->rop != Rop::copy) use_nearest(*d);
}

using Case = std::tuple<std::string, std::size_t, PixelFormat>;

class CanvasConformance : public testing::TestWithParam<Case> {
 protected:
  void load(Canvas& canvas, SurfaceId id, const BitmapPtr& picture) {
    DrawOp op;
    op.surface = id;
    op.box = Rect::of(picture->size());
    Copy copy;
    copy.src.source = picture;
    copy.src_area = op.box;
    op.operation = copy;
    ASSERT_TRUE(canvas.draw(op).has_value());
  }

  void prepare(Canvas& reference, Canvas& canvas, CaseGenerator& cases, PixelFormat format) {
    const std::pair<SurfaceId, PixelFormat> surfaces[] = {{target_surface, format},
                                                          {same_format_surface, format},
                                                          {rgb_surface, PixelFormat::xrgb32},
                                                          {bit_surface, PixelFormat::a1}};
    for (const auto& [id, surface_format] : surfaces) {
      const Size size = id == target_surface ? target_size : source_size;
      const BitmapPtr picture = cases.picture(size, surface_format);
      for (Canvas* each : {&reference, &canvas}) {
        ASSERT_TRUE(each->create_surface(id, size, surface_format).has_value());
        load(*each, id, picture);
        each->take_damage(id);
      }
    }
  }
};

TEST_P(CanvasConformance, DrawsAsTheReferenceDoes) {
  const auto& [backend, operation, format] = GetParam();
  auto made = make_backend(backend);
  ASSERT_TRUE(made.has_value()) << made.error().message();
  Canvas& canvas = *made->canvas;
  auto reference = make_reference_canvas();
  const auto seed = static_cast<std::uint32_t>(operation * 16 + static_cast<unsigned>(format));
  CaseGenerator cases(seed, format);
  prepare(*reference, canvas, cases, format);
  int drawn = 0, changed = 0;
  for (int i = 0; i < draws_per_case; ++i) {
    SCOPED_TRACE(fmt::format("draw {}", i));
    DrawOp op = cases.draw(operation, i);
    avoid_amplified_errors(op);
    const auto expected = reference->draw(op);
    const auto actual = canvas.draw(op);
    ASSERT_EQ(expected.has_value(), actual.has_value())
        << (expected ? actual.error().message() : expected.error().message());
    const auto damage = reference->take_damage(target_surface).rects();
    EXPECT_EQ(damage, canvas.take_damage(target_surface).rects());
    drawn += expected.has_value() ? 1 : 0;
    changed += damage.empty() ? 0 : 1;
    const int tolerance = tolerance_of(op);
    const Bitmap want = reference->read(target_surface, Rect::of(target_size)).value();
    const Bitmap got = canvas.read(target_surface, Rect::of(target_size)).value();
    ASSERT_EQ(first_difference(want, got, tolerance), "");
    if (tolerance > 0) {  // start the next draw from equal pictures
      const BitmapPtr fresh = cases.picture(target_size, format);
      load(*reference, target_surface, fresh);
      load(canvas, target_surface, fresh);
      reference->take_damage(target_surface);
      canvas.take_damage(target_surface);
    }
  }
  // Agreement on refusals and on nothing would prove little.
  EXPECT_GT(drawn, draws_per_case * 9 / 10);
  EXPECT_GT(changed, draws_per_case / 5);
}

std::vector<std::size_t> all_operations() {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < operation_count; ++i) all.push_back(i);
  return all;
}

INSTANTIATE_TEST_SUITE_P(
    All, CanvasConformance,
    testing::Combine(testing::ValuesIn(backend_names()), testing::ValuesIn(all_operations()),
                     testing::Values(PixelFormat::a1, PixelFormat::a8, PixelFormat::rgb555,
                                     PixelFormat::rgb565, PixelFormat::xrgb32,
                                     PixelFormat::argb32)),
    [](const auto& info) {
      return std::get<0>(info.param) + "_" + operation_name(std::get<1>(info.param)) + "_" +
             name_of(std::get<2>(info.param));
    });

}  // namespace
}  // namespace cassia::raster::conformance
