// SPDX-License-Identifier: Apache-2.0
#include "channels/display/image_store.h"

#include <spice/enums.h>

namespace cassia::channels {
namespace {

using raster::ImageCodec;
using spice::ImageType;

// libspice-server counts 256 palettes in its model of our cache.
constexpr std::size_t max_palettes = 4096;

std::optional<ImageCodec> codec_of(ImageType type) {
  switch (type) {
    case ImageType::bitmap:
      return ImageCodec::bitmap;
    case ImageType::quic:
      return ImageCodec::quic;
    case ImageType::lz_plt:
      return ImageCodec::lz_palette;
    case ImageType::lz_rgb:
      return ImageCodec::lz_rgb;
    case ImageType::glz_rgb:
      return ImageCodec::glz_rgb;
    case ImageType::zlib_glz_rgb:
      return ImageCodec::zlib_glz;
    case ImageType::jpeg:
      return ImageCodec::jpeg;
    case ImageType::jpeg_alpha:
      return ImageCodec::jpeg_alpha;
    case ImageType::lz4:
      return ImageCodec::lz4;
    default:
      return std::nullopt;
  }
}

bool is_lossy(ImageType type) { return type == ImageType::jpeg || type == ImageType::jpeg_alpha; }

Result<raster::Size> size_of(std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0 || width > raster::max_side || height > raster::max_side) {
    return fail(ErrorKind::malformed, "an image of {}x{} pixels", width, height);
  }
  return raster::Size{static_cast<std::int32_t>(width), static_cast<std::int32_t>(height)};
}

/// Which palette a bitmap without one of its own needs.
bool needs_palette(std::uint8_t bitmap_format) {
  return bitmap_format == SPICE_BITMAP_FMT_4BIT_LE || bitmap_format == SPICE_BITMAP_FMT_4BIT_BE ||
         bitmap_format == SPICE_BITMAP_FMT_8BIT;
}

}  // namespace

std::optional<raster::PixelFormat> pixel_format_of(std::uint32_t surface_format) {
  switch (surface_format) {
    case SPICE_SURFACE_FMT_1_A:
      return raster::PixelFormat::a1;
    case SPICE_SURFACE_FMT_8_A:
      return raster::PixelFormat::a8;
    case SPICE_SURFACE_FMT_16_555:
      return raster::PixelFormat::rgb555;
    case SPICE_SURFACE_FMT_16_565:
      return raster::PixelFormat::rgb565;
    case SPICE_SURFACE_FMT_32_xRGB:
      return raster::PixelFormat::xrgb32;
    case SPICE_SURFACE_FMT_32_ARGB:
      return raster::PixelFormat::argb32;
    default:
      return std::nullopt;
  }
}

std::uint32_t surface_format_of(raster::PixelFormat format) {
  switch (format) {
    case raster::PixelFormat::a1:
      return SPICE_SURFACE_FMT_1_A;
    case raster::PixelFormat::a8:
      return SPICE_SURFACE_FMT_8_A;
    case raster::PixelFormat::rgb555:
      return SPICE_SURFACE_FMT_16_555;
    case raster::PixelFormat::rgb565:
      return SPICE_SURFACE_FMT_16_565;
    case raster::PixelFormat::xrgb32:
      return SPICE_SURFACE_FMT_32_xRGB;
    default:
      return SPICE_SURFACE_FMT_32_ARGB;
  }
}

ImageStore::ImageStore(Options options) : options_(std::move(options)) {
  if (!options_.decoder) options_.decoder = codec::make_inline_lane();
  options_.decoder->set_glz_window(options_.glz_window);
}

Result<raster::ImageRef> ImageStore::image(const std::optional<spice::Image>& image,
                                           raster::PixelFormat target, const char* what) {
  if (!image) return fail(ErrorKind::malformed, "it has no {}", what);
  return resolve(*image, target, false);
}

Result<raster::ImageRef> ImageStore::mask(const std::optional<spice::Image>& image) {
  if (!image) return raster::ImageRef{};
  return resolve(*image, raster::PixelFormat::a1, true);
}

Result<raster::ImageRef> ImageStore::resolve(const spice::Image& image, raster::PixelFormat target,
                                             bool as_mask) {
  if (image.type == ImageType::surface) {
    return raster::ImageRef{raster::SurfaceSource{image.surface_id}, {}};
  }
  if (image.type == ImageType::from_cache || image.type == ImageType::from_cache_lossless) {
    return from_cache(image);
  }
  const bool cache = (image.flags & spice::ImageFlags::cache_me) != 0;
  const bool replace = (image.flags & spice::ImageFlags::cache_replace_me) != 0;
  Found found = source_of(CASSIA_TRY(encoded(image)), image, target, as_mask);
  if (found.pending) awaited_.push_back({found.pending, {}});
  raster::ImageRef ref{found.source, {image.id, cache || replace}};
  if (cache || replace) {
    const std::size_t bytes = found.pending ? found.pending->pixel_bytes() : image.data.size();
    CASSIA_TRY(put(image.id, {std::move(found), bytes, is_lossy(image.type)}));
  }
  return ref;
}

// What could not be decoded is found all the same: it is not known yet. DisplayOrder tells.
Result<raster::ImageRef> ImageStore::from_cache(const spice::Image& image) {
  const auto entry = images_.find(image.id);
  if (entry == images_.end()) {
    return fail(ErrorKind::not_found, "image {:#x} is not in the cache", image.id);
  }
  if (image.type == ImageType::from_cache_lossless && entry->second.lossy) {
    return fail(ErrorKind::not_found, "image {:#x} is in the cache in a lossy form only", image.id);
  }
  const Found& found = entry->second.found;
  if (found.pending) awaited_.push_back({found.pending, image.id});
  return raster::ImageRef{found.source, {image.id, true}};
}

Result<void> ImageStore::put(std::uint64_t id, Entry entry) {
  invalidate_image(id);
  // The server counts four bytes a pixel. Twice that is room for those that it is about to drop.
  if (cached_bytes_ + entry.bytes > 2 * options_.cache_bytes) {
    if (options_.cache_bytes == 0) return {};
    return fail(ErrorKind::malformed, "the server overfills the image cache");
  }
  cached_bytes_ += entry.bytes;
  images_[id] = std::move(entry);
  return {};
}

void ImageStore::invalidate_image(std::uint64_t id) {
  const auto found = images_.find(id);
  if (found == images_.end()) return;
  cached_bytes_ -= found->second.bytes;
  images_.erase(found);
}

void ImageStore::invalidate_images() {
  images_.clear();
  cached_bytes_ = 0;
}

Result<ImageStore::PalettePtr> ImageStore::palette_of(const spice::Image& image) {
  if ((image.bitmap_flags & spice::BitmapFlags::palette_from_cache) != 0) {
    const auto found = palettes_.find(image.palette_id);
    if (found != palettes_.end()) return found->second;
    return fail(ErrorKind::not_found, "palette {:#x} is not in the cache", image.palette_id);
  }
  if (!image.palette) return PalettePtr{};
  auto palette = std::make_shared<raster::Palette>();
  palette->unique = image.palette->unique;
  palette->colors = image.palette->colors;
  if ((image.bitmap_flags & spice::BitmapFlags::palette_cache_me) != 0) {
    if (palettes_.size() >= max_palettes) {
      return fail(ErrorKind::malformed, "the server overfills the palette cache");
    }
    palettes_[palette->unique] = palette;
  }
  return palette;
}

Result<raster::EncodedImage> ImageStore::encoded(const spice::Image& image) {
  const auto codec = codec_of(image.type);
  if (!codec) {
    return fail(ErrorKind::unsupported, "image type {}", static_cast<int>(image.type));
  }
  raster::EncodedImage out;
  out.codec = *codec;
  out.size = CASSIA_TRY(size_of(image.width, image.height));
  // Borrowed for decoding; source_of() makes a copy where it is kept.
  out.data = SharedBytes(nullptr, image.data.view());
  out.inflated_size = image.inflated_size;
  out.jpeg_size = image.jpeg_size;
  out.high_bits = (image.flags & spice::ImageFlags::high_bits_set) != 0;
  if (image.type == ImageType::bitmap) {
    out.size = CASSIA_TRY(size_of(image.bitmap_width, image.bitmap_height));
    out.bitmap_format = static_cast<raster::WireBitmapFormat>(image.bitmap_format);
    if (image.stride > 0x7fffffffu) return fail(ErrorKind::malformed, "stride {}", image.stride);
    out.stride = static_cast<std::int32_t>(image.stride);
  }
  if (image.type == ImageType::bitmap || image.type == ImageType::lz_plt) {
    out.top_down = (image.bitmap_flags & spice::BitmapFlags::top_down) != 0;
    out.palette = CASSIA_TRY(palette_of(image));
  } else if (image.type == ImageType::jpeg_alpha) {
    out.top_down = (image.bitmap_flags & SPICE_JPEG_ALPHA_FLAGS_TOP_DOWN) != 0;
  }
  const bool palette_missing =
      image.type == ImageType::lz_plt ||
      (image.type == ImageType::bitmap && needs_palette(image.bitmap_format));
  if (palette_missing && !out.palette) {
    return fail(ErrorKind::malformed, "a palettised image has no palette");
  }
  return out;
}

ImageStore::Found ImageStore::source_of(raster::EncodedImage image, const spice::Image& wire,
                                        raster::PixelFormat target, bool as_mask) {
  // 16-bit surfaces have palettes of 16-bit colours: what comes without its target's format cannot
  // stand alone.
  const bool bound_to_target = image.palette != nullptr && target == raster::PixelFormat::rgb555;
  if (!options_.decode && image.stands_alone() && !bound_to_target) {
    image.data = wire.data.keep();
    return {std::make_shared<const raster::EncodedImage>(std::move(image)), nullptr};
  }
  auto pending = options_.decoder->decode(
      image, {.as_mask = as_mask, .rgb555_palettes = target == raster::PixelFormat::rgb555});
  return {raster::EncodedImagePtr(pending, &pending->image()), pending};
}

}  // namespace cassia::channels
