// SPDX-License-Identifier: Apache-2.0
#include "render/video/stream_decoder.h"

#include "render/video/decoders.h"

namespace cassia::raster {

std::string_view to_string(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::mjpeg:
      return "MJPEG";
    case VideoCodec::vp8:
      return "VP8";
    case VideoCodec::vp9:
      return "VP9";
    case VideoCodec::h264:
      return "H.264";
    case VideoCodec::h265:
      return "H.265";
  }
  return "unknown";
}

Result<VideoPlanesPtr> StreamDecoder::decode_planes(ByteView, std::uint32_t) {
  return fail(ErrorKind::internal, "{} gives pixels, not planes", name());
}

Result<std::unique_ptr<StreamDecoder>> make_stream_decoder(VideoCodec codec, bool planes) {
  if (codec == VideoCodec::mjpeg) return make_mjpeg_decoder();
  return make_gstreamer_decoder(codec, planes);
}

Result<void> check_video_codec(VideoCodec codec) {
  if (codec == VideoCodec::mjpeg) return {};
  return check_gstreamer_decoder(codec);
}

std::vector<VideoCodec> available_video_codecs() {
  std::vector<VideoCodec> codecs;
  for (VideoCodec codec :
       {VideoCodec::mjpeg, VideoCodec::vp8, VideoCodec::vp9, VideoCodec::h264, VideoCodec::h265}) {
    if (check_video_codec(codec)) codecs.push_back(codec);
  }
  return codecs;
}

}  // namespace cassia::raster
