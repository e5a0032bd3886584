// SPDX-License-Identifier: Apache-2.0
// GLZ streams that no encoder writes but the format allows: every form of a match with every
// offset, at every SIMD level, against a model that copies one pixel after the other.

#include <gtest/gtest.h>

#include <random>

#include "render/codec/codecs.h"
#include "render/codec/lz_format.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::PixelFormat;
using raster::Size;

/// More pixels than an offset of 17 bits reaches.
constexpr Size size{512, 300};
constexpr std::size_t count = std::size_t{512} * 300;

std::uint32_t wide555(std::uint32_t c) {
  const auto scale = [](std::uint32_t five) { return five << 3 | five >> 2; };
  return 0xff000000u | scale(c >> 10 & 31) << 16 | scale(c >> 5 & 31) << 8 | scale(c & 31);
}

/// A stream and the pixels that it stands for.
class Stream {
 public:
  Stream(lz::Type type, std::uint64_t id, std::mt19937& random)
      : bias_(type == lz::Type::rgb16 ? 1 : 0), type_(type), random_(random) {
    put_be(lz::magic, 4);
    put_be(lz::version, 4);
    bytes_.push_back(static_cast<std::uint8_t>(static_cast<unsigned>(type) | 16));
    put_be(512, 4);
    put_be(300, 4);
    put_be(512 * 4, 4);
    put_be(id, 8);
    put_be(id, 4);  // every image so far is in the window
  }

  void literals(std::size_t n) {
    bytes_.push_back(static_cast<std::uint8_t>(n - 1));
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint32_t c = random_();
      if (type_ == lz::Type::rgb16) {
        put_be(c & 0x7fff, 2);
        pixels_.push_back(wide555(c & 0x7fff));
      } else {
        for (unsigned shift = 0; shift < 24; shift += 8) {
          bytes_.push_back(static_cast<std::uint8_t>(c >> shift));
        }
        pixels_.push_back(c | 0xff000000u);
      }
    }
  }

  /// `more`: bytes of the image distance beyond what it needs, as far as there may be some.
  void match(std::size_t length, std::size_t distance, bool far, std::size_t more) {
    put_match(length, distance - 1, 0, far, more);
    for (std::size_t i = 0; i < length; ++i) pixels_.push_back(pixels_[pixels_.size() - distance]);
  }
  void match_in(const Stream& other, std::size_t images_back, std::size_t length,
                std::size_t offset, bool far, std::size_t more) {
    put_match(length, offset, images_back, far, more);
    for (std::size_t i = 0; i < length; ++i) pixels_.push_back(other.pixels_[offset + i]);
  }

  std::size_t left() const { return count - pixels_.size(); }
  const std::vector<std::uint32_t>& pixels() const { return pixels_; }
  ByteView bytes() const { return bytes_; }

 private:
  void put_be(std::uint64_t value, std::size_t bytes) {
    while (bytes-- > 0) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * bytes)));
  }

  void put_match(std::size_t length, std::size_t offset, std::size_t distance, bool far,
                 std::size_t more) {
    far |= offset >= 4096;
    const std::size_t coded = length - bias_;
    bytes_.push_back(static_cast<std::uint8_t>(std::min<std::size_t>(coded, 7) << 5 |
                                               static_cast<std::size_t>(far) << 4 | (offset & 15)));
    if (coded >= 7) {
      std::size_t rest = coded - 7;
      for (; rest >= 255; rest -= 255) bytes_.push_back(255);
      bytes_.push_back(static_cast<std::uint8_t>(rest));
    }
    bytes_.push_back(static_cast<std::uint8_t>(offset >> 4));
    const bool very_far = far && (offset >= 1u << 17 || random_() % 4 == 0);
    std::size_t high = distance;
    std::size_t code = 0;
    if (far) {
      code = (offset >> 12 & 31) | static_cast<std::size_t>(very_far) << 5;
    } else {
      code = distance & 63;
      high = distance >> 6;
    }
    const std::size_t distance_bytes = std::min<std::size_t>(3, (high != 0 ? 1 : 0) + more);
    bytes_.push_back(static_cast<std::uint8_t>(code | distance_bytes << 6));
    for (std::size_t i = 0; i < distance_bytes; ++i, high >>= 8) {
      bytes_.push_back(static_cast<std::uint8_t>(high));
    }
    if (very_far) bytes_.push_back(static_cast<std::uint8_t>(offset >> 17));
  }

  const std::size_t bias_;
  const lz::Type type_;
  std::mt19937& random_;
  Bytes bytes_;
  std::vector<std::uint32_t> pixels_;
};

/// Many small operations, few large ones, offsets of every magnitude.
void fill(Stream& stream, const std::vector<Stream>& earlier, std::mt19937& random) {
  const auto up_to = [&](std::size_t most) { return 1 + random() % most; };
  const auto magnitude = [&](std::size_t most) {
    return 1 + random() % std::min<std::size_t>(most, std::size_t{1} << random() % 20);
  };
  stream.literals(5);
  while (stream.left() > 0) {
    const std::size_t longest = random() % 64 == 0 ? 2000 : random() % 4 == 0 ? 40 : 8;
    const bool far = random() % 2 == 0;
    const std::size_t more = random() % 8 == 0 ? random() % 4 : 0;
    const std::size_t length = std::min(stream.left(), std::max<std::size_t>(2, up_to(longest)));
    if (random() % 3 == 0 || length < 2) {
      stream.literals(std::min<std::size_t>(stream.left(), up_to(32)));
    } else if (!earlier.empty() && random() % 4 == 0) {
      const std::size_t back = up_to(earlier.size());
      stream.match_in(earlier[earlier.size() - back], back, length,
                      std::min(count - length, magnitude(count) - 1), far, more);
    } else {
      stream.match(length, magnitude(stream.pixels().size()), far, more);
    }
  }
}

bool same(const Bitmap& bitmap, const std::vector<std::uint32_t>& pixels) {
  return std::equal(pixels.begin(), pixels.end(), bitmap.row32(0),
                    [](auto a, auto b) { return ((a ^ b) & 0xffffff) == 0; });
}

TEST(GlzStream, EveryFormOfAMatchGivesTheSamePixelsAtEveryLevel) {
  std::mt19937 random(20);
  for (const lz::Type type : {lz::Type::rgb32, lz::Type::rgb16}) {
    std::vector<Stream> streams;
    for (std::uint64_t id = 0; id < 8; ++id) {
      Stream stream(type, id, random);
      fill(stream, streams, random);
      streams.push_back(std::move(stream));
    }
    for (const SimdLevel level : usable_simd()) {
      GlzWindow window(8 * count);
      DecodeContext context{.glz_window = &window};
      for (const Stream& stream : streams) {
        const auto decoded = decode_glz(stream.bytes(), size, context, level);
        ASSERT_TRUE(decoded) << name_of(level) << ": " << decoded.error().message();
        EXPECT_TRUE(same(*decoded, stream.pixels())) << name_of(level);
      }
    }
  }
}

TEST(GlzStream, EveryLevelRefusesWhatIsCutOrReachesTooFar) {
  std::mt19937 random(21);
  Stream stream(lz::Type::rgb32, 0, random);
  fill(stream, {}, random);
  Stream before_the_first(lz::Type::rgb32, 0, random);
  before_the_first.literals(32);
  before_the_first.match(4, 8, true, 0);
  Bytes beyond(before_the_first.bytes().begin(), before_the_first.bytes().end());
  beyond[beyond.size() - 2] = 0xff;  // the offset's middle bits
  beyond.insert(beyond.end(), count, 0);
  for (const SimdLevel level : usable_simd()) {
    GlzWindow window(8 * count);
    DecodeContext context{.glz_window = &window};
    EXPECT_FALSE(decode_glz(beyond, size, context, level)) << name_of(level);
    for (int cut = 0; cut < 50; ++cut) {
      const std::size_t kept = random() % stream.bytes().size();
      EXPECT_FALSE(decode_glz(stream.bytes().first(kept), size, context, level))
          << name_of(level) << ", " << kept << " bytes";
    }
    EXPECT_EQ(window.image_count(), 0u);
  }
}

}  // namespace
}  // namespace cassia::codec
