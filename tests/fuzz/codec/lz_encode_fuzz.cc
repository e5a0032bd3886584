// SPDX-License-Identifier: Apache-2.0
// Any pixels, as LZ, LZ_PLT, LZ4 and raw bitmaps in all orientations: every SimdLevel makes the
// same bytes, and every level makes the pixels of them again. picture_fuzz.h says what the input
// means.
#include <algorithm>
#include <cstdlib>

#include "render/codec/codecs.h"
#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "tests/fuzz/codec/picture_fuzz.h"

namespace {

using namespace cassia;
using codec::SimdLevel;
using codec::fuzz::holds;
using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;

void check(bool right) {
  if (!right) std::abort();
}

void check_decodes(const Result<EncodedImage>& image, const Bitmap& source) {
  check(bool(image));
  codec::DecodeContext context;
  const auto decoded = codec::decode(*image, context);
  check(decoded && holds(*decoded, source));
}

void check_lz(const EncodedImage& image, const EncodedImage& same, const Bitmap& source) {
  check(std::ranges::equal(image.data.view(), same.data.view()));
  for (SimdLevel level : codec::usable_simd()) {
    const auto decoded = codec::decode_lz(image, {}, level);
    check(decoded && holds(*decoded, source));
  }
}

void check_levels(const Bitmap& source, bool top_down) {
  const auto reference =
      codec::encode_lz_as(source, {.level = SimdLevel::portable, .top_down = top_down});
  check(bool(reference));
  for (SimdLevel level : codec::usable_simd()) {
    const auto image = codec::encode_lz_as(source, {.level = level, .top_down = top_down});
    check(bool(image));
    check_lz(*image, *reference, source);
  }
}

void check_palette(const Bitmap& source, bool top_down) {
  const auto picture = codec::index_colors(source, 256);
  if (!picture) return;
  const auto format = codec::format_for(picture->colors.size());
  const EncodedImage reference = codec::encode_lz_palette_as(
      *picture, format, {.level = SimdLevel::portable, .top_down = top_down});
  for (SimdLevel level : codec::usable_simd()) {
    check_lz(codec::encode_lz_palette_as(*picture, format, {.level = level, .top_down = top_down}),
             reference, source);
  }
  check_decodes(codec::encode_raw_as(source, format, top_down), source);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const Bitmap source = codec::fuzz::picture({data, size});
  for (bool top_down : {true, false}) {
    check_levels(source, top_down);
    if (source.format() == PixelFormat::xrgb32) check_palette(source, top_down);
    if (source.format() != PixelFormat::a8) {
      check_decodes(codec::encode_lz4_as(source, {.top_down = top_down}), source);
    }
  }
  check_decodes(codec::encode_raw(source), source);
  return 0;
}
