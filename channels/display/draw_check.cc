// SPDX-License-Identifier: Apache-2.0
#include "channels/display/draw_check.h"

namespace cassia::channels {
namespace {

using raster::Rect;
using raster::Size;

std::string text_of(const Rect& r) {
  return fmt::format("{},{}-{},{}", r.left, r.top, r.right, r.bottom);
}

/// `what`: "box", "source area". An empty rectangle is no fault: nothing is asked for.
Result<void> check_area(const char* what, const Rect& area, Size whole, std::string_view of) {
  if (area.left > area.right || area.top > area.bottom) {
    return fail(ErrorKind::malformed, "the {} {} is inside out", what, text_of(area));
  }
  if (area.empty() || !area.intersected(Rect::of(whole)).empty()) return {};
  return fail(ErrorKind::malformed, "the {} {} is outside of the {} of {}x{} pixels", what,
              text_of(area), of, whole.width, whole.height);
}

/// Nothing where only decoding tells.
std::optional<Size> size_of(const raster::ImageRef& image, const SurfaceMap& surfaces) {
  if (const raster::Bitmap* bitmap = image.bitmap()) return bitmap->size();
  if (const raster::EncodedImage* encoded = image.encoded()) return encoded->size;
  if (const raster::SurfaceSource* surface = image.surface()) {
    return surfaces.at(surface->surface).size;
  }
  return std::nullopt;
}

Result<void> check_surfaces(const raster::DrawOp& op, const SurfaceMap& surfaces) {
  if (surfaces.count(op.surface) == 0) {
    return fail(ErrorKind::not_found, "surface {} does not exist", op.surface);
  }
  std::optional<raster::SurfaceId> missing;
  raster::for_each_image(op.operation, [&](const raster::ImageRef& image) {
    const raster::SurfaceSource* source = image.surface();
    if (source && surfaces.count(source->surface) == 0) missing = source->surface;
  });
  if (missing) return fail(ErrorKind::not_found, "source surface {} does not exist", *missing);
  return {};
}

}  // namespace

Result<void> check_draw(const raster::DrawOp& op, const SurfaceMap& surfaces) {
  CASSIA_TRY(check_surfaces(op, surfaces));
  const Size surface = surfaces.at(op.surface).size;
  CASSIA_TRY(check_area("box", op.box, surface, "surface"));
  if (const auto* bits = std::get_if<raster::CopyBits>(&op.operation)) {
    return check_area("source area", Rect::of(bits->src, op.box.size()), surface, "surface");
  }
  return std::visit(
      [&](const auto& operation) -> Result<void> {
        if constexpr (requires { operation.src_area; }) {
          if (const auto size = size_of(operation.src, surfaces)) {
            return check_area("source area", operation.src_area, *size, "image");
          }
        }
        return {};
      },
      op.operation);
}

Result<void> check_stream_area(raster::SurfaceId surface, const Rect& dest,
                               const SurfaceMap& surfaces) {
  const auto found = surfaces.find(surface);
  if (found == surfaces.end()) {
    return fail(ErrorKind::not_found, "surface {} does not exist", surface);
  }
  return check_area("area", dest, found->second.size, "surface");
}

}  // namespace cassia::channels
