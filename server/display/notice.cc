// SPDX-License-Identifier: Apache-2.0
#include "server/display/notice.h"

#include "server/display/console_font.h"

namespace cassia::server {

using raster::DrawOp;
using raster::Rect;

namespace {

constexpr std::uint32_t ink = 0xffffff;
constexpr std::uint32_t paper = 0x203a5c;
constexpr std::int32_t padding = 16;

/// A colour as Fill wants it for this surface.
raster::Color fill_color(const Surface& surface, std::uint32_t rgb) {
  const std::uint32_t r = rgb >> 19 & 31, g = rgb >> 11 & 31, b = rgb >> 3 & 31;
  switch (surface.info.format) {
    case raster::PixelFormat::rgb555:
      return r << 10 | g << 5 | b;
    case raster::PixelFormat::rgb565:
      return r << 11 | g << 6 | b;
    default:
      return rgb;
  }
}

DrawOp fill_op(const Surface& surface, const Rect& box, std::uint32_t rgb) {
  raster::Fill fill;
  fill.brush = fill_color(surface, rgb);
  return DrawOp{surface.info.id, box, {}, std::move(fill)};
}

}  // namespace

std::vector<DrawOp> notice_ops(const Surface& surface, const std::string& text) {
  auto line = draw_text(text, ink, paper);
  if (!line) return {};
  const raster::Size size = surface.info.size;
  const Rect whole = Rect::of(size);
  const Rect words = Rect::of(
      {(size.width - line->width()) / 2, (size.height - line->height()) / 2}, line->size());
  const Rect box{words.left - padding, words.top - padding, words.right + padding,
                 words.bottom + padding};
  const Rect frame{box.left - 2, box.top - 2, box.right + 2, box.bottom + 2};

  std::vector<DrawOp> ops;
  ops.push_back(fill_op(surface, frame.intersected(whole), ink));
  ops.push_back(fill_op(surface, box.intersected(whole), paper));
  const Rect visible = words.intersected(whole);
  raster::Copy copy;
  copy.src.source = std::make_shared<const raster::Bitmap>(std::move(*line));
  copy.src_area = visible.translated(-words.left, -words.top);
  ops.push_back(DrawOp{surface.info.id, visible, {}, std::move(copy)});
  std::erase_if(ops, [](const DrawOp& op) { return op.box.empty(); });
  return ops;
}

}  // namespace cassia::server
