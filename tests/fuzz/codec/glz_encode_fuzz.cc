// SPDX-License-Identifier: Apache-2.0
// A sequence of pictures as GLZ, in a window that some of them leave: every SimdLevel makes the
// same bytes, and decoding gives the pixels again. First byte: how many pictures share the rest;
// picture_fuzz.h says what each part means.
#include <algorithm>
#include <cstdlib>

#include "render/codec/codecs.h"
#include "render/codec/glz_encode.h"
#include "tests/fuzz/codec/picture_fuzz.h"

namespace {

using namespace cassia;
using codec::SimdLevel;
using raster::Bitmap;
using raster::EncodedImage;

constexpr std::uint32_t window_pixels = 8192;

void check(bool right) {
  if (!right) std::abort();
}

std::vector<Bitmap> pictures(ByteView data) {
  const std::size_t count = 1 + data[0] % 4;
  const std::size_t each = (data.size() - 1) / count;
  std::vector<Bitmap> all;
  for (std::size_t i = 0; i < count && each >= 4; ++i) {
    const Bitmap picture = codec::fuzz::picture(data.subspan(1 + i * each, each));
    // Each twice: the second time it is in the window.
    all.insert(all.end(), 2, picture);
  }
  return all;
}

bool fits(const Bitmap& source) {
  return raster::bits_per_pixel(source.format()) >= 16 &&
         source.width() * source.height() <= std::int32_t{window_pixels};
}

std::vector<EncodedImage> encode(const std::vector<Bitmap>& sources, SimdLevel level) {
  codec::GlzEncoder encoder(codec::GlzDictionary::create(window_pixels).value(), level);
  std::vector<EncodedImage> images;
  for (const Bitmap& source : sources) {
    check(encoder.takes(source) == fits(source));
    if (!fits(source)) continue;
    auto image = encoder.encode(source);
    check(bool(image));
    images.push_back(std::move(*image));
  }
  return images;
}

void check_decodes(const std::vector<EncodedImage>& images, const std::vector<Bitmap>& sources,
                   SimdLevel level) {
  codec::GlzWindow window(window_pixels);
  std::size_t n = 0;
  for (const Bitmap& source : sources) {
    if (!fits(source)) continue;
    codec::DecodeContext context{.glz_window = &window};
    const EncodedImage& image = images[n++];
    const auto decoded = codec::decode_glz(image.data.view(), image.size, context, level);
    check(decoded && codec::fuzz::holds(*decoded, source));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5) return 0;
  const std::vector<Bitmap> sources = pictures({data, size});
  const std::vector<EncodedImage> reference = encode(sources, SimdLevel::portable);
  for (SimdLevel level : codec::usable_simd()) {
    const std::vector<EncodedImage> images = encode(sources, level);
    check(std::ranges::equal(images, reference, [](const EncodedImage& a, const EncodedImage& b) {
      return std::ranges::equal(a.data.view(), b.data.view());
    }));
    check_decodes(images, sources, level);
  }
  return 0;
}
