// SPDX-License-Identifier: Apache-2.0
// Every SimdLevel makes the same of an LZ stream, pixels or an error.
#include "render/codec/codecs.h"
#include "tests/fuzz/codec/decode_fuzz.h"

using namespace cassia;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < codec::fuzz::prefix_bytes) return 0;
  const auto image = codec::fuzz::make_image({data, size}, raster::ImageCodec::lz_palette);
  const codec::DecodeContext context{.rgb555_palettes = (data[2] & 4) != 0};
  const auto reference = codec::decode_lz(image, context, codec::SimdLevel::portable);
  codec::fuzz::consume(reference, image);
  for (codec::SimdLevel level : codec::usable_simd()) {
    const auto other = codec::decode_lz(image, context, level);
    if (bool(other) != bool(reference)) std::abort();
    if (reference && !same_pixels(*other, *reference)) std::abort();
  }
  return 0;
}
