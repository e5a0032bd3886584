// SPDX-License-Identifier: Apache-2.0
// QUIC encoding: quic_decode.cc read backwards, except that the residuals of a row come first. The
// model moves exactly as the decoder's does, so the bytes are those of any other encoder of the
// format.

#include <algorithm>

#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "render/codec/pixels.h"
#include "render/codec/quic_encode_rows.h"

namespace cassia::codec {
namespace quic {

void put_long_run(BitWriter& writer, State& state, std::size_t run) {
  while (run >= std::size_t{1} << state.run_bits()) {
    run -= std::size_t{1} << state.run_bits();
    writer.put(1, 1);
    writer.flush();
    state.longer_runs();
  }
  writer.put(run, state.run_bits() + 1);
  writer.flush();
  state.shorter_runs();
}

}  // namespace quic

namespace {

using quic::BitSink;
using quic::BitWriter;
using quic::Depth;
using quic::EncodePlane;
using quic::Family;
using quic::Type;
using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;

/// What a pixel takes at most: the longest code for each component, and an empty run before it.
constexpr std::size_t max_bytes(unsigned lanes) {
  return (lanes * quic::max_code_bits + 16 + 7) / 8;
}

/// Encodes rows of one plane.
template <class Pixel>
class RowEncoder {
 public:
  RowEncoder(Depth depth, SimdLevel level, std::size_t width)
      : plane_(depth == Depth::bits5 ? quic::family_5bit() : quic::family_8bit(), level, width),
        depth_(depth),
        width_(width),
        span_(quic::span_encoder<Pixel>(level)) {}

  /// `above` is null for the first row.
  void encode(BitWriter& writer, const Pixel* above, const Pixel* row) {
    plane_.same.swap(plane_.same_above);
    predict(above, row);
    plane_.coded[0] = above != nullptr ? plane_.coded[1] : 0;
    quic::State& state = plane_.state;
    std::size_t from = 0;
    while (!state.at_last_level() && state.pixels_left <= width_ - from) {
      const std::size_t to = from + state.pixels_left;
      if (to > from) span_(plane_, writer, above != nullptr, from, to);
      from = to;
      state.next_level();
    }
    if (from == width_) return;
    span_(plane_, writer, above != nullptr, from, width_);
    if (!state.at_last_level()) state.pixels_left -= static_cast<unsigned>(width_ - from);
  }

 private:
  void predict(const Pixel* above, const Pixel* row) {
    if constexpr (sizeof(Pixel) == 1) {
      quic::predict_row(plane_.level, above, row, width_, plane_.residuals.data(),
                        plane_.same.data());
    } else {
      quic::predict_row(plane_.level, depth_, above, row, width_, plane_.residuals.data(),
                        plane_.same.data());
    }
  }

  EncodePlane<Pixel> plane_;
  Depth depth_;
  std::size_t width_;
  quic::SpanEncoder<Pixel> span_;
};

/// The stream of one picture while it grows.
class Stream {
 public:
  /// A row takes at most `row_bytes`.
  Stream(SimdLevel level, std::size_t row_bytes) : sink_(level), row_bytes_(row_bytes) {}

  Result<void> begin(Type type, const Bitmap& bitmap) {
    CASSIA_TRY(make_room(quic::header_bytes + bitmap.byte_size() / 4));
    for (std::uint32_t word : {quic::magic, quic::version, static_cast<std::uint32_t>(type),
                               static_cast<std::uint32_t>(bitmap.width()),
                               static_cast<std::uint32_t>(bitmap.height())}) {
      writer_.put(word, 32);
      writer_.flush();
    }
    return {};
  }
  Result<void> begin_row() {
    sink_.settle(writer_);
    return make_room(row_bytes_);
  }
  BitWriter& writer() { return writer_; }
  Result<SharedBytes> end() {
    CASSIA_TRY(make_room(16));
    return sink_.finish(writer_);
  }

 private:
  Result<void> make_room(std::size_t bytes) {
    if (sink_.ensure(writer_, bytes)) return {};
    return fail(ErrorKind::no_space, "no memory for a QUIC image");
  }

  BitWriter writer_;
  BitSink sink_;
  std::size_t row_bytes_;
};

/// Pixels of xrgb32 and a8 as they lie.
template <class Pixel>
Result<SharedBytes> encode_plane(const Bitmap& bitmap, Type type, SimdLevel level) {
  const auto width = static_cast<std::size_t>(bitmap.width());
  Stream stream(level, width * max_bytes(EncodePlane<Pixel>::lanes));
  CASSIA_TRY(stream.begin(type, bitmap));
  RowEncoder<Pixel> rows(Depth::bits8, level, width);
  const Pixel* above = nullptr;
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    CASSIA_TRY(stream.begin_row());
    const auto* row = reinterpret_cast<const Pixel*>(bitmap.row(y));
    rows.encode(stream.writer(), above, row);
    above = row;
  }
  return stream.end();
}

Result<SharedBytes> encode_rgba(const Bitmap& bitmap, SimdLevel level) {
  const auto width = static_cast<std::size_t>(bitmap.width());
  Stream stream(level, width * (max_bytes(3) + max_bytes(1)));
  CASSIA_TRY(stream.begin(Type::rgba, bitmap));
  RowEncoder<std::uint32_t> colors(Depth::bits8, level, width);
  RowEncoder<std::uint8_t> alphas(Depth::bits8, level, width);
  std::vector<std::uint8_t> alpha(width), alpha_above(width);
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    CASSIA_TRY(stream.begin_row());
    const bool first = y == 0;
    const std::uint32_t* row = bitmap.row32(y);
    colors.encode(stream.writer(), first ? nullptr : bitmap.row32(y - 1), row);
    alpha.swap(alpha_above);
    for (std::size_t x = 0; x < width; ++x) alpha[x] = static_cast<std::uint8_t>(row[x] >> 24);
    alphas.encode(stream.writer(), first ? nullptr : alpha_above.data(), alpha.data());
  }
  return stream.end();
}

Result<SharedBytes> encode_rgb16(const Bitmap& bitmap, SimdLevel level) {
  const auto width = static_cast<std::size_t>(bitmap.width());
  Stream stream(level, width * max_bytes(3));
  CASSIA_TRY(stream.begin(Type::rgb16, bitmap));
  RowEncoder<std::uint32_t> rows(Depth::bits5, level, width);
  std::vector<std::uint32_t> row(width), above(width);
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    CASSIA_TRY(stream.begin_row());
    row.swap(above);
    const auto* from = reinterpret_cast<const std::uint16_t*>(bitmap.row(y));
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint32_t c = from[x];
      row[x] = (c & 0x7c00) << 6 | (c & 0x03e0) << 3 | (c & 0x001f);
    }
    rows.encode(stream.writer(), y == 0 ? nullptr : above.data(), row.data());
  }
  return stream.end();
}

}  // namespace

Result<EncodedImage> encode_quic_at(const Bitmap& bitmap, SimdLevel level) {
  CASSIA_TRY(check_size(bitmap.size(), 1));
  EncodedImage image;
  image.codec = raster::ImageCodec::quic;
  image.size = bitmap.size();
  switch (bitmap.format()) {
    case PixelFormat::xrgb32:
      image.data = CASSIA_TRY(encode_plane<std::uint32_t>(bitmap, Type::rgb32, level));
      return image;
    case PixelFormat::argb32:
      image.data = CASSIA_TRY(encode_rgba(bitmap, level));
      return image;
    case PixelFormat::rgb555:
      image.data = CASSIA_TRY(encode_rgb16(bitmap, level));
      return image;
    case PixelFormat::rgb565:
      return encode_quic_at(CASSIA_TRY(widen565(bitmap)), level);
    case PixelFormat::a8:
      image.data = CASSIA_TRY(encode_plane<std::uint8_t>(bitmap, Type::gray, level));
      return image;
    case PixelFormat::a1:
      break;
  }
  return fail(ErrorKind::unsupported, "QUIC images have no form for 1-bit masks");
}

Result<EncodedImage> encode_quic(const Bitmap& bitmap) {
  return encode_quic_at(bitmap, best_simd());
}

}  // namespace cassia::codec
