// SPDX-License-Identifier: Apache-2.0
#pragma once

// Lays out the cells of a DrawPage and makes the pictures that they draw with.

#include "server/guest/draw_page.h"

namespace cassia::server {

/// Surfaces of every page. The sources are `source_side` wide and high.
inline constexpr raster::SurfaceId page_screen = 0;
inline constexpr raster::SurfaceId page_work = 1;
inline constexpr raster::SurfaceId page_same = 2;   ///< the page's own format
inline constexpr raster::SurfaceId page_rgb = 3;    ///< xrgb32
inline constexpr raster::SurfaceId page_argb = 4;   ///< argb32
inline constexpr raster::SurfaceId page_alpha = 5;  ///< a8
inline constexpr raster::SurfaceId page_bits = 6;   ///< a1
inline constexpr raster::SurfaceId page_565 = 7;    ///< rgb565
inline constexpr raster::SurfaceId page_555 = 8;    ///< rgb555
inline constexpr std::int32_t source_side = 64;
inline constexpr raster::Size cell_size{32, 24};

raster::ImageRef image_of(raster::BitmapPtr bitmap);
raster::ImageRef image_of(raster::SurfaceId surface);

/// Pictures without repetition in sight; argb32 ones are premultiplied, from clear to opaque.
raster::BitmapPtr page_picture(raster::Size size, raster::PixelFormat format, unsigned seed);
/// One bit a pixel: a grid of blots.
raster::BitmapPtr page_mask(raster::Size size);

/// All raster operations but noop, which the wire cannot state.
const std::vector<raster::Rop>& page_rops();
const char* name_of(raster::Rop rop);

class PageBuilder {
 public:
  PageBuilder(std::string about, raster::PixelFormat format);

  raster::PixelFormat format() const { return page_.format; }
  bool is_32_bit() const { return raster::bits_per_pixel(page_.format) == 32; }
  /// The place of the next cell, `across` cells wide.
  raster::Rect cell(std::string name, int across = 1);
  /// Another name for the last cell, where it depends on the place.
  void rename(std::string name) { page_.cells.back().name = std::move(name); }
  /// The same at the right edge of the surface.
  raster::Rect last_in_row(std::string name);
  void draw(const raster::Rect& box, raster::Operation operation, raster::Clip clip = {},
            raster::SurfaceId surface = page_work);
  /// cell() and one draw over all of it.
  void one(std::string name, raster::Operation operation) {
    const raster::Rect box = cell(std::move(name));
    draw(box, std::move(operation));
  }
  /// The cells that cell() gives from now on may be one step off on another canvas.
  void set_tolerance(int tolerance) { tolerance_ = tolerance; }
  void set_stock(StockClient stock) { page_.stock = stock; }
  /// Shows the work surface; the page is complete.
  DrawPage finish();

 private:
  void create(raster::SurfaceId id, raster::Size size, raster::PixelFormat format);
  /// Scaled from half its size: stock clients can fill surfaces of one bit in no other way.
  void load(raster::SurfaceId id, raster::Size size, raster::PixelFormat format, unsigned seed);

  DrawPage page_;
  raster::Point next_{0, 0};
  int tolerance_ = 0;
};

// The pages, by subject.
DrawPage page_of_fills();
DrawPage page_of_copies();
DrawPage page_of_opaques();
DrawPage page_of_rop3_colors();
DrawPage page_of_rop3_patterns();
DrawPage page_of_blends();
DrawPage page_of_texts();
DrawPage page_of_strokes();
DrawPage page_of_composites();
DrawPage page_of_argb();
DrawPage page_of_565();
DrawPage page_of_555();
DrawPage page_of_a8();
DrawPage page_of_a1();
DrawPage page_of_images();

// What makes stock clients give up, by subject.
void add_hard_rop3_cells(PageBuilder& page);
void add_hard_text_cells(PageBuilder& page);
void add_hard_stroke_cells(PageBuilder& page);
void add_hard_format_cells(PageBuilder& page);
void add_hard_image_cells(PageBuilder& page);

// What several pages use.
void add_text_cells(PageBuilder& page, std::uint8_t depth);
/// Lines that cross each other.
raster::Stroke page_stroke(const raster::Rect& box, raster::Brush brush, raster::Rop rop);
raster::Text page_text(const raster::Rect& box, std::uint8_t depth, raster::Brush fore);

}  // namespace cassia::server
