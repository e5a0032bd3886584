// SPDX-License-Identifier: Apache-2.0
// SPICE's LZ: a byte-oriented dictionary coder over the pixels of one image, in stored row order.

#include <optional>

#include "render/codec/codecs.h"
#include "render/codec/lz_copy.h"
#include "render/codec/lz_format.h"

namespace cassia::codec {
namespace {

using lz::Input;
using lz::Type;
using raster::Bitmap;
using raster::PixelFormat;
using raster::WireBitmapFormat;

struct Header {
  Type type = Type::invalid;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t stride = 0;
  bool top_down = true;
};

/// The wire's bitmap format with the same layout of a row.
WireBitmapFormat row_format(Type type) {
  switch (type) {
    case Type::plt1_le:
      return WireBitmapFormat::bit1_le;
    case Type::plt1_be:
      return WireBitmapFormat::bit1_be;
    case Type::plt4_le:
      return WireBitmapFormat::bit4_le;
    case Type::plt4_be:
      return WireBitmapFormat::bit4_be;
    case Type::plt8:
      return WireBitmapFormat::bit8;
    case Type::rgb16:
      return WireBitmapFormat::rgb16;
    case Type::rgb24:
      return WireBitmapFormat::rgb24;
    case Type::rgb32:
      return WireBitmapFormat::rgb32;
    case Type::rgba:
    case Type::xxxa:
      return WireBitmapFormat::rgba;
    case Type::a8:
      return WireBitmapFormat::a8;
    case Type::invalid:
      break;
  }
  return WireBitmapFormat::invalid;
}

Result<Header> read_header(Input& in, raster::Size expected) {
  if (in.left() < lz::header_bytes) {
    return fail(ErrorKind::malformed, "LZ image of {} bytes has no header", in.left());
  }
  if (load_be32(in.p) != lz::magic || load_be32(in.p + 4) != lz::version) {
    return fail(ErrorKind::malformed, "LZ image with magic {:08x}, version {:08x}", load_be32(in.p),
                load_be32(in.p + 4));
  }
  Header header{static_cast<Type>(load_be32(in.p + 8)), load_be32(in.p + 12), load_be32(in.p + 16),
                load_be32(in.p + 20), load_be32(in.p + 24) != 0};
  in.p += lz::header_bytes;
  CASSIA_TRY(check_same_size(header.width, header.height, expected, "LZ"));
  const std::size_t row = row_bytes(row_format(header.type), expected.width);
  if (row == 0 || header.stride != row) {
    return fail(ErrorKind::malformed, "LZ image of type {} with rows of {} bytes instead of {}",
                static_cast<std::uint32_t>(header.type), header.stride, row);
  }
  // An operation yields 255 units a byte at most, so few bytes cannot stand for many pixels.
  if (std::size_t{header.height} * row / 4 / 256 > in.left()) {
    return fail(ErrorKind::malformed, "LZ image of {}x{} pixels in {} bytes", header.width,
                header.height, in.left());
  }
  return header;
}

/// An operation that repeats earlier pixels, biases taken off.
struct Match {
  std::size_t length;
  std::size_t distance;
};

/// What follows the length of a match. False if the stream is cut.
[[gnu::always_inline]] inline bool read_distance(Input& in, unsigned control, Match& match) {
  match.distance = (control & 31) << 8;
  if (in.p == in.end) return false;
  match.distance += *in.p++;
  if (match.distance == lz::near_limit) {
    if (in.left() < 2) return false;
    match.distance += static_cast<std::size_t>(in.p[0] << 8 | in.p[1]);
    in.p += 2;
  }
  match.distance += 1;
  return true;
}

/// The rest of a match whose first byte was `control`. False if the stream is cut or the length
/// exceeds `limit`.
template <class Units>
bool read_match(Input& in, unsigned control, std::size_t limit, Match& match) {
  match.length = control >> 5;
  if (match.length == lz::long_match && !lz::extend_length(in, match.length, limit)) return false;
  match.length += Units::lz_bias - 1;
  return read_distance(in, control, match);
}

/// The middle of a stream, where neither the input nor the target is about to end, so that short
/// operations need no check but that what they repeat is there, and are done without asking how
/// short. Leaves `in` and `out` behind the last operation done; false if one is inconsistent.
template <class Units, class K>
[[gnu::always_inline]] inline bool expand_middle(Input& in, typename Units::Pixel* const start,
                                                 typename Units::Pixel*& out,
                                                 typename Units::Pixel* const limit) {
  Input at = in;
  auto* op = out;
  while (at.left() >= lz::read_room && static_cast<std::size_t>(limit - op) >= lz::write_room) {
    const unsigned control = *at.p++;
    if (control < lz::literal_run) {
      const std::size_t count = control + 1;
      Units::template wide_literals<K>(op, at.p, count);
      at.p += count * Units::literal_bytes;
      op += count;
      continue;
    }
    // Most matches have a length of one byte more at most and a near distance: those are read and
    // copied without a branch on either, which would be guessed wrongly every other time.
    const std::uint8_t* const operation = at.p;
    const std::size_t extended = ((control >> 5) + 1) >> 3;
    const std::size_t more = *at.p & (0 - extended);
    at.p += extended;
    Match match{(control >> 5) + more + (Units::lz_bias - 1), (control & 31) << 8 | *at.p++};
    if (more != 255 && match.distance != lz::near_limit) [[likely]] {
      ++match.distance;
      if (match.distance > static_cast<std::size_t>(op - start)) return false;
      K::near(op, match.distance);
      if (match.length > lz::near_pixels) {
        if (match.length > static_cast<std::size_t>(limit - op)) return false;
        K::match(op, match.distance, match.length);
      }
      op += match.length;
      continue;
    }
    at.p = operation;
    match = {control >> 5, 0};
    const auto room = static_cast<std::size_t>(limit - op);
    if (extended && !lz::extend_length(at, match.length, room)) return false;
    if (!read_distance(at, control, match)) return false;
    match.length += Units::lz_bias - 1;
    if (match.distance > static_cast<std::size_t>(op - start) || match.length > room) return false;
    K::match(op, match.distance, match.length);
    op += match.length;
  }
  in = at;
  out = op;
  return true;
}

template <class Units>
using Pixels = typename Units::Pixel*;

template <class Units>
bool middle_portable(Input& in, Pixels<Units> start, Pixels<Units>& out, Pixels<Units> limit) {
  return expand_middle<Units, lz::Kernels<SimdLevel::portable>>(in, start, out, limit);
}
#if defined(CASSIA_HAVE_X86_SIMD)
template <class Units>
CASSIA_TARGET_SSE41 bool middle_sse41(Input& in, Pixels<Units> start, Pixels<Units>& out,
                                      Pixels<Units> limit) {
  return expand_middle<Units, lz::Kernels<SimdLevel::sse41>>(in, start, out, limit);
}
template <class Units>
CASSIA_TARGET_AVX2 bool middle_avx2(Input& in, Pixels<Units> start, Pixels<Units>& out,
                                    Pixels<Units> limit) {
  return expand_middle<Units, lz::Kernels<SimdLevel::avx2>>(in, start, out, limit);
}
#endif

template <class Units>
bool expand_middle_at(SimdLevel level, Input& in, Pixels<Units> start, Pixels<Units>& out,
                      Pixels<Units> limit) {
#if defined(CASSIA_HAVE_X86_SIMD)
  if (level == SimdLevel::avx2) return middle_avx2<Units>(in, start, out, limit);
  if (level == SimdLevel::sse41) return middle_sse41<Units>(in, start, out, limit);
#endif
  (void)level;
  return middle_portable<Units>(in, start, out, limit);
}

/// Decodes exactly `count` units. False if the stream is cut or refers to what is not there.
template <class Units>
bool expand(SimdLevel level, Input& in, typename Units::Pixel* const out, std::size_t count) {
  auto* op = out;
  auto* const limit = out + count;
  if (!expand_middle_at<Units>(level, in, out, op, limit)) return false;
  while (op < limit) {
    if (in.p == in.end) return false;
    const unsigned control = *in.p++;
    if (control < lz::literal_run) {
      if (!lz::copy_literals<Units>(in, control, op, limit)) return false;
      continue;
    }
    Match match;
    if (!read_match<Units>(in, control, count, match)) return false;
    if (match.distance > static_cast<std::size_t>(op - out) ||
        match.length > static_cast<std::size_t>(limit - op)) {
      return false;
    }
    lz::copy_match(op, match.distance, match.length);
    op += match.length;
  }
  return true;
}

tl::unexpected<Error> broken_stream() {
  return fail(ErrorKind::malformed, "LZ image: the compressed data is cut or inconsistent");
}

/// Alpha planes are coded as bytes of their own; they end up as the top byte of each pixel.
bool expand_alpha(SimdLevel level, Input& in, std::uint32_t* pixels, std::size_t count) {
  Scratch plane(count);
  if (!expand<lz::ByteUnits>(level, in, plane.data(), count)) return false;
  const std::uint8_t* alpha = plane.data();
  for (std::size_t i = 0; i < count; ++i) {
    pixels[i] = (pixels[i] & ~opaque) | static_cast<std::uint32_t>(alpha[i]) << 24;
  }
  return true;
}

Result<Bitmap> decode_colors(SimdLevel level, Input in, const Header& header, raster::Size size,
                             BufferPool* buffers) {
  const bool alpha = header.type == Type::rgba;
  Bitmap bitmap =
      CASSIA_TRY(new_bitmap(size, alpha ? PixelFormat::argb32 : PixelFormat::xrgb32, buffers));
  const std::size_t count = std::size_t{header.width} * header.height;
  const bool ok = header.type == Type::rgb16
                      ? expand<lz::Rgb16Units>(level, in, bitmap.row32(0), count)
                      : expand<lz::Rgb24Units>(level, in, bitmap.row32(0), count);
  if (!ok || (alpha && !expand_alpha(level, in, bitmap.row32(0), count))) return broken_stream();
  if (!header.top_down) flip_rows(bitmap);
  return bitmap;
}

/// Palettised and 8-bit images are coded as bytes and then turned into pixels row by row.
Result<Bitmap> decode_bytes(SimdLevel level, Input in, const Header& header, raster::Size size,
                            const ColorTable& table, BufferPool* buffers) {
  const bool gray = header.type == Type::a8 || header.type == Type::xxxa;
  const std::size_t row = gray ? header.width : header.stride;
  Bitmap bitmap =
      CASSIA_TRY(new_bitmap(size, gray ? PixelFormat::a8 : PixelFormat::xrgb32, buffers));
  Scratch bytes(row * header.height);
  if (!expand<lz::ByteUnits>(level, in, bytes.data(), row * header.height)) return broken_stream();
  for (std::int32_t y = 0; y < size.height; ++y) {
    const std::int32_t stored = header.top_down ? y : size.height - 1 - y;
    const std::uint8_t* from = bytes.data() + static_cast<std::size_t>(stored) * row;
    if (gray) {
      std::memcpy(bitmap.row(y), from, row);
    } else {
      convert_row(row_format(header.type), from, bitmap.row32(y), size.width, table.colors);
    }
  }
  return bitmap;
}

}  // namespace

Result<Bitmap> decode_lz(const raster::EncodedImage& image, const DecodeContext& context,
                         SimdLevel level) {
  const ByteView data = image.data.view();
  Input in{data.data(), data.data() + data.size()};
  const Header header = CASSIA_TRY(read_header(in, image.size));
  if (header.type >= Type::rgb16 && header.type <= Type::rgba) {
    return decode_colors(level, in, header, image.size, context.buffers);
  }
  ColorTable table;
  if (is_palettised(row_format(header.type))) {
    if (!image.palette)
      return fail(ErrorKind::malformed, "a palettised LZ image without a palette");
    table = color_table(*image.palette, context.rgb555_palettes, true);
  }
  return decode_bytes(level, in, header, image.size, table, context.buffers);
}

Result<void> decode_lz_alpha(ByteView data, Bitmap& target, SimdLevel level) {
  Input in{data.data(), data.data() + data.size()};
  const Header header = CASSIA_TRY(read_header(in, target.size()));
  if (header.type != Type::xxxa) {
    return fail(ErrorKind::malformed, "an alpha plane of LZ type {}",
                static_cast<std::uint32_t>(header.type));
  }
  if (!header.top_down) flip_rows(target);
  const std::size_t count = std::size_t{header.width} * header.height;
  if (!expand_alpha(level, in, target.row32(0), count)) return broken_stream();
  if (!header.top_down) flip_rows(target);
  return {};
}

}  // namespace cassia::codec
