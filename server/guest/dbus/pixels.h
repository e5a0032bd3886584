// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rows of pixels as QEMU describes them, checked and made a bitmap. Formats are pixman's codes.

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "render/raster/bitmap.h"

namespace cassia::server::dbus {

/// As the peer states it: nothing of it is trusted.
struct PixelLayout {
  std::uint32_t width = 0, height = 0;
  std::uint32_t stride = 0;  ///< bytes from one row to the next
  std::uint32_t format = 0;  ///< pixman_format_code_t
};

/// The bytes that such a picture has: the last row without its padding. Errors: malformed for sizes
/// without sense or beyond the caps, unsupported for a format that is not among those of screens.
Result<std::size_t> bytes_of(const PixelLayout& layout);

/// The picture in xrgb32. 32-bit pixels in rows that begin on multiples of 4 bytes are not copied:
/// `owner` keeps them. Errors: as above, and malformed if `data` is too short.
Result<raster::Bitmap> bitmap_of(const PixelLayout& layout, ByteView data,
                                 std::shared_ptr<const void> owner);

/// The pixman format of a DRM_FORMAT_* (drm_fourcc.h); 0 for those that we do not take.
std::uint32_t format_of_fourcc(std::uint32_t fourcc);

}  // namespace cassia::server::dbus
