// SPDX-License-Identifier: Apache-2.0
#pragma once

// Decoders of the display channel's video streams. MJPEG is decoded by libjpeg-turbo, as the stock
// client does, so that a frame has the same pixels everywhere; the others by GStreamer.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "render/raster/video_planes.h"

namespace cassia::raster {

enum class VideoCodec : std::uint8_t {
  mjpeg,
  vp8,
  vp9,
  h264,
  h265
};  // enum SpiceVideoCodecType - 1

std::string_view to_string(VideoCodec codec);

/// One stream's decoder. One thread at a time.
class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;

  /// What decodes it: "libjpeg-turbo", or the name of GStreamer's element, such as "vah264dec".
  virtual std::string name() const = 0;

  /// Takes one frame of the stream, in order, and gives the newest picture (xrgb32) that is ready:
  /// none if the frame shows nothing, an earlier one if the decoder works behind. After an error
  /// the next key frame may decode again. `timestamp` is the stream's, in milliseconds.
  virtual Result<std::optional<Bitmap>> decode(ByteView frame, std::uint32_t timestamp) = 0;
  /// The same, of a decoder that was made to give planes: null where decode() gives none. An error
  /// of a decoder that gives pixels.
  virtual Result<VideoPlanesPtr> decode_planes(ByteView frame, std::uint32_t timestamp);
  virtual bool gives_planes() const { return false; }
};

/// Fails with unsupported, naming the package to install, if nothing on this machine decodes it.
/// `planes`: where the decoder has them. libjpeg-turbo is asked for pixels all the same.
Result<std::unique_ptr<StreamDecoder>> make_stream_decoder(VideoCodec codec, bool planes = false);

/// The same check without making a decoder: what the client may offer to the server.
Result<void> check_video_codec(VideoCodec codec);
std::vector<VideoCodec> available_video_codecs();

}  // namespace cassia::raster
