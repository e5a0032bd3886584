// SPDX-License-Identifier: Apache-2.0
#pragma once

// Server side: images of a DrawOp as they go to one viewer.

#include <optional>

#include "channels/display/client_cache_model.h"
#include "channels/display/draw_reader.h"
#include "protocol/spice/capabilities.h"
#include "protocol/spice/image.h"
#include "render/raster/image.h"

namespace cassia::channels {

/// True if a client with these display capabilities understands the codec.
bool client_decodes(const spice::Capabilities& caps, raster::ImageCodec codec);

/// All referred to must outlive it.
class ImageWriter {
 public:
  ImageWriter(ClientCacheModel& cache, const SurfaceMap& surfaces)
      : cache_(cache), surfaces_(surfaces) {}

  void set_client(const spice::Capabilities& caps) { caps_ = caps; }

  /// No image where the reference holds none.
  Result<std::optional<spice::Image>> image(const raster::ImageRef& ref);

 private:
  Result<spice::Image> from_surface(raster::SurfaceId id) const;
  Result<spice::Image> from_encoded(const raster::EncodedImage& image) const;

  ClientCacheModel& cache_;
  const SurfaceMap& surfaces_;
  spice::Capabilities caps_;
};

}  // namespace cassia::channels
