// SPDX-License-Identifier: Apache-2.0
#include "client/session/stream_decoder.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "render/video/stream_decoder.h"

namespace cassia::client {
namespace {

using channels::StreamFrame;
using channels::VideoCodec;
using raster::Bitmap;

// The wire's numbers and the decoders' are different enumerations.
constexpr std::pair<VideoCodec, raster::VideoCodec> codecs[] = {
    {VideoCodec::vp9, raster::VideoCodec::vp9},     {VideoCodec::h265, raster::VideoCodec::h265},
    {VideoCodec::h264, raster::VideoCodec::h264},   {VideoCodec::vp8, raster::VideoCodec::vp8},
    {VideoCodec::mjpeg, raster::VideoCodec::mjpeg},
};

Result<Bitmap> flipped(const Bitmap& bitmap) {
  Bitmap out = CASSIA_TRY(Bitmap::create(bitmap.size(), bitmap.format()));
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    const std::uint32_t* from = bitmap.row32(bitmap.height() - 1 - y);
    std::copy(from, from + bitmap.width(), out.row32(y));
  }
  return out;
}

class Decoder final : public StreamDecoder {
 public:
  Decoder(std::unique_ptr<raster::StreamDecoder> decoder, const channels::StreamInfo& stream)
      : decoder_(std::move(decoder)),
        top_down_(stream.top_down),
        stands_alone_(stream.codec == VideoCodec::mjpeg) {}

  bool needs_every_frame() const override { return !stands_alone_; }

  Result<Picture> decode(const StreamFrame& frame) override {
    if (decoder_->gives_planes()) {
      auto planes = CASSIA_TRY(decoder_->decode_planes(frame.data, frame.multi_media_time));
      if (!planes || top_down_) return Picture{{}, std::move(planes)};
      auto turned = std::make_shared<raster::VideoPlanes>(*planes);
      turned->bottom_up = true;
      return Picture{{}, std::move(turned)};
    }
    auto picture = CASSIA_TRY(decoder_->decode(frame.data, frame.multi_media_time));
    if (!picture) return Picture{};
    if (top_down_) return Picture{std::move(*picture), nullptr};
    return Picture{CASSIA_TRY(flipped(*picture)), nullptr};
  }

 private:
  std::unique_ptr<raster::StreamDecoder> decoder_;
  bool top_down_;
  bool stands_alone_;
};

}  // namespace

Result<std::unique_ptr<StreamDecoder>> StreamDecoder::create(const channels::StreamInfo& stream,
                                                             bool planes) {
  for (const auto& [wire, ours] : codecs) {
    if (wire != stream.codec) continue;
    auto decoder = CASSIA_TRY(raster::make_stream_decoder(ours, planes));
    log_debug("video", "stream {}: {} by {}", stream.id, raster::to_string(ours), decoder->name());
    return std::unique_ptr<StreamDecoder>(std::make_unique<Decoder>(std::move(decoder), stream));
  }
  return fail(ErrorKind::unsupported, "video codec {} is not known",
              static_cast<int>(stream.codec));
}

std::vector<VideoCodec> usable_video_codecs() {
  std::vector<VideoCodec> usable;
  for (const auto& [wire, ours] : codecs) {
    if (const auto found = raster::check_video_codec(ours)) {
      usable.push_back(wire);
    } else {
      log_info("video", "{}", found.error().message());
    }
  }
  return usable;
}

}  // namespace cassia::client
