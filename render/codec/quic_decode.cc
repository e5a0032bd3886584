// SPDX-License-Identifier: Apache-2.0
// QUIC decoding. Per pixel: read the residual of each component with the code that its predecessor
// calls for, add the prediction (the mean of left and above), and now and then update the model.
// Where the row above and the row so far are flat, a run length takes the place of residuals.
//
// A pixel is four 8-bit lanes (blue, green, red, and alpha or nothing) and is predicted as a whole.

#include <bit>
#include <vector>

#include "render/codec/codecs.h"
#include "render/codec/pixels.h"
#include "render/codec/quic_model.h"

namespace cassia::codec {
namespace {

using quic::Channel;
using quic::Family;
using quic::State;
using quic::Type;
using raster::Bitmap;
using raster::PixelFormat;

/// Bits of little-endian 32-bit words, the highest first. Past the end it reads zeros; overrun()
/// tells.
class BitReader {
 public:
  explicit BitReader(ByteView data) : p_(data.data()), end_(data.data() + data.size() / 4 * 4) {}

  /// Makes at least 32 bits available. Away from the end without a branch on how many are missing:
  /// two words are read, as many as fit are counted, and reading the rest again later changes
  /// nothing.
  [[gnu::always_inline]] void refill() {
    if (end_ - p_ >= 8) [[likely]] {
      bits_ |= std::rotl(load_le64(p_), 32) >> available_;
      const unsigned words = (63 - available_) >> 5;
      p_ += 4 * words;
      available_ += 32 * words;
    } else if (available_ < 32) {
      refill_at_end();
    }
  }
  std::uint32_t top32() const { return static_cast<std::uint32_t>(bits_ >> 32); }
  unsigned top(unsigned count) const { return static_cast<unsigned>(bits_ >> (64 - count)); }
  void skip(unsigned count) {
    bits_ <<= count;
    available_ -= count;
  }
  bool overrun() const { return missing_words_ * 32 > available_; }

 private:
  void refill_at_end() {
    std::uint64_t word = 0;
    if (p_ != end_) {
      word = load_le32(p_);
      p_ += 4;
    } else {
      ++missing_words_;
    }
    bits_ |= word << (32 - available_);
    available_ += 32;
  }

  const std::uint8_t* p_;
  const std::uint8_t* end_;
  std::uint64_t bits_ = 0;
  unsigned available_ = 0;
  std::uint64_t missing_words_ = 0;
};

/// A code too long for the table, at the top of `bits`: residual << 8 | length. Takes no reader,
/// which so can stay in registers.
[[gnu::noinline]] unsigned find_long_code(const Family& family, unsigned code, std::uint32_t bits) {
  const auto zeros = static_cast<unsigned>(std::countl_zero(bits));
  unsigned residual;
  unsigned length;
  if (zeros < family.prefix_limit[code]) {
    length = zeros + 1 + code;
    residual = (zeros << code) | ((bits >> (32 - length)) & ((1u << code) - 1));
  } else {
    length = family.escape_bits[code];
    const unsigned suffix = length - family.prefix_limit[code];
    residual = family.rice_values[code] + ((bits >> (32 - length)) & ((1u << suffix) - 1));
  }
  return (residual & ((1u << family.bits) - 1)) << 8 | length;
}

/// The caller has refilled for three short codes.
[[gnu::always_inline]] inline unsigned read_residual(BitReader& reader, const Family& family,
                                                     unsigned code) {
  unsigned entry = family.lookup[code][reader.top(quic::lookup_bits)];
  if (entry != 0) [[likely]] {
    reader.skip(entry & 255);
    return entry >> 8;
  }
  reader.refill();
  entry = find_long_code(family, code, reader.top32());
  reader.skip(entry & 255);
  reader.refill();
  return entry >> 8;
}

/// A run length, or `limit` + 1 for anything beyond `limit`.
[[gnu::always_inline]] inline std::size_t read_run(BitReader& reader, State& state,
                                                   std::size_t limit) {
  std::size_t run = 0;
  for (;;) {
    reader.refill();
    const bool full_unit = reader.top(1) != 0;
    reader.skip(1);
    if (!full_unit) break;
    run += std::size_t{1} << state.run_bits();
    state.longer_runs();
    if (run > limit) return limit + 1;
  }
  if (const unsigned bits = state.run_bits(); bits != 0) {
    reader.refill();
    run += reader.top(bits);
    reader.skip(bits);
  }
  state.shorter_runs();
  return run > limit ? limit + 1 : run;
}

/// Three components coded together. Residuals of a pixel are packed like the pixel itself.
struct ColorPlane {
  using Pixel = std::uint32_t;
  using Residual = std::uint32_t;
  static constexpr std::size_t step = 1;

  ColorPlane(const Family& f, std::size_t width) : family(f), residuals(width + 1) {
    for (Channel& channel : channels) channel.reset(family);
    lane_mask = f.bits == 8 ? 0x00ffffffu : 0x001f1f1fu;
  }

  [[gnu::always_inline]] Residual read(BitReader& reader, Residual before) const {
    const unsigned code_r = channels[2].code_after(static_cast<std::uint8_t>(before >> 16));
    const unsigned code_g = channels[1].code_after(static_cast<std::uint8_t>(before >> 8));
    const unsigned code_b = channels[0].code_after(static_cast<std::uint8_t>(before));
    reader.refill();
    const unsigned r = read_residual(reader, family, code_r);
    const unsigned g = read_residual(reader, family, code_g);
    const unsigned b = read_residual(reader, family, code_b);
    return r << 16 | g << 8 | b;
  }
  void update(Residual before, Residual now, unsigned trigger) {
    for (unsigned lane = 0; lane < 3; ++lane) {
      channels[lane].update(family, static_cast<std::uint8_t>(before >> 8 * lane),
                            static_cast<std::uint8_t>(now >> 8 * lane), trigger);
    }
  }
  Pixel predicted(Residual residual, Pixel guess) const {
    return quic::add_lanes(quic::unfold(residual, lane_mask), guess, lane_mask);
  }
  static Pixel mean(Pixel a, Pixel b) { return quic::average_lanes(a, b); }
  /// Above may have its alpha already.
  Pixel load(const Pixel* p) const { return *p & lane_mask; }
  void store(Pixel* p, Pixel value) const { *p = value; }

  const Family& family;
  Channel channels[3];
  State state;
  std::uint32_t lane_mask;
  std::vector<Residual> residuals;  ///< [x + 1] of pixel x; [0] stands before the row
};

/// One component on its own: gray, or the alpha of pixels whose colours are there.
template <std::size_t Step>
struct BytePlane {
  using Pixel = std::uint8_t;
  using Residual = std::uint8_t;
  static constexpr std::size_t step = Step;

  explicit BytePlane(std::size_t width) : residuals(width + 1) { channel.reset(family); }

  [[gnu::always_inline]] Residual read(BitReader& reader, Residual before) const {
    reader.refill();
    return static_cast<Residual>(read_residual(reader, family, channel.code_after(before)));
  }
  void update(Residual before, Residual now, unsigned trigger) {
    channel.update(family, before, now, trigger);
  }
  Pixel predicted(Residual residual, Pixel guess) const {
    return static_cast<Pixel>(quic::unfold(residual, 0xff) + guess);
  }
  static Pixel mean(Pixel a, Pixel b) { return static_cast<Pixel>((a + b) >> 1); }
  Pixel load(const Pixel* p) const { return *p; }
  void store(Pixel* p, Pixel value) const { *p = value; }

  const Family& family = quic::family_8bit();
  Channel channel;
  State state;
  std::vector<Residual> residuals;
};

/// Decodes rows of one plane. `row` and `above` point to the plane's first pixel; above is null for
/// the first row.
template <class Plane>
class RowDecoder {
 public:
  using Pixel = typename Plane::Pixel;

  RowDecoder(Plane& plane, BitReader& reader) : plane_(plane), reader_(reader) {}

  /// False if a run is longer than the row.
  bool decode(const Pixel* above, Pixel* row, std::size_t width) {
    State& state = plane_.state;
    plane_.residuals[0] = above != nullptr ? plane_.residuals[1] : 0;
    std::size_t from = 0;
    // A row is cut where the model goes to its next level.
    while (!state.at_last_level() && state.pixels_left <= width - from) {
      const std::size_t to = from + state.pixels_left;
      if (to > from && !decode_part(above, row, from, to)) return false;
      from = to;
      state.next_level();
    }
    if (from == width) return true;
    if (!decode_part(above, row, from, width)) return false;
    if (!state.at_last_level()) state.pixels_left -= static_cast<unsigned>(width - from);
    return true;
  }

 private:
  bool decode_part(const Pixel* above, Pixel* row, std::size_t from, std::size_t to) {
    if (from == 0) {
      decode_first(above, row);
      from = 1;
    }
    return above == nullptr ? decode_top_row(row, from, to) : decode_below(above, row, from, to);
  }

  void decode_first(const Pixel* above, Pixel* row) {
    State& state = plane_.state;
    const auto before = plane_.residuals[0];
    const auto residual = plane_.read(reader_, before);
    plane_.residuals[1] = residual;
    plane_.store(row, plane_.predicted(residual, above != nullptr ? plane_.load(above) : Pixel{0}));
    if (state.wait != 0) {
      --state.wait;
    } else {
      state.wait = state.next_wait();
      plane_.update(before, residual, state.trigger());
    }
  }

  bool decode_top_row(Pixel* row, std::size_t x, std::size_t to) {
    State& state = plane_.state;
    BitReader reader = reader_;  // a copy stays in registers
    auto* residuals = plane_.residuals.data();
    std::size_t stop = x + state.wait;  // the model is updated after this pixel
    for (; x < to; ++x) {
      const auto residual = plane_.read(reader, residuals[x]);
      residuals[x + 1] = residual;
      const Pixel left = plane_.load(row + (x - 1) * Plane::step);
      plane_.store(row + x * Plane::step, plane_.predicted(residual, left));
      if (x == stop) {
        plane_.update(residuals[x], residual, state.trigger());
        stop = x + 1 + state.next_wait();
      }
    }
    state.wait = static_cast<unsigned>(stop - to);
    reader_ = reader;
    return true;
  }

  bool decode_below(const Pixel* above, Pixel* row, std::size_t x, std::size_t to) {
    constexpr std::size_t step = Plane::step;
    State& state = plane_.state;
    BitReader reader = reader_;
    auto* residuals = plane_.residuals.data();
    std::size_t stop = x + state.wait;
    std::size_t last_run = 0;  // where the last run began: an empty one is not tried again
    Pixel left = plane_.load(row + (x - 1) * step);
    Pixel above_left = plane_.load(above + (x - 1) * step);
    bool flat = x > 2 && left == plane_.load(row + (x - 2) * step);
    auto residual = residuals[x];
    while (x < to) {
      const Pixel up = plane_.load(above + x * step);
      if (flat && up == above_left && x > 2 && last_run != x) {
        state.wait = static_cast<unsigned>(stop - x);
        last_run = x;
        const std::size_t run = read_run(reader, state, to - x);
        if (run > to - x) return false;
        for (std::size_t end = x + run; x < end; ++x) plane_.store(row + x * step, left);
        if (x == to) {
          reader_ = reader;
          return true;
        }
        stop = x + state.wait;
        residual = residuals[x];
        above_left = plane_.load(above + (x - 1) * step);
        continue;
      }
      const auto before = residual;
      residual = plane_.read(reader, before);
      residuals[x + 1] = residual;
      const Pixel pixel = plane_.predicted(residual, Plane::mean(left, up));
      plane_.store(row + x * step, pixel);
      flat = pixel == left;
      left = pixel;
      above_left = up;
      if (x == stop) {
        plane_.update(before, residual, state.trigger());
        stop = x + 1 + state.next_wait();
      }
      ++x;
    }
    state.wait = static_cast<unsigned>(stop - to);
    reader_ = reader;
    return true;
  }

  Plane& plane_;
  BitReader& reader_;
};

tl::unexpected<Error> broken_stream() {
  return fail(ErrorKind::malformed, "QUIC image: the compressed data is cut or inconsistent");
}

Result<Bitmap> decode_gray(BitReader& reader, raster::Size size) {
  Bitmap bitmap = CASSIA_TRY(new_bitmap(size, PixelFormat::a8));
  const auto width = static_cast<std::size_t>(size.width);
  BytePlane<1> plane(width);
  RowDecoder<BytePlane<1>> rows(plane, reader);
  for (std::int32_t y = 0; y < size.height; ++y) {
    const std::uint8_t* above = y == 0 ? nullptr : bitmap.row(y - 1);
    if (!rows.decode(above, bitmap.row(y), width) || reader.overrun()) return broken_stream();
  }
  return bitmap;
}

Result<Bitmap> decode_colors(BitReader& reader, raster::Size size, const Family& family,
                             bool alpha) {
  Bitmap bitmap = CASSIA_TRY(new_bitmap(size, alpha ? PixelFormat::argb32 : PixelFormat::xrgb32));
  const auto width = static_cast<std::size_t>(size.width);
  ColorPlane colors(family, width);
  BytePlane<4> alphas(alpha ? width : 0);
  RowDecoder<ColorPlane> color_rows(colors, reader);
  RowDecoder<BytePlane<4>> alpha_rows(alphas, reader);
  for (std::int32_t y = 0; y < size.height; ++y) {
    const std::uint32_t* above = y == 0 ? nullptr : bitmap.row32(y - 1);
    if (!color_rows.decode(above, bitmap.row32(y), width)) return broken_stream();
    if (alpha) {
      const std::uint8_t* alpha_above = y == 0 ? nullptr : bitmap.row(y - 1) + 3;
      if (!alpha_rows.decode(alpha_above, bitmap.row(y) + 3, width)) return broken_stream();
    }
    if (reader.overrun()) return broken_stream();
  }
  return bitmap;
}

/// 5-bit components, one in each lane, to 8-bit ones.
void widen_components(Bitmap& bitmap) {
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    std::uint32_t* row = bitmap.row32(y);
    for (std::int32_t x = 0; x < bitmap.width(); ++x) {
      row[x] = opaque | row[x] << 3 | ((row[x] >> 2) & 0x00070707u);
    }
  }
}

}  // namespace

Result<Bitmap> decode_quic(ByteView data, raster::Size size) {
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
  BitReader reader(data.subspan(quic::header_bytes));
  switch (type) {
    case Type::gray:
      return decode_gray(reader, size);
    case Type::rgb16: {
      Bitmap bitmap = CASSIA_TRY(decode_colors(reader, size, quic::family_5bit(), false));
      widen_components(bitmap);
      return bitmap;
    }
    case Type::rgb24:
    case Type::rgb32: {
      Bitmap bitmap = CASSIA_TRY(decode_colors(reader, size, quic::family_8bit(), false));
      make_opaque(bitmap);
      return bitmap;
    }
    case Type::rgba:
      return decode_colors(reader, size, quic::family_8bit(), true);
    case Type::invalid:
      break;
  }
  return fail(ErrorKind::malformed, "QUIC image of type {}", static_cast<std::uint32_t>(type));
}

}  // namespace cassia::codec
