// SPDX-License-Identifier: Apache-2.0
#include "channels/display/image_writer.h"

#include <spice/enums.h>
#include <spice/protocol.h>

#include "render/codec/encode.h"

namespace cassia::channels {
namespace {

using raster::ImageCodec;
using spice::ImageType;

/// Bitmaps of fewer bytes go raw: no codec saves anything worth its headers.
constexpr std::size_t smallest_encoded = 256;

ImageType type_of(ImageCodec codec) {
  switch (codec) {
    case ImageCodec::bitmap:
      return ImageType::bitmap;
    case ImageCodec::quic:
      return ImageType::quic;
    case ImageCodec::lz_rgb:
      return ImageType::lz_rgb;
    case ImageCodec::lz_palette:
      return ImageType::lz_plt;
    case ImageCodec::glz_rgb:
      return ImageType::glz_rgb;
    case ImageCodec::zlib_glz:
      return ImageType::zlib_glz_rgb;
    case ImageCodec::jpeg:
      return ImageType::jpeg;
    case ImageCodec::jpeg_alpha:
      return ImageType::jpeg_alpha;
    default:
      return ImageType::lz4;
  }
}

raster::Size size_of(const raster::ImageRef& ref) {
  if (const raster::Bitmap* bitmap = ref.bitmap()) return bitmap->size();
  if (const raster::EncodedImage* encoded = ref.encoded()) return encoded->size;
  return {};
}

bool is_lossy(const raster::ImageRef& ref) {
  const raster::EncodedImage* encoded = ref.encoded();
  return encoded != nullptr &&
         (encoded->codec == ImageCodec::jpeg || encoded->codec == ImageCodec::jpeg_alpha);
}

}  // namespace

bool client_decodes(const spice::Capabilities& caps, ImageCodec codec) {
  switch (codec) {
    case ImageCodec::glz_rgb:
    case ImageCodec::zlib_glz:
      return false;  // bound to another session's window
    // No capability tells who knows LZ_PLT. spice-html5, which does not, does not know LZ4 either.
    case ImageCodec::lz_palette:
    case ImageCodec::lz4:
      return caps.has(SPICE_DISPLAY_CAP_LZ4_COMPRESSION);
    default:
      return true;
  }
}

Result<std::optional<spice::Image>> ImageWriter::image(const raster::ImageRef& ref) {
  if (ref.none()) return std::optional<spice::Image>{};
  if (const raster::SurfaceSource* surface = ref.surface()) {
    return std::optional(CASSIA_TRY(from_surface(surface->surface)));
  }
  const raster::Size size = size_of(ref);
  const bool may_cache = ref.identity.id != 0 && ref.identity.cache_me;
  if (!may_cache) {
    spice::Image image = CASSIA_TRY(pixels_of(ref));
    image.id = cache_.fresh_number();
    return std::optional(std::move(image));
  }
  const bool lossy = is_lossy(ref);
  if (const auto known = cache_.find(ref.identity.id)) {
    if (!known->lossy || lossy) {
      spice::Image image;
      image.id = known->number;
      // Of use only to clients that were sent lossy images: others may not know this type.
      image.type = cache_.any_lossy() && !known->lossy ? ImageType::from_cache_lossless
                                                       : ImageType::from_cache;
      image.width = static_cast<std::uint32_t>(size.width);
      image.height = static_cast<std::uint32_t>(size.height);
      return std::optional(std::move(image));
    }
    spice::Image image = CASSIA_TRY(pixels_of(ref));
    image.id = known->number;
    image.flags |= spice::ImageFlags::cache_replace_me;
    cache_.set_lossless(ref.identity.id);
    return std::optional(std::move(image));
  }
  spice::Image image = CASSIA_TRY(pixels_of(ref));
  const auto number = cache_.add(
      ref.identity.id,
      static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height), lossy);
  if (number) image.flags |= spice::ImageFlags::cache_me;
  image.id = number ? *number : cache_.fresh_number();
  return std::optional(std::move(image));
}

Result<spice::Image> ImageWriter::pixels_of(const raster::ImageRef& ref) {
  if (const raster::EncodedImage* encoded = ref.encoded()) return from_encoded(*encoded);
  return from_bitmap(*ref.bitmap());
}

void ImageWriter::add_palette(spice::Image& image, const raster::EncodedImage& encoded) {
  if (!encoded.palette) return;
  const ClientPaletteModel::Use use = palettes_.use(encoded.palette->colors);
  if (use.cached) {
    image.bitmap_flags |= spice::BitmapFlags::palette_from_cache;
    image.palette_id = use.number;
  } else {
    image.bitmap_flags |= spice::BitmapFlags::palette_cache_me;
    image.palette = spice::Palette{use.number, encoded.palette->colors};
  }
}

Result<spice::Image> ImageWriter::from_surface(raster::SurfaceId id) const {
  const auto known = surfaces_.find(id);
  if (known == surfaces_.end()) {
    return fail(ErrorKind::not_found, "the client knows no source surface {}", id);
  }
  spice::Image image;
  image.type = ImageType::surface;
  image.surface_id = id;
  image.width = static_cast<std::uint32_t>(known->second.size.width);
  image.height = static_cast<std::uint32_t>(known->second.size.height);
  return image;
}

Result<spice::Image> ImageWriter::from_encoded(const raster::EncodedImage& encoded) {
  if (!client_decodes(caps_, encoded.codec)) {
    return fail(ErrorKind::unsupported, "the client cannot decode {}",
                codec::name_of(encoded.codec));
  }
  if (encoded.codec == ImageCodec::bitmap) {
    // The size is not on the wire: it follows from the stride.
    const std::int64_t size = std::int64_t{encoded.stride} * encoded.size.height;
    if (size < 0 || encoded.data.size() < static_cast<std::uint64_t>(size)) {
      return fail(ErrorKind::invalid_argument, "a bitmap of {} bytes, not {}", encoded.data.size(),
                  size);
    }
  }
  return to_wire(encoded);
}

Result<spice::Image> ImageWriter::from_bitmap(const raster::Bitmap& bitmap) {
  const bool colors = raster::bits_per_pixel(bitmap.format()) >= 16;
  if (!use_.on || !colors || bitmap.byte_size() < smallest_encoded) {
    return from_encoded(CASSIA_TRY(codec::encode_raw(bitmap)));
  }
  if (glz_ && allowed_ && glz_->takes(bitmap)) {
    if (auto encoded = glz_->encode(bitmap, use_.deflate)) {
      encoded->high_bits = codec::has_high_bits(bitmap);
      return to_wire(*encoded);
    }
  }
  // Larger than the window, or of a draw that may fail: in a form that stands alone.
  return from_encoded(CASSIA_TRY(codec::encode(bitmap, codec::EncodeChoice{})));
}

spice::Image ImageWriter::to_wire(const raster::EncodedImage& encoded) {
  spice::Image image;
  image.type = type_of(encoded.codec);
  image.width = static_cast<std::uint32_t>(encoded.size.width);
  image.height = static_cast<std::uint32_t>(encoded.size.height);
  image.data = wire::Blob(encoded.data);
  image.jpeg_size = encoded.jpeg_size;
  if (encoded.high_bits) image.flags |= spice::ImageFlags::high_bits_set;
  image.inflated_size = encoded.inflated_size;
  switch (encoded.codec) {
    case ImageCodec::bitmap: {
      image.bitmap_format = static_cast<std::uint8_t>(encoded.bitmap_format);
      image.bitmap_width = image.width;
      image.bitmap_height = image.height;
      image.stride = static_cast<std::uint32_t>(encoded.stride);
      const auto size = static_cast<std::size_t>(encoded.stride) * image.height;
      image.data = wire::Blob(encoded.data.slice(0, size));
      [[fallthrough]];
    }
    case ImageCodec::lz_palette:
      image.bitmap_flags = encoded.top_down ? spice::BitmapFlags::top_down : 0;
      add_palette(image, encoded);
      break;
    case ImageCodec::jpeg_alpha:
      image.bitmap_flags = encoded.top_down ? SPICE_JPEG_ALPHA_FLAGS_TOP_DOWN : 0;
      break;
    default:
      break;
  }
  return image;
}

}  // namespace cassia::channels
