// SPDX-License-Identifier: Apache-2.0
#pragma once

// Upstream's MJPEG streams as draws: every frame is a JPEG image that stands alone, so it becomes a
// draw_copy of that image, which the authoritative surface can hold and any viewer can decode.

#include <map>

#include "base/result.h"
#include "channels/display/display_types.h"

namespace cassia::server {

class StreamFrames {
 public:
  void create(const channels::StreamInfo& stream) { streams_[stream.id] = stream; }
  void clip(std::uint32_t id, const raster::Clip& clip);
  void destroy(std::uint32_t id) { streams_.erase(id); }
  void clear() { streams_.clear(); }

  /// Errors: a frame of no stream, or of a codec that was not asked for.
  Result<raster::DrawOpPtr> draw_of(const channels::StreamFrame& frame) const;

 private:
  std::map<std::uint32_t, channels::StreamInfo> streams_;
};

}  // namespace cassia::server
