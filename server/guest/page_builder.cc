// SPDX-License-Identifier: Apache-2.0
#include "server/guest/page_builder.h"

#include <spice/enums.h>

#include "render/raster/pixel_ops.h"

namespace cassia::server {

using raster::BitmapPtr;
using raster::PixelFormat;
using raster::Rect;
using raster::Rop;
using raster::Size;
using raster::SurfaceId;

namespace {

constexpr std::int32_t gap = 4;
/// pixman's number, and the wire's, of the operator that replaces.
constexpr std::uint32_t composite_src = 1;

std::uint32_t page_pixel(std::uint32_t x, std::uint32_t y, std::uint32_t seed, bool alpha) {
  std::uint32_t mixed = (x * 0x9e3779b1u) ^ (y * 0x85ebca6bu) ^ (seed * 0xc2b2ae35u);
  mixed = (mixed ^ (mixed >> 15)) * 0x2c1b3c6du;
  mixed ^= mixed >> 13;
  // A slope with some noise: neither flat nor hopeless to compress.
  const std::uint32_t r = (x * 5 + seed * 40 + (mixed & 31)) & 255;
  const std::uint32_t g = (y * 7 + seed * 90 + ((mixed >> 5) & 31)) & 255;
  const std::uint32_t b = ((x + y) * 3 + ((mixed >> 10) & 63)) & 255;
  if (!alpha) return r << 16 | g << 8 | b;
  const std::uint32_t kind = (mixed >> 16) % 8;
  const std::uint32_t a = kind == 0 ? 0 : kind <= 2 ? 255 : (mixed >> 20) & 255;
  return a << 24 | (r * a / 255) << 16 | (g * a / 255) << 8 | (b * a / 255);
}

}  // namespace

raster::ImageRef image_of(BitmapPtr bitmap) {
  raster::ImageRef ref;
  ref.source = std::move(bitmap);
  return ref;
}

raster::ImageRef image_of(SurfaceId surface) {
  raster::ImageRef ref;
  ref.source = raster::SurfaceSource{surface};
  return ref;
}

BitmapPtr page_picture(Size size, PixelFormat format, unsigned seed) {
  auto made = raster::Bitmap::create_cleared(size, format);
  if (!made) return nullptr;  // pages know their sizes: it is there
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      raster::set_pixel(*made, {x, y},
                        page_pixel(static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
                                   seed, format == PixelFormat::argb32));
    }
  }
  return std::make_shared<const raster::Bitmap>(std::move(*made));
}

BitmapPtr page_mask(Size size) {
  auto made = raster::Bitmap::create_cleared(size, PixelFormat::a1);
  if (!made) return nullptr;
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      raster::set_pixel(*made, {x, y}, ((x / 5 + y / 3) % 3 == 0) || (x * y) % 7 == 1);
    }
  }
  return std::make_shared<const raster::Bitmap>(std::move(*made));
}

const std::vector<Rop>& page_rops() {
  static const std::vector<Rop> all = {
      Rop::clear,       Rop::nor,          Rop::and_inverted, Rop::copy_inverted, Rop::and_reverse,
      Rop::invert,      Rop::exclusive_or, Rop::nand,         Rop::and_,          Rop::equiv,
      Rop::or_inverted, Rop::copy,         Rop::or_reverse,   Rop::or_,           Rop::set};
  return all;
}

const char* name_of(Rop rop) {
  static constexpr const char* names[] = {
      "clear", "nor",   "and inverted", "copy inverted", "and reverse", "invert",     "xor", "nand",
      "and",   "equiv", "noop",         "or inverted",   "copy",        "or reverse", "or",  "set"};
  return names[static_cast<unsigned>(rop)];
}

PageBuilder::PageBuilder(std::string about, PixelFormat format) {
  page_.about = std::move(about);
  page_.format = format;
  create(page_screen, page_.size, PixelFormat::xrgb32);
  page_.surfaces.front().primary = true;
  const Size sources{source_side, source_side};
  create(page_work, page_.size, format);
  create(page_same, sources, format);
  create(page_rgb, sources, PixelFormat::xrgb32);
  create(page_argb, sources, PixelFormat::argb32);
  create(page_alpha, sources, PixelFormat::a8);
  create(page_bits, sources, PixelFormat::a1);
  create(page_565, sources, PixelFormat::rgb565);
  create(page_555, sources, PixelFormat::rgb555);
  unsigned seed = 1;
  for (const auto& surface : page_.surfaces) {
    if (!surface.primary) load(surface.id, surface.size, surface.format, seed++);
  }
}

void PageBuilder::create(SurfaceId id, Size size, PixelFormat format) {
  page_.surfaces.push_back({id, size, format, false});
}

void PageBuilder::load(SurfaceId id, Size size, PixelFormat format, unsigned seed) {
  const bool opaque = format == PixelFormat::xrgb32 || format == PixelFormat::rgb555 ||
                      format == PixelFormat::rgb565;
  const Size half{size.width / 2, size.height / 2};
  raster::Copy copy;
  copy.src = image_of(page_picture(half, opaque ? PixelFormat::xrgb32 : PixelFormat::argb32, seed));
  copy.src_area = Rect::of(half);
  copy.scale = raster::ScaleMode::nearest;
  draw(Rect::of(size), std::move(copy), {}, id);
}

Rect PageBuilder::cell(std::string name, int across) {
  const Size size{cell_size.width * across + gap * (across - 1), cell_size.height};
  if (next_.x + size.width > page_.size.width) {
    next_ = {0, next_.y + cell_size.height + gap};
  }
  const Rect box = Rect::of(next_, size);
  next_.x += size.width + gap;
  page_.cells.push_back({std::move(name), box, tolerance_});
  return box;
}

Rect PageBuilder::last_in_row(std::string name) {
  next_.x = page_.size.width - cell_size.width;
  return cell(std::move(name));
}

void PageBuilder::draw(const Rect& box, raster::Operation operation, raster::Clip clip,
                       SurfaceId surface) {
  page_.draws.push_back(std::make_shared<const raster::DrawOp>(
      raster::DrawOp{surface, box, std::move(clip), std::move(operation)}));
}

DrawPage PageBuilder::finish() {
  const Rect all = Rect::of(page_.size);
  if (is_32_bit()) {
    raster::Copy copy;
    copy.src = image_of(page_work);
    copy.src_area = all;
    draw(all, std::move(copy), {}, page_screen);
    return std::move(page_);
  }
  // Only a composite takes a surface of another depth in stock clients. Alpha shows as gray.
  raster::Composite show;
  show.flags = composite_src;
  if (page_.format == PixelFormat::a8 || page_.format == PixelFormat::a1) {
    auto white = raster::Bitmap::create_cleared({1, 1}, PixelFormat::argb32);
    if (white) {
      raster::set_pixel(*white, {0, 0}, 0xffffffff);
      show.src = image_of(std::make_shared<const raster::Bitmap>(std::move(*white)));
    }
    show.flags |= SPICE_COMPOSITE_HAS_MASK | SPICE_COMPOSITE_SRC_REPEAT0;  // repeat: normal
    show.mask = image_of(page_work);
  } else {
    show.src = image_of(page_work);
  }
  draw(all, std::move(show), {}, page_screen);
  return std::move(page_);
}

namespace {

/// A page of its own, since a client that gives up shows nothing.
DrawPage page_of_hard_cases() {
  PageBuilder page("what spice-gtk 0.42 gives up on", PixelFormat::xrgb32);
  page.set_stock(StockClient::gives_up);
  add_hard_rop3_cells(page);
  add_hard_text_cells(page);
  add_hard_stroke_cells(page);
  add_hard_format_cells(page);
  add_hard_image_cells(page);
  return page.finish();
}

using MakePage = DrawPage (*)();
/// Page draws-1 is the first.
constexpr MakePage makers[] = {
    page_of_fills,     page_of_copies, page_of_opaques, page_of_rop3_colors, page_of_rop3_patterns,
    page_of_blends,    page_of_texts,  page_of_strokes, page_of_composites,  page_of_argb,
    page_of_565,       page_of_555,    page_of_a8,      page_of_a1,          page_of_images,
    page_of_hard_cases};

std::string page_name(std::size_t index) { return fmt::format("draws-{}", index + 1); }

}  // namespace

std::vector<std::string> draw_page_names() {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < std::size(makers); ++i) all.push_back(page_name(i));
  return all;
}

Result<DrawPage> make_draw_page(std::string_view name) {
  for (std::size_t i = 0; i < std::size(makers); ++i) {
    if (name != page_name(i)) continue;
    DrawPage page = makers[i]();
    page.name = page_name(i);
    return page;
  }
  return fail(ErrorKind::not_found, "there is no page {}; there are {} to {}", name, page_name(0),
              page_name(std::size(makers) - 1));
}

}  // namespace cassia::server
