// SPDX-License-Identifier: Apache-2.0
#pragma once

// Client side: turns the images of draw messages into what a DrawOp holds, with the image cache,
// the palette cache and the GLZ window that the server counts on.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocol/spice/image.h"
#include "render/codec/decode_lane.h"
#include "render/raster/image.h"

namespace cassia::channels {

/// SpiceSurfaceFmt and raster::PixelFormat; nothing for formats that do not exist.
std::optional<raster::PixelFormat> pixel_format_of(std::uint32_t surface_format);
std::uint32_t surface_format_of(raster::PixelFormat format);

/// An image that a draw needs and that may not be ready yet. In the DrawOp the encoded image that
/// codec::PendingImage::image() gives stands for it.
struct AwaitedImage {
  codec::PendingImagePtr image;
  std::optional<std::uint64_t> from_cache;  ///< its number there, if the draw names it so
};

class ImageStore {
 public:
  struct Options {
    std::uint64_t cache_bytes = 0;
    bool decode = true;
    std::shared_ptr<codec::DecodeLane> decoder;    ///< null: on the spot
    std::shared_ptr<codec::GlzWindow> glz_window;  ///< null: GLZ images are an error
  };

  explicit ImageStore(Options options);

  /// The image of a draw on a surface of `target` format. `what` names it in errors.
  Result<raster::ImageRef> image(const std::optional<spice::Image>& image,
                                 raster::PixelFormat target, const char* what);
  /// A mask; no image is no mask.
  Result<raster::ImageRef> mask(const std::optional<spice::Image>& image);

  /// The images of the draw that was read last which are, or were, to be decoded.
  std::vector<AwaitedImage> take_awaited() { return std::exchange(awaited_, {}); }

  void invalidate_image(std::uint64_t id);
  void invalidate_images();
  void invalidate_palette(std::uint64_t id) { palettes_.erase(id); }
  void invalidate_palettes() { palettes_.clear(); }

  codec::DecodeLane& decoder() const { return *options_.decoder; }
  std::chrono::nanoseconds decode_time() const { return options_.decoder->decode_time(); }

 private:
  using Source = decltype(raster::ImageRef::source);
  /// What a draw holds, and what it waits for.
  struct Found {
    Source source;
    codec::PendingImagePtr pending;  ///< null if it is left as it came
  };
  struct Entry {
    Found found;
    std::size_t bytes = 0;
    bool lossy = false;
  };
  using PalettePtr = std::shared_ptr<const raster::Palette>;

  Result<raster::ImageRef> resolve(const spice::Image& image, raster::PixelFormat target,
                                   bool as_mask);
  Result<raster::ImageRef> from_cache(const spice::Image& image);
  Result<raster::EncodedImage> encoded(const spice::Image& image);
  Result<PalettePtr> palette_of(const spice::Image& image);
  Found source_of(raster::EncodedImage image, const spice::Image& wire, raster::PixelFormat target,
                  bool as_mask);
  Result<void> put(std::uint64_t id, Entry entry);

  Options options_;
  std::unordered_map<std::uint64_t, Entry> images_;
  std::size_t cached_bytes_ = 0;
  std::unordered_map<std::uint64_t, PalettePtr> palettes_;
  std::vector<AwaitedImage> awaited_;
};

}  // namespace cassia::channels
