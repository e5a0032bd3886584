// SPDX-License-Identifier: Apache-2.0
#pragma once

// Server side: images of a DrawOp as they go to one viewer.

#include <optional>

#include "channels/display/client_cache_model.h"
#include "channels/display/client_palette_model.h"
#include "channels/display/draw_reader.h"
#include "protocol/spice/capabilities.h"
#include "protocol/spice/image.h"
#include "render/codec/glz_encode.h"
#include "render/raster/image.h"

namespace cassia::channels {

/// True if a client with these display capabilities understands the codec.
bool client_decodes(const spice::Capabilities& caps, raster::ImageCodec codec);

/// What becomes of bitmaps.
struct GlzUse {
  bool on = false;  ///< false: they go raw
  codec::GlzDeflate deflate = codec::GlzDeflate::never;
};

/// All referred to must outlive it.
class ImageWriter {
 public:
  ImageWriter(ClientCacheModel& cache, ClientPaletteModel& palettes, const SurfaceMap& surfaces)
      : cache_(cache), palettes_(palettes), surfaces_(surfaces) {}

  void set_client(const spice::Capabilities& caps) { caps_ = caps; }

  /// The client's dictionary, or null: it has none.
  void set_glz_dictionary(std::shared_ptr<codec::GlzDictionary> dictionary) {
    glz_.reset();
    if (dictionary) glz_.emplace(std::move(dictionary));
  }
  bool has_glz_dictionary() const { return glz_.has_value(); }
  void use_glz(GlzUse use) { use_ = use; }
  /// What has been encoded for the dictionary must be sent: false for draws that may still fail
  /// after their first image.
  void allow_glz(bool allowed) { allowed_ = allowed; }

  /// No image where the reference holds none.
  Result<std::optional<spice::Image>> image(const raster::ImageRef& ref);

 private:
  Result<spice::Image> from_surface(raster::SurfaceId id) const;
  Result<spice::Image> from_encoded(const raster::EncodedImage& image);
  Result<spice::Image> from_bitmap(const raster::Bitmap& bitmap);
  Result<spice::Image> pixels_of(const raster::ImageRef& ref);
  spice::Image to_wire(const raster::EncodedImage& image);
  void add_palette(spice::Image& image, const raster::EncodedImage& encoded);

  ClientCacheModel& cache_;
  ClientPaletteModel& palettes_;
  const SurfaceMap& surfaces_;
  spice::Capabilities caps_;
  std::optional<codec::GlzEncoder> glz_;
  GlzUse use_;
  bool allowed_ = false;
};

}  // namespace cassia::channels
