// SPDX-License-Identifier: Apache-2.0
#pragma once

// The coder behind encode_lz(): one pass, a hash table of the last place where three pixels were
// seen, and at each place the longer of the run and the match found there. Internal.

#include <algorithm>
#include <memory>

#include "render/codec/lz_format.h"
#include "render/codec/lz_match.h"

namespace cassia::codec::lz {

/// How the pixels of a stream type are compared, hashed and stored; lengths are counted from
/// `bias`. A shorter match than near_minimum (or far_minimum beyond near_limit) saves nothing.
struct CodeBytes {
  using Pixel = std::uint8_t;
  static constexpr std::uint8_t ignored = 0;
  static constexpr std::size_t bias = 3, near_minimum = 3, far_minimum = 5, literal_bytes = 1;
  static std::uint64_t key(const Pixel* p) {
    return p[0] | static_cast<std::uint64_t>(p[1]) << 8 | static_cast<std::uint64_t>(p[2]) << 16;
  }
  template <class K>
  static void literals(std::uint8_t* to, const Pixel* from, std::size_t count) {
    std::memcpy(to, from, count);
  }
};

/// The top bit of the pixels must be the same in all of them.
struct CodeRgb16 {
  using Pixel = std::uint16_t;
  static constexpr std::uint8_t ignored = 0;
  static constexpr std::size_t bias = 2, near_minimum = 2, far_minimum = 3, literal_bytes = 2;
  static std::uint64_t key(const Pixel* p) {
    return p[0] | static_cast<std::uint64_t>(p[1]) << 16 | static_cast<std::uint64_t>(p[2]) << 32;
  }
  template <class K>
  static void literals(std::uint8_t* to, const Pixel* from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      to[2 * i] = static_cast<std::uint8_t>(from[i] >> 8);
      to[2 * i + 1] = static_cast<std::uint8_t>(from[i]);
    }
  }
};

/// The top byte of the pixels may be anything.
struct CodeRgb32 {
  using Pixel = std::uint32_t;
  static constexpr std::uint8_t ignored = 0x88;
  static constexpr std::size_t bias = 1, near_minimum = 2, far_minimum = 3, literal_bytes = 3;
  static std::uint64_t key(const Pixel* p) {
    const std::uint64_t two = load_le64(reinterpret_cast<const std::uint8_t*>(p));
    return (two & 0x00ffffff00ffffffu) ^ static_cast<std::uint64_t>(p[2] & 0xffffff) << 20;
  }
  template <class K>
  static void literals(std::uint8_t* to, const Pixel* from, std::size_t count) {
    K::pack24(to, from, count);
  }
};

template <class Units, class K>
class Encoder {
 public:
  using Pixel = typename Units::Pixel;

  /// `pixels` end where they end; `out` has room for worst_case() bytes; `table` holds
  /// 2^table_bits zeros.
  Encoder(const Pixel* pixels, std::size_t count, std::uint8_t* out, std::uint32_t* table,
          unsigned table_bits)
      : pixels_(pixels), count_(count), out_(out), table_(table), shift_(64 - table_bits) {}

  /// Returns the end of what was written.
  [[gnu::always_inline]] inline std::uint8_t* run() {
    // The first pixel is a literal, and what an empty slot of the table points at.
    std::size_t x = 1;
    std::size_t missed = 0;
    while (x + margin <= count_) {
      const Found found = find(x);
      if (found.length == 0) {
        // The longer nothing repeats, the fewer places are looked at.
        x += 1 + (missed++ >> patience_bits);
        continue;
      }
      missed = 0;
      const std::size_t back = found.length_back;
      put_literals(x - back);
      put_match(found.length + back, found.distance - 1);
      x += found.length;
      literals_from_ = x;
    }
    put_literals(count_);
    return out_;
  }

 private:
  /// Pixels that find() reads from x on.
  static constexpr std::size_t lanes = compare_bytes / sizeof(Pixel);
  static constexpr std::size_t margin = lanes + 1;
  static constexpr unsigned patience_bits = 5;

  struct Found {
    std::size_t length = 0;       ///< pixels from x on; 0: nothing worth it
    std::size_t length_back = 0;  ///< and before x
    std::size_t distance = 0;
  };

  [[gnu::always_inline]] inline std::uint32_t& slot(const Pixel* p) const {
    return table_[Units::key(p) * 0x9e3779b97f4a7c15u >> shift_];
  }
  [[gnu::always_inline]] inline static std::size_t equal(const Pixel* a, const Pixel* b) {
    return K::template equal<Units::ignored>(a, b) / sizeof(Pixel);
  }
  static bool same(Pixel a, Pixel b) {
    if constexpr (sizeof(Pixel) == 4) return ((a ^ b) & 0xffffff) == 0;
    return a == b;
  }

  /// Continues a match that is `length` pixels long so far.
  [[gnu::always_inline]] inline std::size_t extend(std::size_t x, std::size_t distance,
                                                   std::size_t length) const {
    const Pixel* p = pixels_ + x;
    const std::size_t left = count_ - x;
    while (length + lanes <= left) {
      const std::size_t n = equal(p + length, p + length - distance);
      length += n;
      if (n != lanes) return length;
    }
    while (length < left && same(p[length], *(p + length - distance))) ++length;
    return length;
  }

  [[gnu::always_inline]] inline Found find(std::size_t x) {
    const Pixel* p = pixels_ + x;
    std::uint32_t& place = slot(p);
    const std::size_t distance = x - place;
    place = static_cast<std::uint32_t>(x);
    std::size_t run = equal(p, p - 1);
    std::size_t match = equal(p, p - distance);
    if (run == lanes) run = extend(x, 1, run);
    if (match == lanes && distance < far_limit) match = extend(x, distance, match);
    const bool far = distance > near_limit;
    if (match > run + (far ? 2 : 0) && distance < far_limit) {
      if (match < (far ? Units::far_minimum : Units::near_minimum)) return {};
      return {match, back_from(x, distance), distance};
    }
    if (run < Units::near_minimum) return {};
    return {run, 0, 1};
  }

  /// Pending literals before x that the match could as well have begun with.
  [[gnu::always_inline]] inline std::size_t back_from(std::size_t x, std::size_t distance) const {
    std::size_t back = 0;
    while (x - back > literals_from_ && x - back > distance &&
           same(pixels_[x - back - 1], pixels_[x - back - 1 - distance])) {
      ++back;
    }
    return back;
  }

  [[gnu::always_inline]] inline void put_literals(std::size_t to) {
    std::size_t x = literals_from_;
    while (x < to) {
      const std::size_t n = std::min<std::size_t>(to - x, literal_run);
      *out_++ = static_cast<std::uint8_t>(n - 1);
      if (x + literal_run + lanes <= count_) {
        Units::template literals<K>(out_, pixels_ + x, n);
      } else {
        put_last_literals(x, n);
      }
      out_ += n * Units::literal_bytes;
      x += n;
    }
  }

  /// Near the end of the picture nothing behind the literals may be read.
  void put_last_literals(std::size_t x, std::size_t count) {
    if constexpr (sizeof(Pixel) == 4) {
      for (std::size_t i = 0; i < count; ++i) std::memcpy(out_ + 3 * i, pixels_ + x + i, 3);
    } else {
      Units::template literals<K>(out_, pixels_ + x, count);
    }
  }

  /// `back` is the distance less one. Most matches take two or three bytes, written as one word.
  [[gnu::always_inline]] inline void put_match(std::size_t length, std::size_t back) {
    const std::size_t coded = length - (Units::bias - 1);
    if (coded >= long_match + 255 || back >= near_limit) return put_large_match(coded, back);
    const bool longer = coded >= long_match;
    const std::size_t two = coded << 5 | back >> 8 | (back & 255) << 8;
    const std::size_t three =
        long_match << 5 | back >> 8 | (coded - long_match) << 8 | (back & 255) << 16;
    const auto word = static_cast<std::uint32_t>(longer ? three : two);
    std::memcpy(out_, &word, 4);
    out_ += longer ? 3 : 2;
  }

  void put_large_match(std::size_t coded, std::size_t back) {
    const bool far = back >= near_limit;
    const std::size_t high = far ? 31 : back >> 8;
    *out_++ = static_cast<std::uint8_t>(std::min(coded, long_match) << 5 | high);
    if (coded >= long_match) {
      for (coded -= long_match; coded >= 255; coded -= 255) *out_++ = 255;
      *out_++ = static_cast<std::uint8_t>(coded);
    }
    *out_++ = far ? 255 : static_cast<std::uint8_t>(back);
    if (!far) return;
    *out_++ = static_cast<std::uint8_t>((back - near_limit) >> 8);
    *out_++ = static_cast<std::uint8_t>(back - near_limit);
  }

  const Pixel* pixels_;
  std::size_t count_;
  std::uint8_t* out_;
  std::uint32_t* table_;
  unsigned shift_;
  std::size_t literals_from_ = 0;
};

/// Bytes that `count` pixels take at most, and room for wide stores.
template <class Units>
constexpr std::size_t worst_case(std::size_t count) {
  return count * Units::literal_bytes + count / literal_run + 64;
}

}  // namespace cassia::codec::lz
