// SPDX-License-Identifier: Apache-2.0
// Any bytes, at every SimdLevel: no level reads or accepts what another does not, and the pixels
// are the same.
#include "render/codec/codecs.h"
#include "tests/fuzz/codec/decode_fuzz.h"

namespace {

using cassia::Result;
using cassia::codec::SimdLevel;
using cassia::raster::Bitmap;

void expect_same(const Result<Bitmap>& a, const Result<Bitmap>& b) {
  if (a.has_value() != b.has_value()) std::abort();
  if (a && !same_pixels(*a, *b)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < cassia::codec::fuzz::prefix_bytes) return 0;
  const auto image =
      cassia::codec::fuzz::make_image({data, size}, cassia::raster::ImageCodec::quic);
  const auto decoded = [&](SimdLevel level) {
    return cassia::codec::decode_quic(image.data.view(), image.size, level);
  };
  const auto portable = decoded(SimdLevel::portable);
  cassia::codec::fuzz::consume(portable, image);
  for (SimdLevel level : cassia::codec::usable_simd()) expect_same(portable, decoded(level));
  return 0;
}
