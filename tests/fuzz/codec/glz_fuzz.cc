// SPDX-License-Identifier: Apache-2.0
#include "render/codec/glz_encode.h"
#include "tests/fuzz/codec/decode_fuzz.h"

namespace cassia::codec::fuzz {
namespace {

/// A bitmap whose pixels are the input, repeated. `input` holds four bytes at least.
raster::Bitmap bitmap_of(ByteView input) {
  constexpr raster::PixelFormat formats[] = {
      raster::PixelFormat::xrgb32, raster::PixelFormat::argb32, raster::PixelFormat::rgb555};
  const raster::Size size{input[0] % 64 + 1, input[1] % 64 + 1};
  auto bitmap = raster::Bitmap::create_cleared(size, formats[input[2] % 3]).value();
  std::uint8_t* out = bitmap.row(0);
  for (std::size_t i = 0; i < bitmap.byte_size(); ++i) out[i] = input[3 + i % (input.size() - 3)];
  return bitmap;
}

/// rgb555 as decoding gives it.
bool same(const raster::Bitmap& source, const raster::Bitmap& decoded) {
  if (source.format() != raster::PixelFormat::rgb555) return same_pixels(source, decoded);
  for (std::int32_t y = 0; y < source.height(); ++y) {
    const auto* from = reinterpret_cast<const std::uint16_t*>(source.row(y));
    for (std::int32_t x = 0; x < source.width(); ++x) {
      const unsigned r = from[x] >> 10 & 31, g = from[x] >> 5 & 31, b = from[x] & 31;
      const std::uint32_t wide =
          (r << 3 | r >> 2) << 16 | (g << 3 | g >> 2) << 8 | (b << 3 | b >> 2);
      if ((decoded.row32(y)[x] & 0xffffffu) != wide) return false;
    }
  }
  return true;
}

/// Images of pixels instead of codes, each after its 16-bit length: encoded and decoded through a
/// window that they leave again, by two channels.
void round_trip(ByteView input) {
  constexpr std::uint32_t pixels = 3 * 64 * 64;
  const auto dictionary = GlzDictionary::create(pixels).value();
  GlzEncoder channels[] = {GlzEncoder(dictionary), GlzEncoder(dictionary)};
  GlzWindow window(pixels);
  while (input.size() >= 2) {
    const std::size_t length = input[0] | static_cast<std::size_t>(input[1] % 4) << 8;
    input = input.subspan(2);
    const ByteView one = input.first(std::min(length, input.size()));
    input = input.subspan(one.size());
    if (one.size() < 4) continue;
    const raster::Bitmap source = bitmap_of(one);
    const auto deflate = one[2] & 128 ? GlzDeflate::when_smaller : GlzDeflate::never;
    const auto image = channels[one[2] >> 6 & 1].encode(source, deflate);
    if (!image) std::abort();
    DecodeContext context{.glz_window = &window};
    const auto decoded = decode(*image, context);
    if (!decoded || !same(source, *decoded)) std::abort();
  }
}

}  // namespace
}  // namespace cassia::codec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cassia::codec::fuzz::decode_sequence({data, size}, cassia::raster::ImageCodec::glz_rgb);
  cassia::codec::fuzz::round_trip({data, size});
  return 0;
}
