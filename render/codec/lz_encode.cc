// SPDX-License-Identifier: Apache-2.0
// LZ encoding: one pass, a hash table of the last place where three pixels were seen, greedy
// matches.

#include <bit>
#include <vector>

#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "render/codec/lz_format.h"
#include "render/codec/pixels.h"

namespace cassia::codec {
namespace {

using lz::Type;
using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::PixelFormat;

constexpr unsigned hash_bits = 14;

struct ByteUnits {
  using Pixel = std::uint8_t;
  static constexpr std::size_t bias = 3;
  static constexpr std::size_t near_minimum = 3;  ///< shortest match that saves bytes
  static constexpr std::size_t far_minimum = 5;
  static constexpr std::size_t literal_bytes = 1;
  static std::uint8_t* put(std::uint8_t* out, Pixel pixel) {
    *out = pixel;
    return out + 1;
  }
};

struct Rgb16Units {
  using Pixel = std::uint16_t;
  static constexpr std::size_t bias = 2;
  static constexpr std::size_t near_minimum = 2;
  static constexpr std::size_t far_minimum = 3;
  static constexpr std::size_t literal_bytes = 2;
  static std::uint8_t* put(std::uint8_t* out, Pixel pixel) {
    out[0] = static_cast<std::uint8_t>(pixel >> 8);
    out[1] = static_cast<std::uint8_t>(pixel);
    return out + 2;
  }
};

struct Rgb32Units {
  using Pixel = std::uint32_t;
  static constexpr std::size_t bias = 1;
  static constexpr std::size_t near_minimum = 1;
  static constexpr std::size_t far_minimum = 2;
  static constexpr std::size_t literal_bytes = 3;
  static std::uint8_t* put(std::uint8_t* out, Pixel pixel) {
    std::memcpy(out, &pixel, 4);  // the fourth byte is overwritten by what follows
    return out + 3;
  }
};

/// Number of equal pixels from `a` and `b` on, at most `limit`.
template <class Pixel>
std::size_t equal_pixels(const Pixel* a, const Pixel* b, std::size_t limit) {
  constexpr std::size_t lanes = 8 / sizeof(Pixel);
  std::size_t n = 0;
  for (; n + lanes <= limit; n += lanes) {
    const std::uint64_t changed = load_le64(reinterpret_cast<const std::uint8_t*>(a + n)) ^
                                  load_le64(reinterpret_cast<const std::uint8_t*>(b + n));
    if (changed != 0) {
      return n + static_cast<std::size_t>(std::countr_zero(changed)) / (8 * sizeof(Pixel));
    }
  }
  while (n < limit && a[n] == b[n]) ++n;
  return n;
}

template <class Units>
class Encoder {
 public:
  using Pixel = typename Units::Pixel;

  /// `out` has room for worst_case() bytes.
  Encoder(const Pixel* pixels, std::size_t count, std::uint8_t* out)
      : pixels_(pixels), count_(count), out_(out), last_seen_(std::size_t{1} << hash_bits) {}

  static std::size_t worst_case(std::size_t count) {
    return count * Units::literal_bytes + count / lz::literal_run + 16;
  }

  std::uint8_t* run() {
    std::size_t x = 0;
    // The last pixels are literals: a hash covers three of them.
    while (x + 3 < count_) {
      std::size_t distance = 0;
      const std::size_t length = find(x, distance);
      if (length == 0) {
        ++x;
        continue;
      }
      put_literals(x);
      put_match(length, distance - 1);
      x += length;
      literals_from_ = x;
      if (x + 2 < count_) remember(x - 1);
    }
    put_literals(count_);
    return out_;
  }

 private:
  static std::size_t hash(const Pixel* p) {
    const std::uint64_t mix = (std::uint64_t{p[0]} * 0x9e3779b1u) ^ (std::uint64_t{p[1]} << 21) ^
                              (std::uint64_t{p[2]} * 0x85ebca6bu << 11);
    return static_cast<std::size_t>(mix * 0x9e3779b97f4a7c15ull >> (64 - hash_bits));
  }
  void remember(std::size_t x) { last_seen_[hash(pixels_ + x)] = static_cast<std::uint32_t>(x); }

  /// Length of a match at x worth taking and how far back it lies, or 0.
  std::size_t find(std::size_t x, std::size_t& distance) {
    const Pixel* p = pixels_ + x;
    const std::size_t left = count_ - x;
    if (x > 0 && p[0] == p[-1] && p[1] == p[0] && p[2] == p[0]) {
      distance = 1;
      return equal_pixels(p, p - 1, left);
    }
    std::uint32_t& slot = last_seen_[hash(p)];
    const std::size_t candidate = slot;
    slot = static_cast<std::uint32_t>(x);
    if (candidate >= x || x - candidate >= lz::far_limit) return 0;
    distance = x - candidate;
    const std::size_t length = equal_pixels(p, pixels_ + candidate, left);
    const bool near = distance - 1 < lz::near_limit;
    return length >= (near ? Units::near_minimum : Units::far_minimum) ? length : 0;
  }

  void put_literals(std::size_t to) {
    std::size_t x = literals_from_;
    while (x < to) {
      const std::size_t run = std::min<std::size_t>(to - x, lz::literal_run);
      *out_++ = static_cast<std::uint8_t>(run - 1);
      for (std::size_t i = 0; i < run; ++i) out_ = Units::put(out_, pixels_[x + i]);
      x += run;
    }
  }

  /// `back` is the distance less one.
  void put_match(std::size_t length, std::size_t back) {
    std::size_t coded = length - (Units::bias - 1);
    const bool far = back >= lz::near_limit;
    const std::size_t high = far ? 31 : back >> 8;
    if (coded < 7) {
      *out_++ = static_cast<std::uint8_t>(coded << 5 | high);
    } else {
      *out_++ = static_cast<std::uint8_t>(7 << 5 | high);
      for (coded -= 7; coded >= 255; coded -= 255) *out_++ = 255;
      *out_++ = static_cast<std::uint8_t>(coded);
    }
    *out_++ = far ? 255 : static_cast<std::uint8_t>(back);
    if (!far) return;
    *out_++ = static_cast<std::uint8_t>((back - lz::near_limit) >> 8);
    *out_++ = static_cast<std::uint8_t>(back - lz::near_limit);
  }

  const Pixel* pixels_;
  std::size_t count_;
  std::uint8_t* out_;
  std::vector<std::uint32_t> last_seen_;
  std::size_t literals_from_ = 0;
};

void put_be32(std::uint8_t* out, std::size_t value) {
  const std::uint32_t swapped = __builtin_bswap32(static_cast<std::uint32_t>(value));
  std::memcpy(out, &swapped, 4);
}

std::uint8_t* put_header(std::uint8_t* out, Type type, raster::Size size, std::size_t row) {
  const std::size_t words[] = {lz::magic,
                               lz::version,
                               static_cast<std::size_t>(type),
                               static_cast<std::size_t>(size.width),
                               static_cast<std::size_t>(size.height),
                               row,
                               1};
  for (std::size_t word : words) {
    put_be32(out, word);
    out += 4;
  }
  return out;
}

/// The pixels of all rows without gaps, each through `convert`.
template <class Pixel, class Stored, class Convert>
std::unique_ptr<Pixel[]> gather(const Bitmap& bitmap, Convert convert) {
  const auto width = static_cast<std::size_t>(bitmap.width());
  auto pixels =
      std::make_unique_for_overwrite<Pixel[]>(width * static_cast<std::size_t>(bitmap.height()));
  Pixel* to = pixels.get();
  for (std::int32_t y = 0; y < bitmap.height(); ++y, to += width) {
    const auto* from = reinterpret_cast<const Stored*>(bitmap.row(y));
    for (std::size_t x = 0; x < width; ++x) to[x] = convert(from[x]);
  }
  return pixels;
}

std::size_t pixel_count(const Bitmap& bitmap) {
  return static_cast<std::size_t>(bitmap.width()) * static_cast<std::size_t>(bitmap.height());
}

template <class Units>
void append(Bytes& data, const typename Units::Pixel* pixels, std::size_t count) {
  const std::size_t start = data.size();
  data.resize(start + Encoder<Units>::worst_case(count));
  const std::uint8_t* end = Encoder<Units>(pixels, count, data.data() + start).run();
  data.resize(static_cast<std::size_t>(end - data.data()));
}

Bytes start(Type type, raster::Size size, std::size_t bytes_per_pixel) {
  Bytes data(lz::header_bytes);
  put_header(data.data(), type, size, static_cast<std::size_t>(size.width) * bytes_per_pixel);
  return data;
}

void append_alpha(Bytes& data, const Bitmap& bitmap) {
  const auto alpha = gather<std::uint8_t, std::uint32_t>(
      bitmap, [](std::uint32_t pixel) { return static_cast<std::uint8_t>(pixel >> 24); });
  append<ByteUnits>(data, alpha.get(), pixel_count(bitmap));
}

Bytes encode_colors(const Bitmap& bitmap) {
  const bool alpha = bitmap.format() == PixelFormat::argb32;
  Bytes data = start(alpha ? Type::rgba : Type::rgb32, bitmap.size(), 4);
  const auto pixels = gather<std::uint32_t, std::uint32_t>(
      bitmap, [](std::uint32_t pixel) { return pixel & 0x00ffffffu; });
  append<Rgb32Units>(data, pixels.get(), pixel_count(bitmap));
  if (alpha) append_alpha(data, bitmap);
  return data;
}

}  // namespace

Bytes encode_lz_alpha(const Bitmap& bitmap) {
  Bytes data = start(Type::xxxa, bitmap.size(), 4);
  append_alpha(data, bitmap);
  return data;
}

Result<EncodedImage> encode_lz(const Bitmap& bitmap) {
  CASSIA_TRY(check_size(bitmap.size(), 1));
  EncodedImage image;
  image.codec = ImageCodec::lz_rgb;
  image.size = bitmap.size();
  switch (bitmap.format()) {
    case PixelFormat::xrgb32:
    case PixelFormat::argb32:
      image.data = encode_colors(bitmap);
      return image;
    case PixelFormat::rgb565:
      image.data = encode_colors(CASSIA_TRY(widen565(bitmap)));
      return image;
    case PixelFormat::rgb555: {
      Bytes data = start(Type::rgb16, bitmap.size(), 2);
      const auto pixels = gather<std::uint16_t, std::uint16_t>(
          bitmap, [](std::uint16_t pixel) { return static_cast<std::uint16_t>(pixel & 0x7fff); });
      append<Rgb16Units>(data, pixels.get(), pixel_count(bitmap));
      image.data = std::move(data);
      return image;
    }
    case PixelFormat::a8: {
      Bytes data = start(Type::a8, bitmap.size(), 1);
      const auto pixels =
          gather<std::uint8_t, std::uint8_t>(bitmap, [](std::uint8_t pixel) { return pixel; });
      append<ByteUnits>(data, pixels.get(), pixel_count(bitmap));
      image.data = std::move(data);
      return image;
    }
    case PixelFormat::a1:
      break;
  }
  return fail(ErrorKind::unsupported, "LZ has no form for 1-bit masks");
}

}  // namespace cassia::codec
