// SPDX-License-Identifier: Apache-2.0
#include "render/codec/decode.h"
#include "render/video/decoders.h"

namespace cassia::raster {
namespace {

/// Width and height as the frame header (a start-of-frame marker, ITU-T T.81 B.2.2) states them.
Result<Size> size_of_jpeg(ByteView data) {
  constexpr std::uint8_t start = 0xd8, scan = 0xda;
  if (data.size() < 4 || data[0] != 0xff || data[1] != start) {
    return fail(ErrorKind::malformed, "MJPEG frame: it does not start like a JPEG image");
  }
  for (std::size_t at = 2; at + 9 <= data.size();) {
    if (data[at] != 0xff) break;
    const std::uint8_t marker = data[at + 1];
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    if (marker == scan) break;
    const bool tables = marker == 0xc4 || marker == 0xc8 || marker == 0xcc;
    if (marker >= 0xc0 && marker <= 0xcf && !tables) {
      const auto number = [&](std::size_t i) { return data[at + i] << 8 | data[at + i + 1]; };
      return Size{number(7), number(5)};
    }
    at += 2 + static_cast<std::size_t>(data[at + 2] << 8 | data[at + 3]);
  }
  return fail(ErrorKind::malformed, "MJPEG frame: no frame header");
}

class MjpegDecoder final : public StreamDecoder {
 public:
  std::string name() const override { return "libjpeg-turbo"; }
  Result<std::optional<Bitmap>> decode(ByteView frame, std::uint32_t) override {
    EncodedImage image;
    image.codec = ImageCodec::jpeg;
    image.size = CASSIA_TRY(size_of_jpeg(frame));
    image.data = SharedBytes(to_bytes(frame));
    codec::DecodeContext context;
    return CASSIA_TRY(codec::decode(image, context));
  }
};

}  // namespace

std::unique_ptr<StreamDecoder> make_mjpeg_decoder() { return std::make_unique<MjpegDecoder>(); }

}  // namespace cassia::raster
