// SPDX-License-Identifier: Apache-2.0
#pragma once

// Frames of one video stream of a display channel to pixels.

#include <memory>
#include <vector>

#include "channels/display/display_types.h"
#include "render/raster/video_planes.h"

namespace cassia::client {

/// Network thread only.
class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;
  /// One of the two, or neither if the codec needs more data before it gives a picture out.
  struct Picture {
    raster::Bitmap pixels;  ///< top row first, xrgb32
    raster::VideoPlanesPtr planes;

    bool empty() const { return pixels.empty() && !planes; }
  };
  virtual Result<Picture> decode(const channels::StreamFrame& frame) = 0;

  /// The codec builds pictures on earlier ones: none may be left out. MJPEG's stand alone.
  virtual bool needs_every_frame() const = 0;

  /// ErrorKind::unsupported names what is missing on this machine. `planes`: rather than pixels,
  /// where the codec's decoder has them.
  static Result<std::unique_ptr<StreamDecoder>> create(const channels::StreamInfo& stream,
                                                       bool planes = false);
};

/// What this machine decodes, the cheapest on the wire first. Takes a moment: it starts GStreamer.
std::vector<channels::VideoCodec> usable_video_codecs();

}  // namespace cassia::client
