// SPDX-License-Identifier: Apache-2.0
#pragma once

// Frames of video as servers send them, made by GStreamer's encoders.

#include <vector>

#include "base/result.h"
#include "channels/display/display_types.h"

namespace cassia::test {

struct Clip {
  raster::Size size{160, 120};
  int frames = 4;
  /// videotestsrc's: "smpte100" (top and bottom differ), or a colour: "red", "green", "blue".
  const char* pattern = "smpte100";
};

/// One buffer a frame, in the form that SPICE has (byte streams, a frame at a time, no B frames).
Result<std::vector<Bytes>> encode_video(channels::VideoCodec codec, const Clip& clip);
/// What the clip's frames look like, uncompressed.
Result<raster::Bitmap> picture_of(const Clip& clip);

}  // namespace cassia::test
