// SPDX-License-Identifier: Apache-2.0
// QUIC encoding: quic_decode.cc read backwards. The model moves exactly as the decoder's does, so
// the bytes are those of any other encoder of the format.

#include <algorithm>
#include <vector>

#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "render/codec/pixels.h"
#include "render/codec/quic_model.h"

namespace cassia::codec {
namespace {

using quic::Channel;
using quic::Family;
using quic::State;
using quic::Type;
using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;

/// Writes bits into memory that the caller keeps large enough. Small, so that a copy of it can stay
/// in registers through a row.
struct BitWriter {
  void put(std::uint32_t value, unsigned count) {
    bits = bits << count | value;
    used += count;
    if (used < 32) return;
    used -= 32;
    put_word(static_cast<std::uint32_t>(bits >> used));
  }
  void put_word(std::uint32_t word) {
    std::memcpy(p, &word, 4);
    p += 4;
  }

  std::uint8_t* p = nullptr;
  std::uint64_t bits = 0;
  unsigned used = 0;
};

/// The buffer behind a BitWriter.
class Output {
 public:
  /// Makes room for `words` more.
  void ensure(BitWriter& writer, std::size_t words) {
    const std::size_t used = size(writer);
    const std::size_t needed = used + 4 * words;
    if (needed > bytes_.size()) bytes_.resize(needed + needed / 2);
    writer.p = bytes_.data() + used;
  }
  /// Fills the last word; one more of zeros is what decoders read ahead.
  Bytes finish(BitWriter& writer) {
    ensure(writer, 2);
    if (writer.used != 0) writer.put(0, 32 - writer.used);
    writer.put_word(0);
    bytes_.resize(size(writer));
    bytes_.shrink_to_fit();
    return std::move(bytes_);
  }

 private:
  std::size_t size(const BitWriter& writer) const {
    return writer.p == nullptr ? 0 : static_cast<std::size_t>(writer.p - bytes_.data());
  }
  Bytes bytes_;
};

[[gnu::always_inline]] inline void put_run(BitWriter& writer, State& state, std::size_t run) {
  while (run >= std::size_t{1} << state.run_bits()) {
    run -= std::size_t{1} << state.run_bits();
    writer.put(1, 1);
    state.longer_runs();
  }
  writer.put(static_cast<std::uint32_t>(run), state.run_bits() + 1);
  state.shorter_runs();
}

/// The opposite of quic::unfold, on one lane: the difference's low `bits` bits are a signed number.
std::uint8_t fold(unsigned difference, unsigned bits) {
  const auto number = static_cast<std::int32_t>(difference << (32 - bits)) >> (32 - bits);
  return static_cast<std::uint8_t>((number << 1) ^ (number >> 31));
}

/// `Lanes` components that are coded together; a pixel holds them in its lowest bytes, and they are
/// written from the highest to the lowest.
template <unsigned Lanes>
class PlaneEncoder {
 public:
  PlaneEncoder(const Family& family, std::size_t width)
      : family_(family), width_(width), residuals_(width + 1) {
    for (Channel& channel : channels_) channel.reset(family);
  }

  void encode_row(BitWriter& writer, const std::uint32_t* above, const std::uint32_t* row) {
    residuals_[0] = above != nullptr ? residuals_[1] : 0;
    std::size_t from = 0;
    while (!state_.at_last_level() && state_.pixels_left <= width_ - from) {
      const std::size_t to = from + state_.pixels_left;
      if (to > from) encode_part(writer, above, row, from, to);
      from = to;
      state_.next_level();
    }
    if (from == width_) return;
    encode_part(writer, above, row, from, width_);
    if (!state_.at_last_level()) state_.pixels_left -= static_cast<unsigned>(width_ - from);
  }

 private:
  [[gnu::always_inline]] void put_pixel(BitWriter& writer, std::size_t x, std::uint32_t pixel,
                                        std::uint32_t guess) {
    const std::uint32_t before = residuals_[x];
    std::uint32_t residual = 0;
    for (unsigned lane = Lanes; lane-- > 0;) {
      const unsigned shift = 8 * lane;
      const std::uint8_t folded = fold((pixel >> shift) - (guess >> shift), family_.bits);
      const unsigned code = channels_[lane].code_after(static_cast<std::uint8_t>(before >> shift));
      writer.put(family_.codes[folded][code], family_.lengths[folded][code]);
      residual |= std::uint32_t{folded} << shift;
    }
    residuals_[x + 1] = residual;
  }

  void update(std::size_t x) {
    for (unsigned lane = 0; lane < Lanes; ++lane) {
      channels_[lane].update(family_, static_cast<std::uint8_t>(residuals_[x] >> 8 * lane),
                             static_cast<std::uint8_t>(residuals_[x + 1] >> 8 * lane),
                             state_.trigger());
    }
  }

  void encode_part(BitWriter& shared_writer, const std::uint32_t* above, const std::uint32_t* row,
                   std::size_t x, std::size_t to) {
    BitWriter writer = shared_writer;
    if (x == 0) {
      put_pixel(writer, 0, row[0], above != nullptr ? above[0] : 0);
      if (state_.wait != 0) {
        --state_.wait;
      } else {
        state_.wait = state_.next_wait();
        update(0);
      }
      x = 1;
    }
    std::size_t stop = x + state_.wait;
    std::size_t last_run = 0;
    while (x < to) {
      if (above != nullptr && x > 2 && last_run != x && above[x - 1] == above[x] &&
          row[x - 1] == row[x - 2]) {
        state_.wait = static_cast<unsigned>(stop - x);
        last_run = x;
        while (x < to && row[x] == row[x - 1]) ++x;
        put_run(writer, state_, x - last_run);
        if (x == to) {
          shared_writer = writer;
          return;
        }
        stop = x + state_.wait;
        continue;
      }
      const std::uint32_t left = row[x - 1];
      put_pixel(writer, x, row[x], above != nullptr ? quic::average_lanes(left, above[x]) : left);
      if (x == stop) {
        update(x);
        stop = x + 1 + state_.next_wait();
      }
      ++x;
    }
    state_.wait = static_cast<unsigned>(stop - to);
    shared_writer = writer;
  }

  const Family& family_;
  std::size_t width_;
  Channel channels_[Lanes];
  State state_;
  std::vector<std::uint32_t> residuals_;  // [x + 1] of pixel x
};

/// One row as lanes: the colours of its pixels.
void load_colors(const Bitmap& bitmap, std::int32_t y, std::uint32_t* to) {
  if (bitmap.format() == PixelFormat::rgb555) {
    const auto* from = reinterpret_cast<const std::uint16_t*>(bitmap.row(y));
    for (std::int32_t x = 0; x < bitmap.width(); ++x) {
      const std::uint32_t c = from[x];
      to[x] = (c & 0x7c00) << 6 | (c & 0x03e0) << 3 | (c & 0x001f);
    }
    return;
  }
  const std::uint32_t* from = bitmap.row32(y);
  for (std::int32_t x = 0; x < bitmap.width(); ++x) to[x] = from[x] & 0x00ffffffu;
}

Bytes encode_rows(const Bitmap& bitmap, Type type) {
  const auto width = static_cast<std::size_t>(bitmap.width());
  BitWriter writer;
  Output output;
  output.ensure(writer, width * static_cast<std::size_t>(bitmap.height()) / 4 + 64);
  for (std::uint32_t word :
       {quic::magic, quic::version, static_cast<std::uint32_t>(type),
        static_cast<std::uint32_t>(bitmap.width()), static_cast<std::uint32_t>(bitmap.height())}) {
    writer.put_word(word);
  }
  const bool alpha = type == Type::rgba;
  PlaneEncoder<3> colors(type == Type::rgb16 ? quic::family_5bit() : quic::family_8bit(), width);
  PlaneEncoder<1> alphas(quic::family_8bit(), width);
  std::vector<std::uint32_t> row(width), above(width), alpha_row(width), alpha_above(width);
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    output.ensure(writer, width * 4 + 8);  // no code is longer than a word
    load_colors(bitmap, y, row.data());
    colors.encode_row(writer, y == 0 ? nullptr : above.data(), row.data());
    row.swap(above);
    if (!alpha) continue;
    const std::uint32_t* pixels = bitmap.row32(y);
    for (std::size_t x = 0; x < width; ++x) alpha_row[x] = pixels[x] >> 24;
    alphas.encode_row(writer, y == 0 ? nullptr : alpha_above.data(), alpha_row.data());
    alpha_row.swap(alpha_above);
  }
  return output.finish(writer);
}

}  // namespace

Result<EncodedImage> encode_quic(const Bitmap& bitmap) {
  CASSIA_TRY(check_size(bitmap.size(), 1));
  EncodedImage image;
  image.codec = raster::ImageCodec::quic;
  image.size = bitmap.size();
  switch (bitmap.format()) {
    case PixelFormat::xrgb32:
      image.data = encode_rows(bitmap, Type::rgb32);
      return image;
    case PixelFormat::argb32:
      image.data = encode_rows(bitmap, Type::rgba);
      return image;
    case PixelFormat::rgb555:
      image.data = encode_rows(bitmap, Type::rgb16);
      return image;
    case PixelFormat::rgb565:
      image.data = encode_rows(CASSIA_TRY(widen565(bitmap)), Type::rgb32);
      return image;
    case PixelFormat::a8:
    case PixelFormat::a1:
      break;
  }
  return fail(ErrorKind::unsupported, "QUIC images hold colours, not masks");
}

}  // namespace cassia::codec
