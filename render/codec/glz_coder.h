// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner loop of GLZ encoding: one pass over an image, greedy, with two hash tables of where
// pixels were seen last, in whatever image: eight like ones, which most matches of drawn pictures
// begin with, and three. Taking the longer ones first makes fewer matches, and those are what
// encoding takes its time for. One Coder a SimdLevel; all give the same bytes. Internal to
// render/codec.

#include <algorithm>

#include "render/codec/glz_dictionary.h"
#include "render/codec/glz_format.h"
#include "render/codec/glz_units.h"

namespace cassia::codec::glz {

/// What one encoding sees of the dictionary.
struct Window {
  const GlzDictionary::Image* images;  ///< by number modulo max_images
  GlzDictionary::Entry* seen_many;
  GlzDictionary::Entry* seen_few;
  GlzDictionary::Ticket ticket;
  lz::Type type;

  const GlzDictionary::Image& image(std::uint64_t id) const {
    return images[id % GlzDictionary::max_images];
  }
};

/// As small as what functions return in registers.
struct Match {
  std::size_t length = 0;    ///< 0: none worth taking
  std::uint32_t offset = 0;  ///< as it is coded: less one, or from the start of another image
  std::uint32_t image_distance = 0;
};

/// Writes a match, with `length` as it is coded; returns where it ends.
std::uint8_t* put_any_match(std::uint8_t* out, std::size_t length, Match match);

template <class Units, class K>
class Coder {
 public:
  using Pixel = typename Units::Pixel;

  explicit Coder(const Window& window)
      : window_(window),
        pixels_(static_cast<const Pixel*>(window.image(window.ticket.id).pixels)),
        count_(window.image(window.ticket.id).count),
        start_(static_cast<std::uint32_t>(window.image(window.ticket.id).start)) {}

  /// Writes to `out`, which has room for worst_case() bytes, and returns where that ends.
  [[gnu::always_inline]] inline std::uint8_t* run(std::uint8_t* out) const {
    std::size_t x = 1;
    std::size_t literals_from = 0;
    std::size_t misses = 0;
    while (x < count_) {
      Match match = x + lanes <= count_ ? find(x, misses) : find_at_end(x);
      if (match.length == 0) {
        // Pixels that match nothing come in crowds: look at fewer and fewer of them.
        x += 1 + (misses++ >> patience);
        continue;
      }
      if (x != literals_from) {
        misses = 0;
        x -= begin_earlier(x, x - literals_from, match);
        out = put_literals(out, literals_from, x);
      }
      out = put_match(out, match);
      x += match.length;
      literals_from = x;
      if (match.length < brief) remember_end(x);
    }
    return put_literals(out, literals_from, count_);
  }

 private:
  using Entry = GlzDictionary::Entry;
  static constexpr unsigned check_bits = GlzDictionary::check_bits;
  static constexpr std::uint32_t check_mask = (1u << check_bits) - 1;
  static constexpr unsigned patience = 6;
  static constexpr std::size_t crowd = 16;                 ///< misses
  static constexpr std::size_t brief = 6;                  ///< pixels of a match
  static constexpr std::size_t many = 32 / sizeof(Pixel);  ///< what Units::hash_many() reads
  /// Pixels that are compared at once.
  static constexpr std::size_t lanes = lz::wide_bytes / sizeof(Pixel);

  static bool same(Pixel a, Pixel b) { return ((a ^ b) & Units::mask) == 0; }
  static std::size_t equal(const Pixel* a, const Pixel* b) {
    return K::template equal_wide<Units::masks>(a, b) / sizeof(Pixel);
  }
  /// How many pixels are like, at most `limit`, if the first `n` are.
  [[gnu::always_inline]] static inline std::size_t extend(const Pixel* a, const Pixel* b,
                                                          std::size_t n, std::size_t limit) {
    while (n + lanes <= limit) {
      const std::size_t more = equal(a + n, b + n);
      n += more;
      if (more != lanes) return n;
      while (n + 2 * lanes <= limit && K::template equal_block<Units::masks>(a + n, b + n)) {
        n += 2 * lanes;
      }
    }
    while (n < limit && same(a[n], b[n])) ++n;
    return n;
  }

  static bool worth(std::size_t length, std::size_t distance) {
    return length * Units::literal_bytes > 3u + (distance > medium_offset) && length > Units::bias;
  }

  /// At least `lanes` pixels are left.
  [[gnu::always_inline]] inline Match find(std::size_t x, std::size_t misses) const {
    const Pixel* p = pixels_ + x;
    const std::size_t run = equal(p, p - 1);
    // A long run is taken unseen: no table has to be waited for.
    if (run >= many) {
      remember<GlzDictionary::many_bits>(window_.seen_many, Units::hash_many(p), x);
      return extended(x, 1, run);
    }
    // Where three pixels are new, so are eight.
    if (misses < crowd) {
      const Match match =
          look_up<GlzDictionary::many_bits>(window_.seen_many, Units::hash_many(p), x, run);
      if (match.length != 0) return match;
    }
    const Match match =
        look_up<GlzDictionary::few_bits>(window_.seen_few, Units::hash_few(p), x, run);
    return match.length != 0 ? match : extended(x, 1, run);
  }

  template <unsigned bits>
  [[gnu::always_inline]] inline std::uint32_t entry_of(std::uint64_t hash, std::size_t x) const {
    return (start_ + static_cast<std::uint32_t>(x)) << check_bits |
           (static_cast<std::uint32_t>(hash >> (64 - bits - check_bits)) & check_mask);
  }
  template <unsigned bits>
  [[gnu::always_inline]] inline void remember(Entry* table, std::uint64_t hash,
                                              std::size_t x) const {
    GlzDictionary::atomic_entry(table[hash >> (64 - bits)])
        .store(entry_of<bits>(hash, x), std::memory_order_relaxed);
  }
  /// After a match as photos have it, whose last pixels are as good a beginning as its first.
  [[gnu::always_inline]] inline void remember_end(std::size_t x) const {
    if (x + 4 > count_) return;
    remember<GlzDictionary::few_bits>(window_.seen_few, Units::hash_few(pixels_ + x - 2), x - 2);
    remember<GlzDictionary::few_bits>(window_.seen_few, Units::hash_few(pixels_ + x - 1), x - 1);
  }

  /// The match that a table knows, if it is longer than the run.
  template <unsigned bits>
  [[gnu::always_inline]] inline Match look_up(Entry* table, std::uint64_t hash, std::size_t x,
                                              std::size_t run) const {
    const auto entry = GlzDictionary::atomic_entry(table[hash >> (64 - bits)]);
    const std::uint32_t mine = entry_of<bits>(hash, x);
    const std::uint32_t back = mine - entry.load(std::memory_order_relaxed);
    entry.store(mine, std::memory_order_relaxed);
    if ((back & check_mask) != 0) return {};  // another hash
    const std::size_t distance = back >> check_bits;
    if (distance - 1 < x) {
      const std::size_t length = equal(pixels_ + x, pixels_ + x - distance);
      return length > run ? extended(x, distance, length) : Match{};
    }
    return distance > x ? match_elsewhere(x, distance - x) : Match{};
  }

  [[gnu::always_inline]] inline Match extended(std::size_t x, std::size_t distance,
                                               std::size_t length) const {
    const Pixel* p = pixels_ + x;
    if (length == lanes) length = extend(p, p - distance, length, count_ - x);
    if (!worth(length, distance)) return {};
    return {length, static_cast<std::uint32_t>(distance - 1), 0};
  }
  /// Where few pixels are left.
  [[gnu::noinline]] Match find_at_end(std::size_t x) const {
    const Pixel* p = pixels_ + x;
    const std::size_t length = extend(p, p - 1, 0, count_ - x);
    return {worth(length, 1) ? length : 0, 0, 0};
  }

  /// A match with pixels of an earlier image, `back` ones before this image begins.
  [[gnu::always_inline]] inline Match match_elsewhere(std::size_t x, std::size_t back) const {
    const std::uint64_t id = GlzDictionary::image_at(window_.images, window_.ticket, back);
    const GlzDictionary::Image& other = window_.image(id);
    if (id == window_.ticket.id || other.type != window_.type) return {};
    const std::size_t at = window_.image(window_.ticket.id).start - back - other.start;
    const std::size_t limit = std::min(count_ - x, other.count - at);
    const auto* from = static_cast<const Pixel*>(other.pixels) + at;
    const std::size_t length = extend(pixels_ + x, from, 0, limit);
    if (length * Units::literal_bytes <= 6 || length <= Units::bias) return {};
    return {length, static_cast<std::uint32_t>(at),
            static_cast<std::uint32_t>(window_.ticket.id - id)};
  }

  /// Lets the match begin with pending literals that are like what comes before its source.
  [[gnu::always_inline]] inline std::size_t begin_earlier(std::size_t x, std::size_t pending,
                                                          Match& match) const {
    const bool here = match.image_distance == 0;
    const std::size_t at = here ? x - match.offset - 1 : match.offset;
    const auto* from = here ? pixels_
                            : static_cast<const Pixel*>(
                                  window_.image(window_.ticket.id - match.image_distance).pixels);
    const std::size_t most = std::min(pending, at);
    std::size_t n = 0;
    while (n < most && same(pixels_[x - 1 - n], from[at - 1 - n])) ++n;
    match.length += n;
    if (!here) match.offset -= static_cast<std::uint32_t>(n);
    return n;
  }

  [[gnu::noinline]] std::uint8_t* put_literals(std::uint8_t* out, std::size_t x,
                                               std::size_t to) const {
    while (x < to) {
      const std::size_t n = std::min<std::size_t>(to - x, lz::literal_run);
      *out++ = static_cast<std::uint8_t>(n - 1);
      for (std::size_t i = 0; i < n; ++i)
        Units::put(out + i * Units::literal_bytes, pixels_[x + i]);
      out += n * Units::literal_bytes;
      x += n;
    }
    return out;
  }

  /// Most matches take three to five bytes, written as one word.
  [[gnu::always_inline]] static inline std::uint8_t* put_match(std::uint8_t* out, Match match) {
    const std::size_t length = match.length - Units::bias;
    if (length >= longest_match_code + 255 || match.image_distance != 0) {
      return put_any_match(out, length, {0, match.offset, match.image_distance});
    }
    const std::size_t far = match.offset >= short_offset;
    const std::size_t very_far = match.offset >= medium_offset;
    const std::size_t longer = length >= longest_match_code;
    const std::size_t code = longer != 0 ? longest_match_code : length;
    const std::uint64_t place = match.offset;
    const std::uint64_t offset = (match.offset >> 4 & 255) | (match.offset >> 12 & 31) << 8 |
                                 very_far << 13 | place >> 17 << 16;
    const std::uint64_t rest = longer != 0 ? (length - longest_match_code) | offset << 8 : offset;
    const std::uint64_t all = code << 5 | far << 4 | (match.offset & 15) | rest << 8;
    std::memcpy(out, &all, 8);
    return out + 3 + longer + very_far;
  }

  const Window& window_;
  const Pixel* const pixels_;
  const std::size_t count_;
  const std::uint32_t start_;  ///< of the image, in the pixels of the session
};

/// Slack included: matches and literals are stored in words.
template <class Units>
constexpr std::size_t worst_case(std::size_t count) {
  return count * Units::literal_bytes + count / lz::literal_run + 64;
}

}  // namespace cassia::codec::glz
