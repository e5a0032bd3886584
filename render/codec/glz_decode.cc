// SPDX-License-Identifier: Apache-2.0
// GLZ: LZ whose matches may also lie in earlier images of the session, and ZLIB_GLZ: that,
// deflated.

#include <libdeflate.h>

#include <optional>

#include "render/codec/codecs.h"
#include "render/codec/glz_format.h"
#include "render/codec/glz_read_match.h"
#include "render/codec/lz_copy.h"
#include "render/codec/lz_format.h"

namespace cassia::codec {
namespace {

using glz::Match;
using glz::read_far_match;
using glz::read_match;
using glz::read_near_match;
using lz::Input;
using lz::Type;
using raster::Bitmap;
using raster::PixelFormat;

struct Header {
  Type type = Type::invalid;
  bool top_down = true;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint64_t id = 0;
  std::uint32_t window_distance = 0;  ///< id minus that of the oldest image in the sender's window
};

Result<Header> read_header(Input& in, raster::Size expected) {
  if (in.left() < glz::header_bytes) {
    return fail(ErrorKind::malformed, "GLZ image of {} bytes has no header", in.left());
  }
  if (load_be32(in.p) != lz::magic || load_be32(in.p + 4) != lz::version) {
    return fail(ErrorKind::malformed, "GLZ image with magic {:08x}, version {:08x}",
                load_be32(in.p), load_be32(in.p + 4));
  }
  Header header{static_cast<Type>(in.p[8] & 15),
                (in.p[8] >> 4) != 0,
                load_be32(in.p + 9),
                load_be32(in.p + 13),
                load_be64(in.p + 21),
                load_be32(in.p + 29)};
  in.p += glz::header_bytes;
  CASSIA_TRY(check_same_size(header.width, header.height, expected, "GLZ"));
  if (header.type < Type::rgb16 || header.type > Type::rgba) {
    return fail(ErrorKind::unsupported,
                "GLZ image of type {}: only RGB images have a meaning there",
                static_cast<std::uint32_t>(header.type));
  }
  if (header.window_distance > header.id) {
    return fail(ErrorKind::malformed, "GLZ image {} refers {} images back", header.id,
                header.window_distance);
  }
  if (std::size_t{header.width} * header.height / 256 > in.left()) {
    return fail(ErrorKind::malformed, "GLZ image of {}x{} pixels in {} bytes", header.width,
                header.height, in.left());
  }
  return header;
}

/// Other images that the one being decoded refers to. Matches come in clusters, so the last one is
/// kept.
class References {
 public:
  References(const Header& header, DecodeContext& context) : header_(header), context_(context) {}

  /// Null, with error() set, if it may not be referred to or is not there.
  const GlzImage* get(std::uint32_t distance) {
    return distance == last_distance_ ? last_.get() : find(distance);
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  [[gnu::noinline]] const GlzImage* find(std::uint32_t distance) {
    if (distance > header_.window_distance) {
      error_ = Error(ErrorKind::malformed,
                     fmt::format("GLZ image {} refers {} images back, its window is {}", header_.id,
                                 distance, header_.window_distance));
      return nullptr;
    }
    const std::uint64_t id = header_.id - distance;
    GlzWindow& window = *context_.glz_window;
    GlzImagePtr image = context_.wait_for_glz ? window.wait(id) : window.find(id);
    if (!image) {
      context_.missing_glz_image = id;
      error_ =
          Error(context_.wait_for_glz ? ErrorKind::malformed : ErrorKind::busy,
                fmt::format("GLZ image {} refers to image {}, which is not there", header_.id, id));
      return nullptr;
    }
    last_ = std::move(image);
    last_distance_ = distance;
    return last_.get();
  }

  const Header& header_;
  DecodeContext& context_;
  GlzImagePtr last_;
  std::uint32_t last_distance_ = 0;  // no match asks for 0
  std::optional<Error> error_;
};

/// What came of a piece of the stream, if it was not decoded.
tl::unexpected<Error> broken_stream(const Header& header, const References& references) {
  if (references.error()) return tl::unexpected(*references.error());
  return fail(ErrorKind::malformed, "GLZ image {}: the compressed data is cut or inconsistent",
              header.id);
}

/// Pixels of `image` that a match may read: all of it must lie inside.
bool inside(const GlzImage& image, const Match& match) {
  return match.offset <= image.pixel_count && match.length <= image.pixel_count - match.offset;
}

/// Copies a match to out[at]; false if it is not there or does not fit into `size` pixels.
template <class K>
[[gnu::always_inline]] inline bool expand_match(Match& match, References& references,
                                                std::uint32_t* const out, std::size_t at,
                                                std::size_t size) {
  if (match.length > size - at) return false;
  if (match.image_distance != 0) {
    const GlzImage* image = references.get(match.image_distance);
    if (image == nullptr || !inside(*image, match)) return false;
    K::copy(out + at, image->pixels + match.offset, match.length);
    return true;
  }
  if (match.offset >= at) return false;
  if (match.length <= lz::near_pixels) {
    K::near(out + at, match.offset + 1);
  } else {
    K::match(out + at, match.offset + 1, match.length);
  }
  return true;
}

/// The middle of a stream, where neither the input nor the target is about to end, so that
/// operations are done by whole vectors. Leaves `in` and `op` behind the last operation done; false
/// if one is inconsistent or what it refers to is not there.
template <class Units, class K>
[[gnu::always_inline]] inline bool expand_middle(Input& in, References& references,
                                                 std::uint32_t* const out, std::uint32_t*& op,
                                                 std::uint32_t* const limit) {
  const auto size = static_cast<std::size_t>(limit - out);
  if (in.left() < lz::read_room || size < lz::write_room) return true;
  const std::uint8_t* const last = in.end - lz::read_room;
  const std::size_t last_at = size - lz::write_room;
  Input from = in;
  auto at = static_cast<std::size_t>(op - out);
  while (from.p <= last && at <= last_at) {
    const std::uint32_t head = load_le32(from.p++);
    const unsigned control = head & 255;
    if (control < lz::literal_run) {
      const std::size_t count = control + 1;
      Units::template wide_literals<K>(out + at, from.p, count);
      from.p += count * Units::literal_bytes;
      at += count;
      continue;
    }
    Match match;
    if ((control & 16) != 0) {
      if (!read_far_match(from, head, size, match)) return false;
      match.length += Units::glz_bias;
      if (match.image_distance == 0 && match.length <= lz::far_pixels && match.offset < at &&
          match.offset >= lz::far_pixels) {
        K::far(out + at, out + (at - match.offset - 1));
        at += match.length;
        continue;
      }
    } else {
      if (!read_near_match(from, head, size, match)) return false;
      match.length += Units::glz_bias;
    }
    if (!expand_match<K>(match, references, out, at, size)) return false;
    at += match.length;
  }
  in = from;
  op = out + at;
  return true;
}

template <class Units>
bool middle_portable(Input& in, References& references, std::uint32_t* out, std::uint32_t*& op,
                     std::uint32_t* limit) {
  return expand_middle<Units, lz::Kernels<SimdLevel::portable>>(in, references, out, op, limit);
}
#if defined(CASSIA_HAVE_X86_SIMD)
template <class Units>
CASSIA_TARGET_SSE41 bool middle_sse41(Input& in, References& references, std::uint32_t* out,
                                      std::uint32_t*& op, std::uint32_t* limit) {
  return expand_middle<Units, lz::Kernels<SimdLevel::sse41>>(in, references, out, op, limit);
}
template <class Units>
CASSIA_TARGET_AVX2 bool middle_avx2(Input& in, References& references, std::uint32_t* out,
                                    std::uint32_t*& op, std::uint32_t* limit) {
  return expand_middle<Units, lz::Kernels<SimdLevel::avx2>>(in, references, out, op, limit);
}
#endif

template <class Units>
bool expand_middle_at(SimdLevel level, Input& in, References& references, std::uint32_t* out,
                      std::uint32_t*& op, std::uint32_t* limit) {
#if defined(CASSIA_HAVE_X86_SIMD)
  if (level == SimdLevel::avx2) return middle_avx2<Units>(in, references, out, op, limit);
  if (level == SimdLevel::sse41) return middle_sse41<Units>(in, references, out, op, limit);
#endif
  (void)level;
  return middle_portable<Units>(in, references, out, op, limit);
}

template <class Units>
Result<void> expand_colors(SimdLevel level, Input& in, const Header& header, References& references,
                           std::uint32_t* const out, std::size_t count) {
  std::uint32_t* op = out;
  std::uint32_t* const limit = out + count;
  if (!expand_middle_at<Units>(level, in, references, out, op, limit)) {
    return broken_stream(header, references);
  }
  while (op < limit) {
    if (in.p == in.end) return broken_stream(header, references);
    const unsigned control = *in.p++;
    if (control < lz::literal_run) {
      if (!lz::copy_literals<Units>(in, control, op, limit)) {
        return broken_stream(header, references);
      }
      continue;
    }
    Match match;
    if (!read_match(in, control, count, match)) return broken_stream(header, references);
    match.length += Units::glz_bias;
    if (match.length > static_cast<std::size_t>(limit - op)) {
      return broken_stream(header, references);
    }
    if (match.image_distance == 0) {
      match.offset += 1;
      if (match.offset > static_cast<std::size_t>(op - out)) {
        return broken_stream(header, references);
      }
      lz::copy_match(op, match.offset, match.length);
    } else {
      const GlzImage* image = references.get(match.image_distance);
      if (image == nullptr || !inside(*image, match)) return broken_stream(header, references);
      lz::copy_wide(op, image->pixels + match.offset, match.length);
    }
    op += match.length;
  }
  return {};
}

/// The alpha pass over pixels whose colours are there already.
Result<void> expand_alpha(Input& in, const Header& header, References& references,
                          std::uint32_t* const out, std::size_t count) {
  std::uint32_t* op = out;
  std::uint32_t* const limit = out + count;
  const auto set_alpha = [](std::uint32_t& pixel, std::uint32_t source) {
    pixel = (pixel & ~opaque) | (source & opaque);
  };
  while (op < limit) {
    if (in.p == in.end) return broken_stream(header, references);
    const unsigned control = *in.p++;
    const auto room = static_cast<std::size_t>(limit - op);
    if (control < lz::literal_run) {
      if (control + 1 > room || in.left() < control + 1) return broken_stream(header, references);
      for (unsigned i = 0; i <= control; ++i) set_alpha(*op++, std::uint32_t{*in.p++} << 24);
      continue;
    }
    Match match;
    if (!read_match(in, control, count, match)) return broken_stream(header, references);
    match.length += lz::ByteUnits::glz_bias;
    if (match.length > room) return broken_stream(header, references);
    const std::uint32_t* from = nullptr;
    if (match.image_distance == 0) {
      match.offset += 1;
      if (match.offset > static_cast<std::size_t>(op - out))
        return broken_stream(header, references);
      from = op - match.offset;
    } else {
      const GlzImage* image = references.get(match.image_distance);
      if (image == nullptr || !inside(*image, match)) return broken_stream(header, references);
      from = image->pixels + match.offset;
    }
    for (std::size_t i = 0; i < match.length; ++i) set_alpha(*op++, *from++);
  }
  return {};
}

Result<void> add_to_window(const GlzImage& image, DecodeContext& context) {
  for (;;) {
    auto added = context.glz_window->add(image);
    if (added || added.error().kind() != ErrorKind::busy) return added;
    const std::uint64_t missing = context.glz_window->first_missing();
    // All before this image has come since: waiting would be for the image itself.
    if (missing >= image.id) continue;
    context.missing_glz_image = missing;
    if (!context.wait_for_glz) return added;
    context.glz_window->wait(missing);
  }
}

/// A copy with the rows in display order: the window keeps them as they were coded.
Result<Bitmap> upright(const Bitmap& stored, BufferPool& buffers) {
  Bitmap bitmap = CASSIA_TRY(buffers.bitmap(stored.size(), stored.format()));
  const auto row = static_cast<std::size_t>(stored.width()) * 4;
  for (std::int32_t y = 0; y < stored.height(); ++y) {
    std::memcpy(bitmap.row(y), stored.row(stored.height() - 1 - y), row);
  }
  return bitmap;
}

}  // namespace

Result<Bitmap> decode_glz(ByteView data, raster::Size size, DecodeContext& context,
                          SimdLevel level) {
  if (context.glz_window == nullptr) {
    return fail(ErrorKind::unsupported, "a GLZ image in a session without a GLZ window");
  }
  Input in{data.data(), data.data() + data.size()};
  const Header header = CASSIA_TRY(read_header(in, size));
  context.glz_image = header.id;
  const std::size_t count = std::size_t{header.width} * header.height;
  if (!context.glz_window->admits(count)) {
    return fail(ErrorKind::malformed, "GLZ image of {}x{} pixels is larger than the window",
                header.width, header.height);
  }
  const bool alpha = header.type == Type::rgba;
  Bitmap bitmap = CASSIA_TRY(context.glz_window->buffers().bitmap(
      size, alpha ? PixelFormat::argb32 : PixelFormat::xrgb32));
  References references(header, context);
  std::uint32_t* pixels = bitmap.row32(0);
  if (header.type == Type::rgb16) {
    CASSIA_TRY(expand_colors<lz::Rgb16Units>(level, in, header, references, pixels, count));
  } else {
    CASSIA_TRY(expand_colors<lz::Rgb24Units>(level, in, header, references, pixels, count));
  }
  if (alpha) CASSIA_TRY(expand_alpha(in, header, references, pixels, count));

  const GlzImage entry{header.id, header.id - header.window_distance, count, pixels,
                       std::make_shared<Bitmap>(bitmap)};
  CASSIA_TRY(add_to_window(entry, context));
  if (!header.top_down) return upright(bitmap, context.glz_window->buffers());
  return bitmap;
}

Result<Bitmap> decode_zlib_glz(const raster::EncodedImage& image, DecodeContext& context) {
  // Deflate shrinks by a factor of 1032 at most, and GLZ never grows an image by much.
  const std::size_t packed = image.data.size();
  const std::size_t pixels =
      static_cast<std::size_t>(image.size.width) * static_cast<std::size_t>(image.size.height);
  if (image.inflated_size / 1032 > packed || image.inflated_size > pixels * 5 + 4096) {
    return fail(ErrorKind::malformed, "ZLIB_GLZ image of {}x{} pixels: {} bytes inflate to {}",
                image.size.width, image.size.height, packed, image.inflated_size);
  }
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!inflater) return fail(ErrorKind::no_space, "no memory to inflate a ZLIB_GLZ image");
  Scratch glz(image.inflated_size);
  std::size_t size = 0;
  const auto outcome = libdeflate_zlib_decompress(inflater.get(), image.data.data(), packed,
                                                  glz.data(), image.inflated_size, &size);
  if (outcome != LIBDEFLATE_SUCCESS) {
    return fail(ErrorKind::malformed, "ZLIB_GLZ image: the deflated data is cut or inconsistent");
  }
  return decode_glz(ByteView(glz.data(), size), image.size, context);
}

}  // namespace cassia::codec
