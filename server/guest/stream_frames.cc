// SPDX-License-Identifier: Apache-2.0
#include "server/guest/stream_frames.h"

#include <cstring>

#include "render/codec/decode.h"

namespace cassia::server {
namespace {

/// Frames of a bottom-up stream: JPEG cannot say so, hence decoded and turned over.
Result<raster::BitmapPtr> turned_over(const raster::EncodedImage& jpeg) {
  codec::DecodeContext context;
  const raster::Bitmap picture = CASSIA_TRY(codec::decode(jpeg, context));
  raster::Bitmap out = CASSIA_TRY(raster::Bitmap::create(picture.size(), picture.format()));
  for (std::int32_t y = 0; y < picture.height(); ++y) {
    std::memcpy(out.row(picture.height() - 1 - y), picture.row(y),
                static_cast<std::size_t>(std::min(out.stride(), picture.stride())));
  }
  return std::make_shared<const raster::Bitmap>(std::move(out));
}

}  // namespace

void StreamFrames::clip(std::uint32_t id, const raster::Clip& clip) {
  if (const auto found = streams_.find(id); found != streams_.end()) found->second.clip = clip;
}

Result<raster::DrawOpPtr> StreamFrames::draw_of(const channels::StreamFrame& frame) const {
  const auto found = streams_.find(frame.id);
  if (found == streams_.end()) {
    return fail(ErrorKind::malformed, "a frame of stream {}, which does not exist", frame.id);
  }
  const channels::StreamInfo& stream = found->second;
  if (stream.codec != channels::VideoCodec::mjpeg) {
    return fail(ErrorKind::unsupported, "stream {} is not MJPEG", frame.id);
  }
  auto image = std::make_shared<raster::EncodedImage>();
  image->codec = raster::ImageCodec::jpeg;
  image->size = frame.size;
  image->data = to_bytes(frame.data);
  raster::Copy copy;
  if (stream.top_down) {
    copy.src.source = raster::EncodedImagePtr(std::move(image));
  } else {
    copy.src.source = CASSIA_TRY(turned_over(*image));
  }
  copy.src_area = raster::Rect::of(frame.size);
  return std::make_shared<const raster::DrawOp>(
      raster::DrawOp{stream.surface, frame.dest, stream.clip, std::move(copy)});
}

}  // namespace cassia::server
