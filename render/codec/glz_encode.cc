// SPDX-License-Identifier: Apache-2.0
#include "render/codec/glz_encode.h"

#include <libdeflate.h>

#include "render/codec/encoders.h"
#include "render/codec/glz_coder.h"
#include "render/codec/pixels.h"

namespace cassia::codec {

using lz::Type;
using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::PixelFormat;

namespace {

/// Scratch memory beyond this is given back after each image.
constexpr std::size_t scratch_kept = std::size_t{8} << 20;
/// Deflating fewer bytes saves nothing worth the inflating.
constexpr std::size_t smallest_deflated = 100;
/// What zlib calls 3 is about what libdeflate does with 1 in a third of the time.
constexpr int deflate_level = 1;

std::size_t bytes_per_pixel(Type type) {
  return type == Type::rgb16 ? 2 : type == Type::rgb24 ? 3 : 4;
}

std::uint8_t* put_be32(std::uint8_t* out, std::uint64_t value) {
  const std::uint32_t swapped = __builtin_bswap32(static_cast<std::uint32_t>(value));
  std::memcpy(out, &swapped, 4);
  return out + 4;
}

std::uint8_t* put_header(std::uint8_t* out, Type type, raster::Size size,
                         const GlzDictionary::Ticket& ticket) {
  out = put_be32(out, lz::magic);
  out = put_be32(out, lz::version);
  *out++ = static_cast<std::uint8_t>(static_cast<unsigned>(type) | 1u << glz::top_down_shift);
  out = put_be32(out, static_cast<std::uint64_t>(size.width));
  out = put_be32(out, static_cast<std::uint64_t>(size.height));
  out = put_be32(out, static_cast<std::uint64_t>(size.width) * bytes_per_pixel(type));
  out = put_be32(out, ticket.id >> 32);
  out = put_be32(out, ticket.id);
  return put_be32(out, ticket.id - ticket.head);
}

std::size_t worst_case(Type type, std::size_t count) {
  using namespace glz;
  if (type == Type::rgb16) return header_bytes + glz::worst_case<CodeRgb16>(count);
  const std::size_t colors = header_bytes + glz::worst_case<CodeRgb32>(count);
  return type == Type::rgba ? colors + glz::worst_case<CodeAlpha>(count) : colors;
}

template <class Units>
std::uint8_t* code_portable(const glz::Window& window, std::uint8_t* out) {
  return glz::Coder<Units, lz::MatchKernels<SimdLevel::portable>>(window).run(out);
}
#if defined(CASSIA_HAVE_X86_SIMD)
template <class Units>
[[gnu::flatten]] CASSIA_TARGET_SSE41 std::uint8_t* code_sse41(const glz::Window& window,
                                                              std::uint8_t* out) {
  return glz::Coder<Units, lz::MatchKernels<SimdLevel::sse41>>(window).run(out);
}
template <class Units>
[[gnu::flatten]] CASSIA_TARGET_AVX2 std::uint8_t* code_avx2(const glz::Window& window,
                                                            std::uint8_t* out) {
  return glz::Coder<Units, lz::MatchKernels<SimdLevel::avx2>>(window).run(out);
}
#endif

template <class Units>
std::uint8_t* code(SimdLevel level, const glz::Window& window, std::uint8_t* out) {
#if defined(CASSIA_HAVE_X86_SIMD)
  if (level == SimdLevel::avx2) return code_avx2<Units>(window, out);
  if (level == SimdLevel::sse41) return code_sse41<Units>(window, out);
#endif
  (void)level;
  return code_portable<Units>(window, out);
}

/// The bitmap itself if its rows follow each other without gaps, else a copy in which they do.
Result<Bitmap> without_gaps(const Bitmap& bitmap) {
  const std::size_t row = static_cast<std::size_t>(bitmap.width()) *
                          static_cast<std::size_t>(raster::bits_per_pixel(bitmap.format())) / 8;
  if (static_cast<std::size_t>(bitmap.stride()) == row) return bitmap;
  const auto height = static_cast<std::size_t>(bitmap.height());
  auto pixels = std::make_shared_for_overwrite<std::uint8_t[]>(row * height);
  for (std::size_t y = 0; y < height; ++y) {
    std::memcpy(pixels.get() + y * row, bitmap.row(static_cast<std::int32_t>(y)), row);
  }
  std::uint8_t* const first = pixels.get();
  return Bitmap::wrap(bitmap.size(), bitmap.format(), static_cast<std::int32_t>(row), first,
                      std::move(pixels));
}

}  // namespace

GlzEncoder::GlzEncoder(std::shared_ptr<GlzDictionary> dictionary, SimdLevel level)
    : dictionary_(std::move(dictionary)),
      level_(level),
      compressor_(nullptr, libdeflate_free_compressor) {}
GlzEncoder::~GlzEncoder() = default;
GlzEncoder::GlzEncoder(GlzEncoder&&) noexcept = default;
GlzEncoder& GlzEncoder::operator=(GlzEncoder&&) noexcept = default;

bool GlzEncoder::takes(const Bitmap& bitmap) const {
  const auto pixels = std::int64_t{bitmap.width()} * bitmap.height();
  return raster::bits_per_pixel(bitmap.format()) >= 16 && pixels > 0 &&
         pixels <= dictionary_->window_pixels();
}

Result<EncodedImage> GlzEncoder::encode(const Bitmap& bitmap, GlzDeflate deflate) {
  switch (bitmap.format()) {
    case PixelFormat::xrgb32:
      return encode_as(Type::rgb32, bitmap, deflate);
    case PixelFormat::argb32:
      return encode_as(Type::rgba, bitmap, deflate);
    case PixelFormat::rgb555:
      return encode_as(Type::rgb16, bitmap, deflate);
    case PixelFormat::rgb565:
      CASSIA_TRY(check_size(bitmap.size()));
      return encode_as(Type::rgb32, CASSIA_TRY(widen565(bitmap)), deflate);
    case PixelFormat::a8:
    case PixelFormat::a1:
      break;
  }
  return fail(ErrorKind::unsupported, "GLZ has no form for masks");
}

Result<EncodedImage> GlzEncoder::encode24(const Bitmap& bitmap, GlzDeflate deflate) {
  if (bitmap.format() != PixelFormat::xrgb32) {
    return fail(ErrorKind::unsupported, "only 32-bit pixels without alpha go as GLZ's rgb24");
  }
  return encode_as(Type::rgb24, bitmap, deflate);
}

Result<EncodedImage> GlzEncoder::encode_as(Type type, const Bitmap& bitmap, GlzDeflate deflate) {
  CASSIA_TRY(check_size(bitmap.size()));
  if (!takes(bitmap)) {
    return fail(ErrorKind::unsupported, "an image of {}x{} pixels is larger than the GLZ window",
                bitmap.width(), bitmap.height());
  }
  const Bitmap stored = CASSIA_TRY(without_gaps(bitmap));
  const auto count =
      static_cast<std::size_t>(stored.width()) * static_cast<std::size_t>(stored.height());
  if (const std::size_t needed = worst_case(type, count); scratch_bytes_ < needed) {
    scratch_ = std::make_unique_for_overwrite<std::uint8_t[]>(needed);
    scratch_bytes_ = needed;
  }
  const GlzDictionary::Ticket ticket = CASSIA_TRY(dictionary_->begin(stored, type));
  const glz::Window window{dictionary_->images_.data(), dictionary_->seen_many_.get(),
                           dictionary_->seen_few_.get(), ticket, type};
  std::uint8_t* out = put_header(scratch_.get(), type, stored.size(), ticket);
  if (type == Type::rgb16) {
    out = code<glz::CodeRgb16>(level_, window, out);
  } else {
    out = code<glz::CodeRgb32>(level_, window, out);
    if (type == Type::rgba) out = code<glz::CodeAlpha>(level_, window, out);
  }
  dictionary_->end(ticket);

  EncodedImage image;
  image.codec = ImageCodec::glz_rgb;
  image.size = bitmap.size();
  image.data = SharedBytes(Bytes(scratch_.get(), out));
  if (scratch_bytes_ > scratch_kept) {
    scratch_.reset();
    scratch_bytes_ = 0;
  }
  // From here on the image has a number: it goes out as it is rather than not at all.
  if (deflate == GlzDeflate::when_smaller) this->deflate(image);
  return image;
}

void GlzEncoder::deflate(EncodedImage& image) {
  const std::size_t size = image.data.size();
  if (size < smallest_deflated) return;
  if (!compressor_) compressor_.reset(libdeflate_alloc_compressor(deflate_level));
  if (!compressor_) return;
  const std::size_t worthwhile = size - size / 8;
  Bytes packed(worthwhile);
  const std::size_t length = libdeflate_zlib_compress(compressor_.get(), image.data.data(), size,
                                                      packed.data(), packed.size());
  if (length == 0) return;  // it takes more than that
  packed.resize(length);
  image.codec = ImageCodec::zlib_glz;
  image.inflated_size = static_cast<std::uint32_t>(size);
  image.data = SharedBytes(std::move(packed));
}

}  // namespace cassia::codec
