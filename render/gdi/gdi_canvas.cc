// SPDX-License-Identifier: Apache-2.0
// Surfaces, fills, copies, raster operations and moves, by GDI.

#include "render/gdi/gdi_canvas.h"

#include "render/gdi/drawing.h"
#include "render/gdi/rop_codes.h"
#include "render/raster/pixel_ops.h"

namespace cassia::raster::gdi {
namespace {

/// A brush is a copy of its tile, made for one draw: a larger one is tiled in memory.
constexpr std::int32_t max_brush_pixels = 256 * 256;

/// GDI takes solid colours apart and drops bits that are no colour; a small tile keeps them all.
constexpr Size solid_tile{8, 8};

bool fits_brush(Size size) { return std::int64_t{size.width} * size.height <= max_brush_pixels; }

}  // namespace

Result<std::unique_ptr<GdiCanvas>> GdiCanvas::create() {
  OwnedDc target(::CreateCompatibleDC(nullptr)), source(::CreateCompatibleDC(nullptr));
  CASSIA_TRY(check(target && source, "CreateCompatibleDC"));
  return std::unique_ptr<GdiCanvas>(new GdiCanvas(std::move(target), std::move(source)));
}

const Bitmap* GdiCanvas::peek(SurfaceId id) const {
  settle();
  return ReferenceCanvas::peek(id);
}

HBITMAP GdiCanvas::handle(SurfaceId id) const {
  const auto it = dibs_.find(id);
  return it == dibs_.end() ? nullptr : it->second.handle();
}

void GdiCanvas::settle() const {
  if (unsettled_) ::GdiFlush();
  unsettled_ = false;
}

Result<void> GdiCanvas::allocate(const Target& target) {
  if (!has_dib_format(target.format)) return ReferenceCanvas::allocate(target);
  Dib dib = CASSIA_TRY(Dib::create(target.size, target.format));
  adopt(target.id, dib.bitmap());
  dibs_[target.id] = std::move(dib);
  return {};
}

void GdiCanvas::release(SurfaceId id) {
  settle();
  ReferenceCanvas::release(id);
  dibs_.erase(id);
}

Result<Bitmap> GdiCanvas::read_back(const Target& target, const Rect& area) {
  settle();
  return ReferenceCanvas::read_back(target, area);
}

Result<GdiCanvas::Picture> GdiCanvas::picture_of(const Source& source, const Rect& part) {
  Picture picture;
  if (const auto* id = std::get_if<SurfaceId>(&source); id != nullptr && handle(*id) != nullptr) {
    picture.handle = handle(*id);
    return picture;
  }
  picture.copy = CASSIA_TRY(Dib::copy_of(pixels(source), part));
  picture.handle = picture.copy->handle();
  picture.at = part.origin();
  return picture;
}

Result<std::optional<GdiCanvas::Brush>> GdiCanvas::brush_of(const Target& target,
                                                            const Paint& paint) {
  Brush brush;
  if (const auto* value = std::get_if<std::uint32_t>(&paint)) {
    if (bits_per_pixel(target.format) == 32 && *value >> 24 == 0) {
      brush.owned.reset(
          ::CreateSolidBrush(RGB((*value >> 16) & 255, (*value >> 8) & 255, *value & 255)));
    } else {
      Dib tile = CASSIA_TRY(Dib::create(solid_tile, target.format));
      fill_rect(tile.bitmap(), Rect::of(solid_tile), *value, Rop::copy);
      brush.owned.reset(::CreatePatternBrush(tile.handle()));
    }
  } else {
    const Tile& tile = std::get<Tile>(paint);
    const Size size = size_of(tile.source);
    if (!fits_brush(size)) return std::optional<Brush>();
    settle();
    const Picture picture = CASSIA_TRY(picture_of(tile.source, Rect::of(size)));
    brush.owned.reset(::CreatePatternBrush(picture.handle));
    brush.origin = {wrap_coordinate(tile.origin.x, size.width),
                    wrap_coordinate(tile.origin.y, size.height)};
  }
  CASSIA_TRY(check(brush.owned != nullptr, "making a brush"));
  brush.handle = brush.owned.get();
  return std::optional<Brush>(std::move(brush));
}

Result<void> GdiCanvas::fill(const Target& target, const Region& region, const Paint& paint,
                             Rop rop) {
  std::optional<Brush> brush;
  if (handle(target.id) != nullptr) brush = CASSIA_TRY(brush_of(target, paint));
  if (!brush) {
    settle();
    return ReferenceCanvas::fill(target, region, paint, rop);
  }
  const Drawing drawing(*this, target, region);
  const Selected selected(drawing.dc(), brush->handle);
  ::SetBrushOrgEx(drawing.dc(), brush->origin.x, brush->origin.y, nullptr);
  const Rect& r = drawing.bounds();
  return check(::PatBlt(drawing.dc(), r.left, r.top, r.width(), r.height(), pattern_code(rop)),
               "PatBlt");
}

/// The rows of a picture in memory, without a bitmap of GDI between.
Result<void> GdiCanvas::copy_bits(const Target& target, const Region& region, const Bitmap& bitmap,
                                  Point offset) {
  const Drawing drawing(*this, target, region);
  const Rect& to = drawing.bounds();
  const Rect from = to.translated(-offset.x, -offset.y);
  const Size rows{bitmap.width(), from.height()};
  const DibHeader header(rows, bitmap.format());
  const int done = ::SetDIBitsToDevice(
      drawing.dc(), to.left, to.top, static_cast<DWORD>(to.width()),
      static_cast<DWORD>(to.height()), from.left, 0, 0, static_cast<UINT>(rows.height),
      bitmap.row(from.top), header.info(), DIB_RGB_COLORS);
  return check(done != 0, "SetDIBitsToDevice");
}

Result<void> GdiCanvas::blit(const Target& target, const Region& region, const Source& source,
                             Point offset, Rop rop) {
  if (handle(target.id) == nullptr) {
    settle();
    return ReferenceCanvas::blit(target, region, source, offset, rop);
  }
  const auto* bitmap = std::get_if<BitmapPtr>(&source);
  if (bitmap != nullptr && rop == Rop::copy) {
    const Bitmap& from = **bitmap;
    // A window on a larger picture has longer rows than GDI would take it to have.
    const DibHeader header(from.size(), target.format);
    const int bits = from.width() * header.header.biBitCount;
    if ((bits + 31) / 32 * 4 == from.stride()) return copy_bits(target, region, from, offset);
  }
  const Rect part = region.bounds().translated(-offset.x, -offset.y);
  const Picture picture = CASSIA_TRY(picture_of(source, part));
  const Drawing drawing(*this, target, region);
  const Selected selected(source_dc_.get(), picture.handle);
  const Rect& to = drawing.bounds();
  return check(::BitBlt(drawing.dc(), to.left, to.top, to.width(), to.height(), source_dc_.get(),
                        part.left - picture.at.x, part.top - picture.at.y, source_code(rop)),
               "BitBlt");
}

Result<void> GdiCanvas::ternary(const Target& target, const Region& region, const Source& source,
                                Point offset, const Paint& paint, std::uint8_t code) {
  std::optional<Brush> brush;
  if (handle(target.id) != nullptr) brush = CASSIA_TRY(brush_of(target, paint));
  if (!brush) {
    settle();
    return ReferenceCanvas::ternary(target, region, source, offset, paint, code);
  }
  const Rect part = region.bounds().translated(-offset.x, -offset.y);
  if (std::holds_alternative<Tile>(paint)) {
    settle();
    const Dib from = CASSIA_TRY(Dib::copy_of(pixels(source), part));
    return ternary_aside(target, region, from, *brush, code);
  }
  const Picture picture = CASSIA_TRY(picture_of(source, part));
  const Drawing drawing(*this, target, region);
  const Selected brush_selected(drawing.dc(), brush->handle);
  const Selected selected(source_dc_.get(), picture.handle);
  const Rect& to = drawing.bounds();
  return check(::BitBlt(drawing.dc(), to.left, to.top, to.width(), to.height(), source_dc_.get(),
                        part.left - picture.at.x, part.top - picture.at.y, ternary_code(code)),
               "BitBlt");
}

/// Wine 8 shifts a tile by the corners of both rectangles for the 107 codes that it composes of
/// others (01, 02, 03, 0c, 14 ...): exact only where these are 0,0 and nothing is clipped. So the
/// pixels make a detour, which costs Windows itself three copies and changes nothing.
Result<void> GdiCanvas::ternary_aside(const Target& target, const Region& region, const Dib& from,
                                      const Brush& brush, std::uint8_t code) {
  const Rect to = region.bounds();
  settle();
  const Dib aside = CASSIA_TRY(Dib::copy_of(pixels(target.id), to));
  {
    const Selected target_selected(target_dc_.get(), aside.handle());
    const Selected brush_selected(target_dc_.get(), brush.handle);
    const Selected selected(source_dc_.get(), from.handle());
    ::SetBrushOrgEx(target_dc_.get(), brush.origin.x - to.left, brush.origin.y - to.top, nullptr);
    CASSIA_TRY(check(::BitBlt(target_dc_.get(), 0, 0, to.width(), to.height(), source_dc_.get(), 0,
                              0, ternary_code(code)),
                     "BitBlt"));
  }
  const Drawing drawing(*this, target, region);
  const Selected selected(source_dc_.get(), aside.handle());
  return check(::BitBlt(drawing.dc(), to.left, to.top, to.width(), to.height(), source_dc_.get(), 0,
                        0, SRCCOPY),
               "BitBlt");
}

Result<void> GdiCanvas::move(const Target& target, const Region& region, Point offset) {
  if (handle(target.id) == nullptr) {
    settle();
    return ReferenceCanvas::move(target, region, offset);
  }
  const Drawing drawing(*this, target, region);
  const Rect& to = drawing.bounds();
  return check(::BitBlt(drawing.dc(), to.left, to.top, to.width(), to.height(), drawing.dc(),
                        to.left - offset.x, to.top - offset.y, SRCCOPY),
               "BitBlt");
}

}  // namespace cassia::raster::gdi
