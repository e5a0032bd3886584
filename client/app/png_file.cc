// SPDX-License-Identifier: Apache-2.0
#include "client/app/png_file.h"

#include <cairo.h>

#include <memory>

#include "base/file.h"

namespace cassia::client {

Result<void> save_png(const raster::Bitmap& bitmap, const std::string& path) {
  const auto destroy = [](cairo_surface_t* surface) { cairo_surface_destroy(surface); };
  // Cairo only reads the pixels.
  auto* pixels = const_cast<std::uint8_t*>(bitmap.row(0));
  const std::unique_ptr<cairo_surface_t, decltype(destroy)> surface(
      cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24, bitmap.width(),
                                          bitmap.height(), bitmap.stride()),
      destroy);
  Bytes file;
  const auto append = [](void* to, const unsigned char* data, unsigned size) {
    auto& bytes = *static_cast<Bytes*>(to);
    bytes.insert(bytes.end(), data, data + size);
    return CAIRO_STATUS_SUCCESS;
  };
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, &file);
  if (status != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorKind::internal, "{}: {}", path, cairo_status_to_string(status));
  }
  return write_file_atomically(path, file);
}

}  // namespace cassia::client
