// SPDX-License-Identifier: Apache-2.0
// LZ images of bitmaps: the stream's header, the pixels in the order and layout that the coder
// wants, the coder for this processor.

#include <array>

#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "render/codec/indexed.h"
#include "render/codec/lz_encoder.h"
#include "render/codec/pixels.h"

namespace cassia::codec {
namespace {

using lz::Type;
using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::PixelFormat;
using raster::WireBitmapFormat;

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

/// The same picture upside down: no copy, the rows are counted from the last one.
Bitmap upside_down(const Bitmap& bitmap) {
  auto* last = const_cast<std::uint8_t*>(bitmap.row(bitmap.height() - 1));
  return Bitmap::wrap(bitmap.size(), bitmap.format(), -bitmap.stride(), last,
                      std::make_shared<Bitmap>(bitmap));
}

/// A stream that grows at its end; begins as a header.
class Stream {
 public:
  Stream(Type type, raster::Size size, std::size_t row, std::size_t capacity, bool top_down)
      : bytes_(std::make_shared_for_overwrite<std::uint8_t[]>(lz::header_bytes + capacity)),
        end_(bytes_.get()),
        capacity_(capacity) {
    const std::size_t words[] = {lz::magic,
                                 lz::version,
                                 static_cast<std::size_t>(type),
                                 static_cast<std::size_t>(size.width),
                                 static_cast<std::size_t>(size.height),
                                 row,
                                 top_down ? std::size_t{1} : 0};
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

void append_alpha(Stream& stream, const Bitmap& bitmap, const LzOptions& how) {
  const auto alpha = gather<std::uint8_t, std::uint32_t>(
      bitmap, [](std::uint32_t pixel) { return static_cast<std::uint8_t>(pixel >> 24); });
  stream.append<lz::CodeBytes>(how.level, alpha.get(), pixel_count(bitmap));
}

SharedBytes encode_colors(const Bitmap& bitmap, const LzOptions& how) {
  const bool alpha = bitmap.format() == PixelFormat::argb32;
  const std::size_t count = pixel_count(bitmap);
  const Type type = alpha ? Type::rgba : how.rgb24 ? Type::rgb24 : Type::rgb32;
  Stream stream(
      type, bitmap.size(), static_cast<std::size_t>(bitmap.width()) * (type == Type::rgb24 ? 3 : 4),
      lz::worst_case<lz::CodeRgb32>(count) + (alpha ? lz::worst_case<lz::CodeBytes>(count) : 0),
      how.top_down);
  std::unique_ptr<std::uint32_t[]> copy;
  stream.append<lz::CodeRgb32>(how.level, in_one_piece(bitmap, copy), count);
  if (alpha) append_alpha(stream, bitmap, how);
  return stream.finish();
}

SharedBytes encode_555(const Bitmap& bitmap, const LzOptions& how) {
  const std::size_t count = pixel_count(bitmap);
  Stream stream(Type::rgb16, bitmap.size(), static_cast<std::size_t>(bitmap.width()) * 2,
                lz::worst_case<lz::CodeRgb16>(count), how.top_down);
  const auto pixels = gather<std::uint16_t, std::uint16_t>(
      bitmap, [](std::uint16_t pixel) { return static_cast<std::uint16_t>(pixel & 0x7fff); });
  stream.append<lz::CodeRgb16>(how.level, pixels.get(), count);
  return stream.finish();
}

SharedBytes encode_a8(const Bitmap& bitmap, const LzOptions& how) {
  const std::size_t count = pixel_count(bitmap);
  Stream stream(Type::a8, bitmap.size(), static_cast<std::size_t>(bitmap.width()),
                lz::worst_case<lz::CodeBytes>(count), how.top_down);
  const auto pixels =
      gather<std::uint8_t, std::uint8_t>(bitmap, [](std::uint8_t pixel) { return pixel; });
  stream.append<lz::CodeBytes>(how.level, pixels.get(), count);
  return stream.finish();
}

/// The LZ type whose rows are laid out like `format`'s.
Type type_of(WireBitmapFormat format) {
  switch (format) {
    case WireBitmapFormat::bit1_le:
      return Type::plt1_le;
    case WireBitmapFormat::bit1_be:
      return Type::plt1_be;
    case WireBitmapFormat::bit4_le:
      return Type::plt4_le;
    case WireBitmapFormat::bit4_be:
      return Type::plt4_be;
    default:
      return Type::plt8;
  }
}

Result<SharedBytes> encode_pixels(const Bitmap& bitmap, const LzOptions& how) {
  switch (bitmap.format()) {
    case PixelFormat::xrgb32:
    case PixelFormat::argb32:
      return encode_colors(bitmap, how);
    case PixelFormat::rgb565:
      return encode_colors(CASSIA_TRY(widen565(bitmap)), how);
    case PixelFormat::rgb555:
      return encode_555(bitmap, how);
    case PixelFormat::a8:
      return encode_a8(bitmap, how);
    case PixelFormat::a1:
      break;
  }
  return fail(ErrorKind::unsupported, "LZ has no form for 1-bit masks");
}

}  // namespace

SharedBytes encode_lz_alpha(const Bitmap& bitmap, const LzOptions& how) {
  const std::size_t count = pixel_count(bitmap);
  Stream stream(Type::xxxa, bitmap.size(), static_cast<std::size_t>(bitmap.width()) * 4,
                lz::worst_case<lz::CodeBytes>(count), how.top_down);
  append_alpha(stream, how.top_down ? bitmap : upside_down(bitmap), how);
  return stream.finish();
}

Result<EncodedImage> encode_lz(const Bitmap& bitmap) { return encode_lz_as(bitmap, {}); }

Result<EncodedImage> encode_lz_as(const Bitmap& bitmap, const LzOptions& how) {
  CASSIA_TRY(check_size(bitmap.size(), 1));
  EncodedImage image;
  image.codec = ImageCodec::lz_rgb;
  image.size = bitmap.size();
  image.top_down = how.top_down;
  image.data = CASSIA_TRY(encode_pixels(how.top_down ? bitmap : upside_down(bitmap), how));
  return image;
}

EncodedImage encode_lz_palette_as(const IndexedPicture& picture, WireBitmapFormat format,
                                  const LzOptions& how) {
  const std::size_t row = row_bytes(format, picture.size.width);
  const std::size_t count = row * static_cast<std::size_t>(picture.size.height);
  Scratch rows(count);
  for (std::int32_t y = 0; y < picture.size.height; ++y) {
    const std::int32_t stored = how.top_down ? y : picture.size.height - 1 - y;
    pack_row(picture, y, format, rows.data() + static_cast<std::size_t>(stored) * row);
  }
  Stream stream(type_of(format), picture.size, row, lz::worst_case<lz::CodeBytes>(count),
                how.top_down);
  stream.append<lz::CodeBytes>(how.level, rows.data(), count);
  EncodedImage image;
  image.codec = ImageCodec::lz_palette;
  image.size = picture.size;
  image.bitmap_format = format;
  image.top_down = how.top_down;
  image.palette = palette_of(picture);
  image.data = stream.finish();
  return image;
}

Result<EncodedImage> encode_lz_palette(const Bitmap& bitmap) {
  CASSIA_TRY(check_size(bitmap.size()));
  if (bitmap.format() != PixelFormat::xrgb32) {
    return fail(ErrorKind::unsupported, "palettes are made for 32-bit colours without alpha");
  }
  const auto picture = index_colors(bitmap, 256);
  if (!picture) return fail(ErrorKind::unsupported, "more than 256 colours are in the picture");
  return encode_lz_palette_as(*picture, format_for(picture->colors.size()), {});
}

}  // namespace cassia::codec
