// SPDX-License-Identifier: Apache-2.0
#include "client/session/scanout_picture.h"

#include <cstring>

#include "channels/display/drm_format.h"

namespace cassia::client {

using raster::Bitmap;
using raster::Rect;

Result<std::shared_ptr<const ScanoutPicture>> ScanoutPicture::open(
    const channels::GlScanout& scanout) {
  const auto format = channels::screen_format_of(scanout.fourcc);
  if (!format) return fail(ErrorKind::unsupported, "DRM format {:#010x}", scanout.fourcc);
  const auto row = static_cast<std::uint64_t>(scanout.size.width) *
                   static_cast<std::uint64_t>(raster::bits_per_pixel(*format)) / 8;
  const std::uint64_t bytes =
      std::uint64_t{scanout.stride} * static_cast<std::uint64_t>(scanout.size.height);
  if (scanout.stride < row || scanout.stride % 4 != 0 || bytes > raster::max_bitmap_bytes) {
    return fail(ErrorKind::malformed, "rows of {} bytes for {}x{} pixels", scanout.stride,
                scanout.size.width, scanout.size.height);
  }
  std::shared_ptr<ScanoutPicture> picture(new ScanoutPicture);
  picture->size_ = scanout.size;
  picture->format_ = *format;
  picture->stride_ = static_cast<std::int32_t>(scanout.stride);
  picture->y0_top_ = scanout.y0_top;
  picture->memory_ = CASSIA_TRY(SharedMemory::map(scanout.memory, bytes));
  return std::shared_ptr<const ScanoutPicture>(std::move(picture));
}

Result<Bitmap> ScanoutPicture::read(const Rect& area) const {
  // Bitmap has no read-only form; nobody writes to the source of a draw.
  auto* const pixels = const_cast<std::uint8_t*>(memory_->data());
  const Bitmap whole = Bitmap::wrap(size_, format_, stride_, pixels, memory_);
  if (y0_top_) return whole.view(area);
  Bitmap out = CASSIA_TRY(Bitmap::create(area.size(), format_));
  const Bitmap columns = whole.view({area.left, 0, area.right, size_.height});
  const auto bytes = static_cast<std::size_t>(area.width() * raster::bits_per_pixel(format_) / 8);
  for (std::int32_t y = 0; y < out.height(); ++y) {
    std::memcpy(out.row(y), columns.row(size_.height - 1 - (area.top + y)), bytes);
  }
  return out;
}

}  // namespace cassia::client
