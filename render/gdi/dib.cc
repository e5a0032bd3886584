// SPDX-License-Identifier: Apache-2.0
#include "render/gdi/dib.h"

#include <cstring>

namespace cassia::raster::gdi {

bool has_dib_format(PixelFormat format) { return format != PixelFormat::a1; }

DibHeader::DibHeader(Size size, PixelFormat format) {
  header.biSize = sizeof(header);
  header.biWidth = size.width;
  header.biHeight = -size.height;
  header.biPlanes = 1;
  header.biBitCount = static_cast<WORD>(bits_per_pixel(format));
  header.biCompression = BI_RGB;
  if (format == PixelFormat::rgb555 || format == PixelFormat::rgb565) {
    const bool six = format == PixelFormat::rgb565;
    header.biCompression = BI_BITFIELDS;
    masks[0] = six ? 0xf800 : 0x7c00;
    masks[1] = six ? 0x07e0 : 0x03e0;
    masks[2] = 0x001f;
  } else if (format == PixelFormat::a8) {
    header.biClrUsed = 256;
    for (int i = 0; i < 256; ++i) {
      const auto gray = static_cast<BYTE>(i);
      grays[i] = {gray, gray, gray, 0};
    }
  }
}

Result<Dib> Dib::create(Size size, PixelFormat format) {
  if (!has_dib_format(format) || size.empty() || size.width > max_side || size.height > max_side) {
    return fail(ErrorKind::invalid_argument, "a DIB of {}x{} pixels is not possible", size.width,
                size.height);
  }
  const std::size_t stride =
      (static_cast<std::size_t>(size.width) * bits_per_pixel(format) + 31) / 32 * 4;
  if (stride * static_cast<std::size_t>(size.height) > max_bitmap_bytes) {
    return fail(ErrorKind::no_space, "a DIB of {}x{} pixels is larger than the limit of {} MiB",
                size.width, size.height, max_bitmap_bytes >> 20);
  }
  const DibHeader header(size, format);
  void* pixels = nullptr;
  Dib dib;
  dib.handle_.reset(::CreateDIBSection(nullptr, header.info(), DIB_RGB_COLORS, &pixels, nullptr, 0),
                    DeleteObjectLater{});
  if (dib.handle_ == nullptr || pixels == nullptr) {
    return fail(ErrorKind::no_space, "no DIB section for {}x{} pixels (Windows error {})",
                size.width, size.height, ::GetLastError());
  }
  dib.bitmap_ = Bitmap::wrap(size, format, static_cast<std::int32_t>(stride),
                             static_cast<std::uint8_t*>(pixels), dib.handle_);
  return dib;
}

Result<Dib> Dib::copy_of(const Bitmap& bitmap, const Rect& area) {
  Dib dib = CASSIA_TRY(create(area.size(), bitmap.format()));
  const auto bytes = static_cast<std::size_t>(bits_per_pixel(bitmap.format()) / 8);
  for (std::int32_t y = 0; y < area.height(); ++y) {
    std::memcpy(dib.bitmap_.row(y),
                bitmap.row(area.top + y) + bytes * static_cast<std::size_t>(area.left),
                bytes * static_cast<std::size_t>(area.width()));
  }
  return dib;
}

}  // namespace cassia::raster::gdi
