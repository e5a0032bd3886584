// SPDX-License-Identifier: Apache-2.0
// LZ images of bitmaps: the stream's header, the pixels in the order and layout that the coder
// wants, the coder for this processor.

#include <array>

#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "render/codec/lz_encoder.h"
#include "render/codec/pixels.h"

namespace cassia::codec {
namespace {

using lz::Type;
using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::PixelFormat;

/// 32 KiB of places: what stays in the first cache beside the pixels.
constexpr unsigned largest_table_bits = 13;
constexpr unsigned smallest_table_bits = 6;

/// A few pixels do not need a large table cleared for them.
unsigned table_bits_for(std::size_t count) {
  const auto bits = static_cast<unsigned>(std::bit_width(count));
  return std::clamp(bits, smallest_table_bits, largest_table_bits);
}

template <class Units>
using Pixels = const typename Units::Pixel*;

template <class Units>
std::uint8_t* code_portable(lz::Encoder<Units, lz::MatchKernels<SimdLevel::portable>> encoder) {
  return encoder.run();
}
#if defined(CASSIA_HAVE_X86_SIMD)
template <class Units>
CASSIA_TARGET_SSE41 std::uint8_t* code_sse41(
    lz::Encoder<Units, lz::MatchKernels<SimdLevel::sse41>> encoder) {
  return encoder.run();
}
template <class Units>
CASSIA_TARGET_AVX2 std::uint8_t* code_avx2(
    lz::Encoder<Units, lz::MatchKernels<SimdLevel::avx2>> encoder) {
  return encoder.run();
}
#endif

/// Codes `count` pixels at `out`, which has room for lz::worst_case() bytes; returns the end.
template <class Units>
std::uint8_t* code(SimdLevel level, Pixels<Units> pixels, std::size_t count, std::uint8_t* out) {
  std::array<std::uint32_t, std::size_t{1} << largest_table_bits> table;
  const unsigned bits = table_bits_for(count);
  std::memset(table.data(), 0, sizeof(std::uint32_t) << bits);
#if defined(CASSIA_HAVE_X86_SIMD)
  if (level == SimdLevel::avx2) return code_avx2<Units>({pixels, count, out, table.data(), bits});
  if (level == SimdLevel::sse41) return code_sse41<Units>({pixels, count, out, table.data(), bits});
#endif
  (void)level;
  return code_portable<Units>({pixels, count, out, table.data(), bits});
}

std::size_t pixel_count(const Bitmap& bitmap) {
  return static_cast<std::size_t>(bitmap.width()) * static_cast<std::size_t>(bitmap.height());
}

/// The pixels of all rows without gaps, each through `convert`.
template <class Pixel, class Stored, class Convert>
std::unique_ptr<Pixel[]> gather(const Bitmap& bitmap, Convert convert) {
  const auto width = static_cast<std::size_t>(bitmap.width());
  auto pixels = std::make_unique_for_overwrite<Pixel[]>(pixel_count(bitmap));
  Pixel* to = pixels.get();
  for (std::int32_t y = 0; y < bitmap.height(); ++y, to += width) {
    const auto* from = reinterpret_cast<const Stored*>(bitmap.row(y));
    for (std::size_t x = 0; x < width; ++x) to[x] = convert(from[x]);
  }
  return pixels;
}

/// All pixels of a 32-bit bitmap in one piece: the bitmap's own if there are no gaps, else a copy
/// in `copy`.
const std::uint32_t* in_one_piece(const Bitmap& bitmap, std::unique_ptr<std::uint32_t[]>& copy) {
  const auto width = static_cast<std::size_t>(bitmap.width());
  if (static_cast<std::size_t>(bitmap.stride()) == width * 4) return bitmap.row32(0);
  copy = std::make_unique_for_overwrite<std::uint32_t[]>(pixel_count(bitmap));
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    std::memcpy(copy.get() + static_cast<std::size_t>(y) * width, bitmap.row(y), width * 4);
  }
  return copy.get();
}

/// A stream that grows at its end; begins as a header.
class Stream {
 public:
  Stream(Type type, raster::Size size, std::size_t row, std::size_t capacity)
      : bytes_(std::make_shared_for_overwrite<std::uint8_t[]>(lz::header_bytes + capacity)),
        end_(bytes_.get()),
        capacity_(capacity) {
    const std::size_t words[] = {lz::magic,
                                 lz::version,
                                 static_cast<std::size_t>(type),
                                 static_cast<std::size_t>(size.width),
                                 static_cast<std::size_t>(size.height),
                                 row,
                                 1};  // the top row comes first
    for (std::size_t word : words) {
      const std::uint32_t swapped = __builtin_bswap32(static_cast<std::uint32_t>(word));
      std::memcpy(end_, &swapped, 4);
      end_ += 4;
    }
  }

  template <class Units>
  void append(SimdLevel level, Pixels<Units> pixels, std::size_t count) {
    end_ = code<Units>(level, pixels, count, end_);
  }

  /// In memory of its own size, unless most of the room was needed anyway.
  SharedBytes finish() const {
    const ByteView view(bytes_.get(), static_cast<std::size_t>(end_ - bytes_.get()));
    if (view.size() > capacity_ / 4 * 3) return {bytes_, view};
    return {to_bytes(view)};
  }

 private:
  std::shared_ptr<std::uint8_t[]> bytes_;
  std::uint8_t* end_;
  std::size_t capacity_;
};

void append_alpha(Stream& stream, const Bitmap& bitmap, SimdLevel level) {
  const auto alpha = gather<std::uint8_t, std::uint32_t>(
      bitmap, [](std::uint32_t pixel) { return static_cast<std::uint8_t>(pixel >> 24); });
  stream.append<lz::CodeBytes>(level, alpha.get(), pixel_count(bitmap));
}

SharedBytes encode_colors(const Bitmap& bitmap, SimdLevel level) {
  const bool alpha = bitmap.format() == PixelFormat::argb32;
  const std::size_t count = pixel_count(bitmap);
  Stream stream(
      alpha ? Type::rgba : Type::rgb32, bitmap.size(), static_cast<std::size_t>(bitmap.width()) * 4,
      lz::worst_case<lz::CodeRgb32>(count) + (alpha ? lz::worst_case<lz::CodeBytes>(count) : 0));
  std::unique_ptr<std::uint32_t[]> copy;
  stream.append<lz::CodeRgb32>(level, in_one_piece(bitmap, copy), count);
  if (alpha) append_alpha(stream, bitmap, level);
  return stream.finish();
}

SharedBytes encode_555(const Bitmap& bitmap, SimdLevel level) {
  const std::size_t count = pixel_count(bitmap);
  Stream stream(Type::rgb16, bitmap.size(), static_cast<std::size_t>(bitmap.width()) * 2,
                lz::worst_case<lz::CodeRgb16>(count));
  const auto pixels = gather<std::uint16_t, std::uint16_t>(
      bitmap, [](std::uint16_t pixel) { return static_cast<std::uint16_t>(pixel & 0x7fff); });
  stream.append<lz::CodeRgb16>(level, pixels.get(), count);
  return stream.finish();
}

SharedBytes encode_a8(const Bitmap& bitmap, SimdLevel level) {
  const std::size_t count = pixel_count(bitmap);
  Stream stream(Type::a8, bitmap.size(), static_cast<std::size_t>(bitmap.width()),
                lz::worst_case<lz::CodeBytes>(count));
  const auto pixels =
      gather<std::uint8_t, std::uint8_t>(bitmap, [](std::uint8_t pixel) { return pixel; });
  stream.append<lz::CodeBytes>(level, pixels.get(), count);
  return stream.finish();
}

}  // namespace

SharedBytes encode_lz_alpha(const Bitmap& bitmap, SimdLevel level) {
  const std::size_t count = pixel_count(bitmap);
  Stream stream(Type::xxxa, bitmap.size(), static_cast<std::size_t>(bitmap.width()) * 4,
                lz::worst_case<lz::CodeBytes>(count));
  append_alpha(stream, bitmap, level);
  return stream.finish();
}

Result<EncodedImage> encode_lz(const Bitmap& bitmap) { return encode_lz_at(best_simd(), bitmap); }

Result<EncodedImage> encode_lz_at(SimdLevel level, const Bitmap& bitmap) {
  CASSIA_TRY(check_size(bitmap.size(), 1));
  EncodedImage image;
  image.codec = ImageCodec::lz_rgb;
  image.size = bitmap.size();
  switch (bitmap.format()) {
    case PixelFormat::xrgb32:
    case PixelFormat::argb32:
      image.data = encode_colors(bitmap, level);
      return image;
    case PixelFormat::rgb565:
      image.data = encode_colors(CASSIA_TRY(widen565(bitmap)), level);
      return image;
    case PixelFormat::rgb555:
      image.data = encode_555(bitmap, level);
      return image;
    case PixelFormat::a8:
      image.data = encode_a8(bitmap, level);
      return image;
    case PixelFormat::a1:
      break;
  }
  return fail(ErrorKind::unsupported, "LZ has no form for 1-bit masks");
}

}  // namespace cassia::codec
