// SPDX-License-Identifier: Apache-2.0
#pragma once

// The picture of a GL scanout: pixels that the server has put into memory shared with us.

#include <memory>

#include "base/shared_memory.h"
#include "channels/display/display_types.h"

namespace cassia::client {

/// Made on one thread, then read on another.
class ScanoutPicture {
 public:
  /// Checks that the memory holds what the server states. `scanout` has its memory.
  static Result<std::shared_ptr<const ScanoutPicture>> open(const channels::GlScanout& scanout);

  raster::Size size() const { return size_; }
  raster::PixelFormat format() const { return format_; }
  const SharedMemory& memory() const { return *memory_; }

  /// `area`, which is inside: a window on the shared memory, or, if that is upside down, a copy.
  /// To be drawn before the server may draw again, under SharedMemory::ReadAccess.
  Result<raster::Bitmap> read(const raster::Rect& area) const;

 private:
  ScanoutPicture() = default;

  raster::Size size_;
  raster::PixelFormat format_ = raster::PixelFormat::xrgb32;
  std::int32_t stride_ = 0;
  bool y0_top_ = true;
  std::shared_ptr<const SharedMemory> memory_;
};

}  // namespace cassia::client
