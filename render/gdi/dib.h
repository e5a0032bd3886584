// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pictures that are both: a bitmap of GDI (a DIB section) and a Bitmap of ours, on the same memory.
// Source: BITMAPINFOHEADER and CreateDIBSection() of the Windows SDK.

#include "render/gdi/handles.h"
#include "render/raster/bitmap.h"

namespace cassia::raster::gdi {

/// A DIB header with what follows it: masks of 16-bit pixels, or the grays of an a8 picture.
struct DibHeader {
  BITMAPINFOHEADER header{};
  union {
    DWORD masks[3];
    RGBQUAD grays[256];
  };

  /// Of a picture whose top row comes first. Not for a1: GDI's bits are in another order.
  DibHeader(Size size, PixelFormat format);
  const BITMAPINFO* info() const { return reinterpret_cast<const BITMAPINFO*>(this); }
};

/// True if GDI has the pixels of `format` as they are: all but a1.
bool has_dib_format(PixelFormat format);

/// Call GdiFlush() between a GDI function that draws on it and a look at its pixels.
class Dib {
 public:
  /// All zero. Refuses what Bitmap::create() refuses, and a1.
  static Result<Dib> create(Size size, PixelFormat format);
  /// With the pixels of `area` of `bitmap`, which lies inside.
  static Result<Dib> copy_of(const Bitmap& bitmap, const Rect& area);

  HBITMAP handle() const { return handle_.get(); }
  Bitmap& bitmap() { return bitmap_; }
  const Bitmap& bitmap() const { return bitmap_; }

 private:
  std::shared_ptr<std::remove_pointer_t<HBITMAP>> handle_;  ///< bitmap_ keeps it alive, too
  Bitmap bitmap_;
};

}  // namespace cassia::raster::gdi
