// SPDX-License-Identifier: Apache-2.0
#include "server/display/shared_op.h"

#include "render/codec/decode.h"
#include "render/codec/encode.h"

namespace cassia::server {
namespace {

using raster::BitmapPtr;
using raster::DrawOp;
using raster::DrawOpPtr;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::ImageRef;
using raster::PixelFormat;
using raster::WireBitmapFormat;

/// Images of fewer bytes go raw: no codec saves anything worth its headers.
constexpr std::size_t smallest_encoded = 256;

std::size_t bytes_of(const ImageRef& image) {
  if (const auto* bitmap = image.bitmap()) return bitmap->byte_size();
  if (const auto* encoded = image.encoded()) return encoded->data.size();
  return 0;
}

/// A raw 32-bit image, top row first, as a Bitmap on the same bytes. Null if the layout differs.
BitmapPtr wrap_raw(const raster::EncodedImagePtr& image) {
  const bool rgb32 = image->bitmap_format == WireBitmapFormat::rgb32;
  if (image->codec != ImageCodec::bitmap || !image->top_down ||
      (!rgb32 && image->bitmap_format != WireBitmapFormat::rgba)) {
    return nullptr;
  }
  const auto* data = image->data.data();
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % 4 == 0 && image->stride % 4 == 0;
  const auto needed = static_cast<std::size_t>(image->stride) * image->size.height;
  if (!aligned || image->stride < image->size.width * 4 || image->data.size() < needed) {
    return nullptr;
  }
  return std::make_shared<raster::Bitmap>(
      raster::Bitmap::wrap(image->size, rgb32 ? PixelFormat::xrgb32 : PixelFormat::argb32,
                           image->stride, const_cast<std::uint8_t*>(data), image));
}

Result<BitmapPtr> decode_image(const raster::EncodedImagePtr& image, bool rgb555) {
  if (auto wrapped = wrap_raw(image)) return wrapped;
  codec::DecodeContext context;
  context.rgb555_palettes = rgb555;
  return std::make_shared<const raster::Bitmap>(CASSIA_TRY(codec::decode(*image, context)));
}

/// Decodes what is left encoded in `operation`; masks by their own rule.
Result<void> decode_images(raster::Operation& operation, bool rgb555) {
  Result<void> outcome;
  std::visit(
      [&](auto& op) {
        if constexpr (requires { op.mask.image; }) {
          if (!op.mask.image.encoded()) return;
          auto mask = codec::decode_mask(*op.mask.image.encoded());
          if (!mask) {
            outcome = fail(mask.error());
          } else {
            op.mask.image.source = std::make_shared<const raster::Bitmap>(std::move(*mask));
          }
        }
      },
      operation);
  if (!outcome) return outcome;
  raster::for_each_image(operation, [&](ImageRef& image) {
    const auto* encoded = std::get_if<raster::EncodedImagePtr>(&image.source);
    if (!encoded || !outcome) return;
    auto pixels = decode_image(*encoded, rgb555);
    if (pixels) {
      image.source = std::move(*pixels);
    } else {
      outcome = fail(pixels.error());
    }
  });
  return outcome;
}

/// Which decoders a viewer has, as bits, and what it prefers: viewers with the same key share
/// forms.
std::uint32_t form_key(const ViewerSink& viewer) {
  const codec::EncodeChoice choice = viewer.encode_choice();
  std::uint32_t key = static_cast<std::uint32_t>(choice.jpeg_quality) << 24;
  key |= choice.quic | choice.lz << 1 | choice.lz4 << 2 | choice.jpeg << 3 |
         choice.prefer_lz4 << 4 | choice.lz_palette << 5 | choice.by_channel << 6;
  for (unsigned codec = 0; codec <= static_cast<unsigned>(ImageCodec::lz4); ++codec) {
    if (viewer.can_decode(static_cast<ImageCodec>(codec))) key |= 1u << (8 + codec);
  }
  return key;
}

bool worth_encoding(const EncodedImage& image) {
  // 1, 4 and 8 bit images with palettes are small already, and masks must stay bitmaps.
  const auto format = image.bitmap_format;
  return image.data.size() >= smallest_encoded &&
         (format == WireBitmapFormat::rgb32 || format == WireBitmapFormat::rgba ||
          format == WireBitmapFormat::rgb24 || format == WireBitmapFormat::rgb16);
}

}  // namespace

SharedOp::SharedOp(DrawOpPtr op, bool rgb555) : op_(std::move(op)), rgb555_(rgb555) {
  cost_ = sizeof(DrawOp);
  raster::for_each_image(op_->operation, [&](const ImageRef& image) { cost_ += bytes_of(image); });
  if (const auto* text = std::get_if<raster::Text>(&op_->operation)) {
    for (const auto& glyph : text->glyphs) cost_ += sizeof glyph + glyph.bits.size();
  }
}

SharedOp::SharedOp(SharedOpPtr whole, DrawOpPtr variant)
    : op_(std::move(variant)), whole_(std::move(whole)), rgb555_(whole_->rgb555_) {
  cost_ = whole_->cost_;
}

Result<DrawOpPtr> SharedOp::decoded() const {
  bool any = false;
  raster::for_each_image(op_->operation, [&](const ImageRef& i) { any |= i.encoded() != nullptr; });
  if (!any) return op_;
  auto copy = std::make_shared<DrawOp>(*op_);
  CASSIA_TRY(decode_images(copy->operation, rgb555_));
  return copy;
}

Result<ImageRef> SharedOp::image_for(const ImageRef& image, const ViewerSink& viewer) {
  BitmapPtr pixels;
  if (const auto* encoded = std::get_if<raster::EncodedImagePtr>(&image.source)) {
    const EncodedImage& e = **encoded;
    const bool raw = e.codec == ImageCodec::bitmap;
    if (raw ? !worth_encoding(e) : e.stands_alone() && viewer.can_decode(e.codec)) return image;
    pixels = CASSIA_TRY(decode_image(*encoded, rgb555_));
  } else if (const auto* bitmap = std::get_if<BitmapPtr>(&image.source)) {
    if ((*bitmap)->byte_size() < smallest_encoded) return image;
    pixels = *bitmap;
  } else {
    return image;
  }
  ++encodings_;
  codec::EncodeChoice choice = viewer.encode_choice();
  if (rgb555_) choice.lz_palette = false;  // its clients would take the colours for 15-bit ones
  ImageRef out = encode_pixels(std::move(pixels), choice);
  out.identity = image.identity;
  return out;
}

Result<DrawOpPtr> SharedOp::for_viewer(const ViewerSink& viewer) {
  if (whole_) {
    const auto form = CASSIA_TRY(whole_->for_viewer(viewer));
    return std::make_shared<const DrawOp>(
        DrawOp{op_->surface, op_->box, op_->clip, form->operation});
  }
  const std::uint32_t key = form_key(viewer);
  for (const Form& form : forms_) {
    if (form.key == key) return form.op;
  }
  auto copy = std::make_shared<DrawOp>(*op_);
  Result<void> outcome;
  raster::for_each_image(copy->operation, [&](ImageRef& image) {
    if (!outcome) return;
    auto made = image_for(image, viewer);
    if (made) {
      image = std::move(*made);
    } else {
      outcome = fail(made.error());
    }
  });
  if (!outcome) return fail(outcome.error());
  forms_.push_back({key, copy});
  return DrawOpPtr(copy);
}

ImageRef encode_pixels(BitmapPtr pixels, const codec::EncodeChoice& choice) {
  ImageRef out;
  const bool has_colors = raster::bits_per_pixel(pixels->format()) >= 16;
  const bool photo = (choice.quic || choice.jpeg) && codec::looks_photographic(*pixels);
  const bool left_to_channel = choice.by_channel && !photo;
  if (has_colors && pixels->byte_size() >= smallest_encoded && !left_to_channel) {
    if (auto encoded = codec::encode(*pixels, choice, photo)) {
      out.source = std::make_shared<const EncodedImage>(std::move(*encoded));
      return out;
    }
  }
  out.source = std::move(pixels);
  return out;
}

}  // namespace cassia::server
