// SPDX-License-Identifier: Apache-2.0
// QUIC decoding. Per pixel: read the residual of each component with the code that its predecessor
// calls for, add the prediction (the mean of left and above), and now and then update the model.
// Where the row above and the row so far are flat, a run length takes the place of residuals. The
// loop over a row's pixels is in quic_decode_rows.h.

#include <algorithm>

#include "render/codec/codecs.h"
#include "render/codec/pixels.h"
#include "render/codec/quic_decode_rows.h"

namespace cassia::codec {
namespace quic {

std::size_t read_long_run(BitReader& reader, State& state, std::size_t limit) {
  std::size_t run = 0;
  for (;;) {
    reader.refill();
    const bool full_unit = reader.top(1) != 0;
    reader.skip(1);
    if (!full_unit) break;
    run += std::size_t{1} << state.run_bits();
    state.longer_runs();
    if (run > limit) return run;
  }
  if (const unsigned bits = state.run_bits(); bits != 0) {
    reader.refill();
    run += reader.top(bits);
    reader.skip(bits);
  }
  state.shorter_runs();
  return run;
}

}  // namespace quic

namespace {

using quic::BitReader;
using quic::BitSource;
using quic::DecodePlane;
using quic::Family;
using quic::Type;
using raster::Bitmap;
using raster::PixelFormat;

/// Decodes rows of one plane.
template <class Layout>
class RowDecoder {
 public:
  using Memory = typename Layout::Memory;

  RowDecoder(const Family& family, SimdLevel level, std::size_t width)
      : plane_(family, level, width), width_(width), span_(quic::span_decoder<Layout>(level)) {}

  /// `above` is null for the first row. False if the stream is broken.
  bool decode(BitReader& reader, const Memory* above, Memory* row) {
    plane_.residuals[0] = above != nullptr ? plane_.residuals[1] : 0;
    quic::State& state = plane_.state;
    std::size_t from = 0;
    while (!state.at_last_level() && state.pixels_left <= width_ - from) {
      const std::size_t to = from + state.pixels_left;
      if (!decode_part(reader, above, row, from, to)) return false;
      from = to;
      state.next_level();
    }
    if (!decode_part(reader, above, row, from, width_)) return false;
    if (!state.at_last_level()) state.pixels_left -= static_cast<unsigned>(width_ - from);
    return true;
  }

 private:
  bool decode_part(BitReader& reader, const Memory* above, Memory* row, std::size_t x,
                   std::size_t to) {
    const std::size_t one_by_one = above == nullptr ? to : std::min<std::size_t>(to, 3);
    for (; x < one_by_one; ++x) plane_.decode_one(reader, row, x, guess(above, row, x));
    return x == to || span_(plane_, reader, above, row, x, to);
  }
  static typename Layout::Value guess(const Memory* above, const Memory* row, std::size_t x) {
    if (above == nullptr) return x == 0 ? Layout::nothing : Layout::load(row + x - 1);
    if (x == 0) return Layout::load(above);
    return Layout::mean(Layout::load(row + x - 1), Layout::load(above + x));
  }

  DecodePlane<Layout> plane_;
  std::size_t width_;
  quic::SpanDecoder<Layout> span_;
};

tl::unexpected<Error> broken_stream() {
  return fail(ErrorKind::malformed, "QUIC image: the compressed data is cut or inconsistent");
}

/// What a row may take, and what is read ahead.
std::size_t row_bytes(raster::Size size, unsigned lanes) {
  return static_cast<std::size_t>(size.width) * quic::max_bytes(lanes) + 32;
}

/// Fails, before anything is allocated, if `data` is too short whatever is in it: every pixel of
/// the first row and the first three of the others have a code of their own, of one bit at least.
Result<void> check_length(ByteView data, raster::Size size, unsigned lanes) {
  const std::int64_t others = (size.height - 1) * std::int64_t{std::min(size.width, 3)};
  const std::int64_t bits = (size.width + others) * lanes;
  if (static_cast<std::int64_t>(data.size()) * 8 >= bits) return {};
  return fail(ErrorKind::malformed, "QUIC image: {} bytes cannot hold {}x{} pixels", data.size(),
              size.width, size.height);
}

template <class Layout>
Result<Bitmap> decode_plane(ByteView data, raster::Size size, PixelFormat format,
                            const Family& family, SimdLevel level, BufferPool* buffers) {
  using Memory = typename Layout::Memory;
  CASSIA_TRY(check_length(data, size, Layout::lanes));
  Bitmap bitmap = CASSIA_TRY(new_bitmap(size, format, buffers));
  BitSource source(level, data, row_bytes(size, Layout::lanes));
  BitReader reader = source.reader();
  RowDecoder<Layout> rows(family, level, static_cast<std::size_t>(size.width));
  const Memory* above = nullptr;
  for (std::int32_t y = 0; y < size.height; ++y) {
    source.prepare(reader);
    auto* row = reinterpret_cast<Memory*>(bitmap.row(y));
    if (!rows.decode(reader, above, row) || source.overrun(reader)) return broken_stream();
    above = row;
  }
  return bitmap;
}

Result<Bitmap> decode_rgba(ByteView data, raster::Size size, SimdLevel level, BufferPool* buffers) {
  CASSIA_TRY(check_length(data, size, 4));
  Bitmap bitmap = CASSIA_TRY(new_bitmap(size, PixelFormat::argb32, buffers));
  const auto width = static_cast<std::size_t>(size.width);
  const Family& family = quic::family_8bit();
  BitSource source(level, data, row_bytes(size, 3) + row_bytes(size, 1));
  BitReader reader = source.reader();
  RowDecoder<quic::RgbUnderAlpha> colors(family, level, width);
  RowDecoder<quic::Gray8> alphas(family, level, width);
  Scratch alpha_row(width), alpha_above(width);
  for (std::int32_t y = 0; y < size.height; ++y) {
    source.prepare(reader);
    const bool first = y == 0;
    std::uint32_t* row = bitmap.row32(y);
    if (!colors.decode(reader, first ? nullptr : bitmap.row32(y - 1), row)) return broken_stream();
    std::swap(alpha_row, alpha_above);
    std::uint8_t* alpha = alpha_row.data();
    if (!alphas.decode(reader, first ? nullptr : alpha_above.data(), alpha)) return broken_stream();
    if (source.overrun(reader)) return broken_stream();
    for (std::size_t x = 0; x < width; ++x) {
      row[x] = (row[x] & ~opaque) | static_cast<std::uint32_t>(alpha[x]) << 24;
    }
  }
  return bitmap;
}

}  // namespace

Result<Bitmap> decode_quic(ByteView data, raster::Size size, SimdLevel simd, BufferPool* buffers) {
  if (data.size() < quic::header_bytes) {
    return fail(ErrorKind::malformed, "QUIC image of {} bytes has no header", data.size());
  }
  if (load_le32(data.data()) != quic::magic || load_le32(data.data() + 4) != quic::version) {
    return fail(ErrorKind::malformed, "QUIC image with magic {:08x}, version {}",
                load_le32(data.data()), load_le32(data.data() + 4));
  }
  const auto type = static_cast<Type>(load_le32(data.data() + 8));
  CASSIA_TRY(
      check_same_size(load_le32(data.data() + 12), load_le32(data.data() + 16), size, "QUIC"));
  const ByteView stream = data.subspan(quic::header_bytes);
  switch (type) {
    case Type::gray:
      return decode_plane<quic::Gray8>(stream, size, PixelFormat::a8, quic::family_8bit(), simd,
                                       buffers);
    case Type::rgb16:
      return decode_plane<quic::Rgb15>(stream, size, PixelFormat::xrgb32, quic::family_5bit(), simd,
                                       buffers);
    case Type::rgb24:
    case Type::rgb32:
      return decode_plane<quic::Rgb32>(stream, size, PixelFormat::xrgb32, quic::family_8bit(), simd,
                                       buffers);
    case Type::rgba:
      return decode_rgba(stream, size, simd, buffers);
    case Type::invalid:
      break;
  }
  return fail(ErrorKind::malformed, "QUIC image of type {}", static_cast<std::uint32_t>(type));
}

}  // namespace cassia::codec
