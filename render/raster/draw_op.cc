// SPDX-License-Identifier: Apache-2.0
#include "render/raster/draw_op.h"

#include "render/raster/pixel_ops.h"

namespace cassia::raster {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

/// Bit index of a ternary code is P * 4 + S * 2 + D.
bool rop3_reads_destination(std::uint8_t code) { return (code & 0x55) != ((code >> 1) & 0x55); }

/// The source covers the whole of its area for certain. A surface may be smaller than it.
bool fills_area(const ImageRef& image, const Rect& area) {
  if (const Bitmap* bitmap = image.bitmap()) return Rect::of(bitmap->size()).contains(area);
  if (const EncodedImage* encoded = image.encoded()) return Rect::of(encoded->size).contains(area);
  return false;
}

/// No brush counts as the value 0.
bool fills(const Brush& brush) {
  const auto* pattern = std::get_if<Pattern>(&brush);
  if (pattern == nullptr) return true;
  return !pattern->image.none() && pattern->image.surface() == nullptr;
}

bool replaces_all(const Operation& operation) {
  return std::visit(
      Overloaded{
          [](const Fill& op) {
            return op.mask.image.none() && !rop_reads_destination(op.rop) && fills(op.brush);
          },
          [](const Copy& op) {
            return op.mask.image.none() && !rop_reads_destination(op.rop) &&
                   fills_area(op.src, op.src_area);
          },
          [](const Blend& op) {
            return op.mask.image.none() && !rop_reads_destination(op.rop) &&
                   fills_area(op.src, op.src_area);
          },
          [](const Opaque& op) {
            return op.mask.image.none() && fills_area(op.src, op.src_area) && fills(op.brush);
          },
          [](const Rop3& op) {
            return op.mask.image.none() && !rop3_reads_destination(op.rop3) &&
                   fills_area(op.src, op.src_area) && fills(op.brush);
          },
          [](const Blackness& op) { return op.mask.image.none(); },
          [](const Whiteness& op) { return op.mask.image.none(); },
          [](const auto&) { return false; },
      },
      operation);
}

bool combines_with_destination(const Operation& operation) {
  return std::visit(
      Overloaded{
          [](const Fill& op) { return rop_reads_destination(op.rop); },
          [](const Copy& op) { return rop_reads_destination(op.rop); },
          [](const Blend& op) { return rop_reads_destination(op.rop); },
          [](const Rop3& op) { return rop3_reads_destination(op.rop3); },
          [](const Opaque&) { return false; }, [](const Blackness&) { return false; },
          [](const Whiteness&) { return false; }, [](const Transparent&) { return false; },
          [](const Stroke& op) {
            return rop_reads_destination(op.fore_rop) || rop_reads_destination(op.back_rop);
          },
          [](const Text& op) {
            return op.depth != 1 || rop_reads_destination(op.fore_rop) ||
                   rop_reads_destination(op.back_rop);
          },
          [](const auto&) { return true; },  // CopyBits, Invers, AlphaBlend, Composite
      },
      operation);
}

}  // namespace

const char* name_of(const Operation& operation) {
  static constexpr const char* names[] = {
      "draw_fill",        "draw_copy",      "draw_blend",  "draw_opaque",   "copy_bits",
      "draw_blackness",   "draw_whiteness", "draw_invers", "draw_rop3",     "draw_transparent",
      "draw_alpha_blend", "draw_stroke",    "draw_text",   "draw_composite"};
  static_assert(std::size(names) == std::variant_size_v<Operation>);
  return names[operation.index()];
}

Rect opaque_area(const DrawOp& op) {
  if (!replaces_all(op.operation)) return {};
  if (reads_surface(op, op.surface)) return {};
  if (!op.clip.rects) return op.box;
  if (op.clip.rects->size() != 1) return {};
  return op.box.intersected(op.clip.rects->front());
}

bool reads_surface(const DrawOp& op, SurfaceId surface) {
  if (op.surface == surface && combines_with_destination(op.operation)) return true;
  bool reads = false;
  for_each_image(op.operation, [&](const ImageRef& image) {
    if (image.surface() != nullptr && image.surface()->surface == surface) reads = true;
  });
  return reads;
}

}  // namespace cassia::raster
