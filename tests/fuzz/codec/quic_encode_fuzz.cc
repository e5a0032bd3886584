// SPDX-License-Identifier: Apache-2.0
// Any pixels: every SimdLevel encodes them to the same bytes, and every level decodes those to the
// pixels again. picture_fuzz.h says what the bytes mean.
#include <algorithm>
#include <cstdlib>

#include "render/codec/codecs.h"
#include "render/codec/encoders.h"
#include "tests/fuzz/codec/picture_fuzz.h"

using cassia::codec::SimdLevel;
using cassia::codec::fuzz::holds;
using cassia::codec::fuzz::picture;
using cassia::raster::Bitmap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const Bitmap source = picture({data, size});
  const auto encoded = cassia::codec::encode_quic_at(source, SimdLevel::portable);
  if (!encoded) std::abort();
  for (SimdLevel level : cassia::codec::usable_simd()) {
    const auto again = cassia::codec::encode_quic_at(source, level);
    if (!again || !std::ranges::equal(again->data.view(), encoded->data.view())) std::abort();
    const auto decoded = cassia::codec::decode_quic(encoded->data.view(), source.size(), level);
    if (!decoded || !holds(*decoded, source)) std::abort();
  }
  return 0;
}
