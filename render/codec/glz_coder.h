// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner loop of GLZ encoding: one pass over an image, greedy, with a hash table of where three
// like pixels were seen last, in whatever image. Internal to render/codec.

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>

#include "render/codec/glz_dictionary.h"
#include "render/codec/glz_format.h"
#include "render/codec/pixels.h"

namespace cassia::codec::glz {

/// What one encoding sees of the dictionary.
struct Window {
  const GlzDictionary::Image* images;  ///< by number modulo max_images
  std::atomic<std::uint64_t>* seen;
  unsigned hash_bits;
  GlzDictionary::Ticket ticket;
  lz::Type type;
};

// The streams that there are: which bits of a pixel count, how a literal is stored, how lengths are
// biased.

struct Rgb16Units {
  using Pixel = std::uint16_t;
  static constexpr Pixel mask = 0x7fff;
  static constexpr std::size_t literal_bytes = 2;
  static constexpr std::size_t bias = 1;
  static constexpr std::uint64_t salt = 1;
  static std::uint8_t* put(std::uint8_t* out, Pixel pixel) {
    out[0] = static_cast<std::uint8_t>(pixel >> 8);
    out[1] = static_cast<std::uint8_t>(pixel);
    return out + 2;
  }
};

struct Rgb32Units {
  using Pixel = std::uint32_t;
  static constexpr Pixel mask = 0x00ffffff;
  static constexpr std::size_t literal_bytes = 3;
  static constexpr std::size_t bias = 0;
  static constexpr std::uint64_t salt = 2;
  static std::uint8_t* put(std::uint8_t* out, Pixel pixel) {
    std::memcpy(out, &pixel, 4);  // the fourth byte is overwritten by what follows
    return out + 3;
  }
};

/// The alpha of the same 32-bit pixels.
struct AlphaUnits {
  using Pixel = std::uint32_t;
  static constexpr Pixel mask = 0xff000000;
  static constexpr std::size_t literal_bytes = 1;
  static constexpr std::size_t bias = 2;
  static constexpr std::uint64_t salt = 3;
  static std::uint8_t* put(std::uint8_t* out, Pixel pixel) {
    *out = static_cast<std::uint8_t>(pixel >> 24);
    return out + 1;
  }
};

template <class Units>
class Coder {
 public:
  using Pixel = typename Units::Pixel;

  /// `out` has room for worst_case() bytes.
  Coder(const Window& window, std::uint8_t* out)
      : window_(window),
        image_(window.images[window.ticket.id % GlzDictionary::max_images]),
        pixels_(static_cast<const Pixel*>(image_.pixels)),
        count_(image_.count),
        out_(out),
        here_(window.ticket.id % GlzDictionary::max_images << slot_shift) {}

  /// Slack included: literals are stored in words.
  static constexpr std::size_t worst_case(std::size_t count) {
    return count * Units::literal_bytes + count / lz::literal_run + 64;
  }

  /// Returns where the output ends.
  std::uint8_t* run() {
    std::size_t x = 0;
    std::size_t misses = 0;
    while (x + 3 <= count_) {
      Match match;
      if (!find(x, match)) {
        // Pixels that match nothing come in crowds: look at fewer and fewer of them.
        x += 1 + (misses++ >> patience);
        continue;
      }
      misses = 0;
      x -= match.back;
      put_literals(x);
      put_match(match);
      x += match.length;
      literals_from_ = x;
      remember_end(x);
    }
    put_literals(count_);
    return out_;
  }

 private:
  // An entry of the table: slot of the image (12 bits), place of the pixel in it (25), more bits of
  // the hash (27).
  static constexpr unsigned check_bits = 27;
  static constexpr unsigned slot_shift = 52;
  static constexpr std::uint64_t check_mask = (std::uint64_t{1} << check_bits) - 1;
  static constexpr unsigned patience = 5;
  static_assert(GlzDictionary::max_images == 1u << (64 - slot_shift));
  static_assert(long_offset == std::size_t{1} << (slot_shift - check_bits));

  struct Match {
    std::size_t length = 0;
    std::size_t back = 0;    ///< how many pixels before the one looked at it begins
    std::size_t offset = 0;  ///< as it is coded: less one, or from the start of another image
    std::size_t image_distance = 0;
  };

  static std::uint64_t pair(const Pixel* p) {
    if constexpr (sizeof(Pixel) == 4) {
      constexpr std::uint64_t both = std::uint64_t{Units::mask} << 32 | Units::mask;
      return load_le64(reinterpret_cast<const std::uint8_t*>(p)) & both;
    } else {
      constexpr std::uint32_t both = std::uint32_t{Units::mask} << 16 | Units::mask;
      return load_le32(reinterpret_cast<const std::uint8_t*>(p)) & both;
    }
  }
  static std::uint64_t hash(const Pixel* p) {
    const std::uint64_t third = static_cast<Pixel>(p[2] & Units::mask);
    return (pair(p) + Units::salt) * 0x9e3779b97f4a7c15ull + third * 0xd6e8feb86659fd93ull;
  }
  std::atomic<std::uint64_t>& entry(std::uint64_t hash) {
    return window_.seen[hash >> (64 - window_.hash_bits)];
  }
  std::uint64_t check(std::uint64_t hash) const {
    return hash >> (64 - window_.hash_bits - check_bits) & check_mask;
  }
  void remember(std::size_t x) {
    const std::uint64_t h = hash(pixels_ + x);
    entry(h).store(here_ | x << check_bits | check(h), std::memory_order_relaxed);
  }
  /// After a match: its last two pixels, each with what follows.
  void remember_end(std::size_t x) {
    if (x >= count_) return;
    remember(x - 2);
    if (x + 1 < count_) remember(x - 1);
  }

  /// Number of like pixels from `a` and `b` on, at most `limit`.
  static std::size_t equal_pixels(const Pixel* a, const Pixel* b, std::size_t limit) {
    constexpr std::size_t lanes = 8 / sizeof(Pixel);
    constexpr std::uint64_t all = sizeof(Pixel) == 4
                                      ? std::uint64_t{Units::mask} << 32 | Units::mask
                                      : std::uint64_t{Units::mask} * 0x0001000100010001ull;
    std::size_t n = 0;
    for (; n + lanes <= limit; n += lanes) {
      const std::uint64_t changed = (load_le64(reinterpret_cast<const std::uint8_t*>(a + n)) ^
                                     load_le64(reinterpret_cast<const std::uint8_t*>(b + n))) &
                                    all;
      if (changed != 0) {
        return n + static_cast<std::size_t>(std::countr_zero(changed)) / (8 * sizeof(Pixel));
      }
      if (n >= 4 * lanes) {
        n += equal_blocks(a + n + lanes, b + n + lanes, limit - n - lanes);
      }
    }
    while (n < limit && same(a[n], b[n])) ++n;
    return n;
  }
  /// The same in large steps, for matches that have proved to be long: a lower bound.
  static std::size_t equal_blocks(const Pixel* a, const Pixel* b, std::size_t limit) {
    std::size_t n = 0;
#if defined(__SSE2__)
    constexpr std::size_t lanes = 16 / sizeof(Pixel);
    const __m128i all = sizeof(Pixel) == 4 ? _mm_set1_epi32(static_cast<int>(Units::mask))
                                           : _mm_set1_epi16(static_cast<short>(Units::mask));
    const auto change = [&](std::size_t at) {
      const auto* left = reinterpret_cast<const __m128i*>(a + at);
      const auto* right = reinterpret_cast<const __m128i*>(b + at);
      return _mm_xor_si128(_mm_loadu_si128(left), _mm_loadu_si128(right));
    };
    for (; n + 4 * lanes <= limit; n += 4 * lanes) {
      const __m128i first = _mm_or_si128(change(n), change(n + lanes));
      const __m128i second = _mm_or_si128(change(n + 2 * lanes), change(n + 3 * lanes));
      const __m128i any = _mm_and_si128(_mm_or_si128(first, second), all);
      if (_mm_movemask_epi8(_mm_cmpeq_epi8(any, _mm_setzero_si128())) != 0xffff) break;
    }
#endif
    return n;
  }
  static bool same(Pixel a, Pixel b) { return ((a ^ b) & Units::mask) == 0; }

  /// A match at x worth taking.
  bool find(std::size_t x, Match& match) {
    const Pixel* p = pixels_ + x;
    if (x > 0 && pair(p) == pair(p - 1)) {
      match.length = 2 + equal_pixels(p + 2, p + 1, count_ - x - 2);
      if (match.length > Units::bias) return true;
    }
    const std::uint64_t h = hash(p);
    std::atomic<std::uint64_t>& place = entry(h);
    const std::uint64_t found = place.load(std::memory_order_relaxed);
    const std::uint64_t mine = here_ | x << check_bits | check(h);
    place.store(mine, std::memory_order_relaxed);
    if (((found ^ mine) & check_mask) != 0) return false;
    return candidate(x, found, match);
  }

  bool candidate(std::size_t x, std::uint64_t found, Match& match) {
    match.image_distance =
        ((here_ >> slot_shift) - (found >> slot_shift)) % GlzDictionary::max_images;
    const std::size_t at = found >> check_bits & (long_offset - 1);
    const Pixel* p = pixels_ + x;
    std::size_t limit = count_ - x;
    const Pixel* ref = pixels_ + at;
    if (match.image_distance == 0) {
      if (at >= x) return false;  // left there by an image that is gone
    } else {
      if (match.image_distance > window_.ticket.id - window_.ticket.head) return false;
      const auto& other = window_.images[found >> slot_shift];
      if (other.type != window_.type || at >= other.count) return false;
      ref = static_cast<const Pixel*>(other.pixels) + at;
      limit = std::min(limit, other.count - at);
    }
    match.length = equal_pixels(p, ref, limit);
    const std::size_t most = std::min(x - literals_from_, at);
    while (match.back < most && same(p[-1 - static_cast<std::ptrdiff_t>(match.back)],
                                     ref[-1 - static_cast<std::ptrdiff_t>(match.back)])) {
      ++match.back;
    }
    match.length += match.back;
    match.offset = match.image_distance == 0 ? x - at - 1 : at - match.back;
    return match.length * Units::literal_bytes > coded_bytes(match) && match.length > Units::bias;
  }

  static std::size_t coded_bytes(const Match& match) {
    const bool far = match.offset >= short_offset;
    const unsigned inline_bits = far ? 0 : 6;
    std::size_t bytes = 3 + (match.offset >= medium_offset);
    for (std::size_t d = match.image_distance >> inline_bits; d != 0; d >>= 8) ++bytes;
    return bytes;
  }

  void put_literals(std::size_t to) {
    const Pixel* p = pixels_ + literals_from_;
    std::size_t left = to - literals_from_;
    while (left > 0) {
      const std::size_t run = std::min<std::size_t>(left, lz::literal_run);
      *out_++ = static_cast<std::uint8_t>(run - 1);
      for (std::size_t i = 0; i < run; ++i) out_ = Units::put(out_, p[i]);
      p += run;
      left -= run;
    }
  }

  void put_match(const Match& match) {
    const bool far = match.offset >= short_offset;
    std::size_t length = match.length - Units::bias;
    const std::size_t low = match.offset & 15;
    const std::size_t code = std::min(length, longest_match_code);
    *out_++ = static_cast<std::uint8_t>(code << 5 | static_cast<std::size_t>(far) << 4 | low);
    if (code == longest_match_code) {
      for (length -= longest_match_code; length >= 255; length -= 255) *out_++ = 255;
      *out_++ = static_cast<std::uint8_t>(length);
    }
    *out_++ = static_cast<std::uint8_t>(match.offset >> 4);
    const bool very_far = match.offset >= medium_offset;
    std::uint8_t& flags = *out_++;
    std::size_t distance = match.image_distance;
    std::size_t bits = 0;
    if (far) {
      bits = static_cast<std::size_t>(very_far) << 5 | (match.offset >> 12 & 31);
    } else {
      bits = distance & 63;
      distance >>= 6;
    }
    for (; distance != 0; distance >>= 8) {
      *out_++ = static_cast<std::uint8_t>(distance);
      bits += 1u << 6;
    }
    flags = static_cast<std::uint8_t>(bits);
    if (very_far) *out_++ = static_cast<std::uint8_t>(match.offset >> 17);
  }

  const Window& window_;
  const GlzDictionary::Image& image_;
  const Pixel* const pixels_;
  const std::size_t count_;
  std::uint8_t* out_;
  const std::uint64_t here_;
  std::size_t literals_from_ = 0;
};

}  // namespace cassia::codec::glz
