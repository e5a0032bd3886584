// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/bad_input/bad_messages.h"

#include <spice/enums.h>

#include "protocol/spice/display_messages.h"
#include "protocol/spice/draw.h"
#include "render/codec/encode.h"

namespace cassia::test {
namespace {

using spice::Image;
using spice::ImageType;

constexpr std::uint16_t put = SPICE_ROPD_OP_PUT;
/// Above what a pool hands to its threads.
constexpr std::uint32_t side = 96;

spice::DrawBase base(spice::Rect box = {0, 0, 64, 64}, std::uint32_t surface = 0) {
  spice::DrawBase out;
  out.surface = surface;
  out.box = box;
  return out;
}
spice::Brush solid() {
  spice::Brush brush;
  brush.type = SPICE_BRUSH_TYPE_SOLID;
  brush.color = 0xff0000;
  return brush;
}
Image surface_image(std::uint32_t surface) {
  Image image;
  image.type = ImageType::surface;
  image.width = image.height = 64;
  image.surface_id = surface;
  return image;
}

/// Where the brush of a draw_fill says its type.
constexpr std::size_t brush_type_at = 21;

struct List {
  std::vector<BadMessage> all;
  template <class Message>
  void add(std::uint16_t type, const char* name, const Message& message) {
    all.push_back({type, name, wire::encode(message), name});
  }
  void copy(const Image& image) {
    const auto area = spice::Rect{0, 0, static_cast<std::int32_t>(image.height),
                                  static_cast<std::int32_t>(image.width)};
    add(SPICE_MSG_DISPLAY_DRAW_COPY, "draw_copy",
        spice::DrawCopy{base({0, 0, side, side}), image, area, put, 0, {}});
  }
};

Image image_of(ImageType type, Bytes data) {
  Image image;
  image.type = type;
  image.width = image.height = side;
  image.data = wire::Blob(SharedBytes(std::move(data)));
  return image;
}

/// Bytes that begin no codec's stream.
Bytes garbage() {
  Bytes out(3000);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i * 37 + 11);
  return out;
}

raster::Bitmap noise() {
  auto bitmap = raster::Bitmap::create_cleared({side, side}, raster::PixelFormat::xrgb32);
  std::uint32_t state = 1;
  for (std::int32_t y = 0; y < bitmap->height(); ++y) {
    for (std::int32_t x = 0; x < bitmap->width(); ++x) {
      state = state * 1664525 + 1013904223;
      bitmap->row32(y)[x] = state >> 8;
    }
  }
  return std::move(*bitmap);
}

/// The first half of an image that was fine.
Image half(ImageType type, const Result<raster::EncodedImage>& encoded) {
  const ByteView whole = encoded->data.view();
  return image_of(type, to_bytes(whole.first(whole.size() / 2)));
}

}  // namespace

std::vector<BadMessage> bad_draws() {
  List list;
  const std::uint16_t fill = SPICE_MSG_DISPLAY_DRAW_FILL;
  const spice::DrawFill fine{base(), solid(), put, {}};
  list.add(fill, "draw_fill", spice::DrawFill{base({0, 0, 64, 64}, 99), solid(), put, {}});
  list.copy(surface_image(77));
  list.add(fill, "draw_fill", fine);
  list.all.back().body[brush_type_at] = 7;  // no such brush
  list.add(fill, "draw_fill", fine);
  list.all.back().body[brush_type_at] = SPICE_BRUSH_TYPE_PATTERN;  // whose pointer is a colour
  spice::Brush pattern;
  pattern.type = SPICE_BRUSH_TYPE_PATTERN;
  pattern.pattern = surface_image(78);
  list.add(fill, "draw_fill", spice::DrawFill{base(), pattern, put, {}});
  list.add(fill, "draw_fill", spice::DrawFill{base({5000, 5000, 5064, 5064}), solid(), put, {}});
  list.add(fill, "draw_fill", spice::DrawFill{base({64, 64, 0, 0}), solid(), put, {}});
  list.add(fill, "draw_fill",
           spice::DrawFill{base({0, 0, 0x7fffffff, 0x7fffffff}), solid(), put, {}});
  list.add(SPICE_MSG_DISPLAY_DRAW_BLEND, "draw_blend",
           spice::DrawCopy{base(), surface_image(0), {9000, 9000, 9064, 9064}, put, 0, {}});
  list.add(SPICE_MSG_DISPLAY_COPY_BITS, "copy_bits", spice::CopyBits{base(), {7000, 7000}});
  list.add(SPICE_MSG_DISPLAY_DRAW_TRANSPARENT, "draw_transparent",
           spice::DrawTransparent{base(), surface_image(0), {0, 0, 40000, 40000}, 1, 1});
  list.add(SPICE_MSG_DISPLAY_DRAW_OPAQUE, "draw_opaque",
           spice::DrawOpaque{base(), std::nullopt, {0, 0, 64, 64}, solid(), put, 0, {}});
  spice::DrawComposite composite;
  composite.base = base();
  composite.flags = 200;  // no operator has this number
  composite.src = surface_image(0);
  list.add(SPICE_MSG_DISPLAY_DRAW_COMPOSITE, "draw_composite", composite);
  list.add(SPICE_MSG_DISPLAY_SURFACE_CREATE, "surface_create",
           spice::SurfaceCreate{5, 0, 0, SPICE_SURFACE_FMT_32_xRGB, 0});
  list.add(SPICE_MSG_DISPLAY_SURFACE_DESTROY, "surface_destroy", spice::SurfaceDestroy{55});
  return list.all;
}

std::vector<BadMessage> bad_images() {
  List list;
  const raster::Bitmap picture = noise();
  for (const ImageType type :
       {ImageType::quic, ImageType::lz_rgb, ImageType::glz_rgb, ImageType::jpeg, ImageType::lz4}) {
    list.copy(image_of(type, garbage()));
  }
  list.copy(half(ImageType::quic, codec::encode_quic(picture)));
  list.copy(half(ImageType::lz_rgb, codec::encode_lz(picture)));
  list.copy(half(ImageType::lz4, codec::encode_lz4(picture)));
  list.copy(half(ImageType::jpeg, codec::encode_jpeg(picture, 80)));
  Image deflated = image_of(ImageType::zlib_glz_rgb, garbage());
  deflated.inflated_size = 20000;
  list.copy(deflated);
  Image alpha = image_of(ImageType::jpeg_alpha, garbage());
  alpha.jpeg_size = 2000;
  list.copy(alpha);
  Image palettised = image_of(ImageType::lz_plt, garbage());
  palettised.palette = spice::Palette{0, {1, 2, 3}};
  list.copy(palettised);
  Image raw = image_of(ImageType::bitmap, Bytes(side * side * 4));
  raw.bitmap_format = 99;
  raw.bitmap_width = raw.bitmap_height = side;
  raw.stride = side * 4;
  list.copy(raw);
  raw.bitmap_format = SPICE_BITMAP_FMT_8BIT;  // without a palette
  list.copy(raw);
  Image cached = image_of(ImageType::from_cache, {});
  cached.id = 0x1234;
  list.copy(cached);
  return list.all;
}

std::vector<BadMessage> bad_streams() {
  List list;
  const std::uint16_t create = SPICE_MSG_DISPLAY_STREAM_CREATE;
  spice::StreamCreate stream;
  stream.id = 9;
  stream.codec = SPICE_VIDEO_CODEC_TYPE_MJPEG;
  stream.stream_width = stream.stream_height = stream.source_width = stream.source_height = side;
  stream.dest = {0, 0, side, side};
  const auto with = [&](auto change) {
    spice::StreamCreate changed = stream;
    change(changed);
    list.add(create, "stream_create", changed);
  };
  with([](auto& s) { s.surface = 99; });
  with([](auto& s) { s.codec = 99; });
  with([](auto& s) { s.stream_width = 0; });
  with([](auto& s) { s.id = 64; });
  const auto data = [&](std::uint32_t id, Bytes frame) {
    list.add(SPICE_MSG_DISPLAY_STREAM_DATA, "stream_data",
             spice::StreamData{id, 0, wire::Blob(SharedBytes(std::move(frame)))});
  };
  const auto jpeg = codec::encode_jpeg(noise(), 80);
  const ByteView whole = jpeg->data.view();
  data(40, to_bytes(whole));
  data(3, garbage());
  data(3, {});
  data(3, to_bytes(whole.first(whole.size() / 2)));
  for (auto at = list.all.end() - 3; at != list.all.end(); ++at) at->relayed_name = "draw_copy";
  const auto sized = [&](std::uint32_t width, const spice::Rect& dest) {
    list.add(
        SPICE_MSG_DISPLAY_STREAM_DATA_SIZED, "stream_data_sized",
        spice::StreamDataSized{3, 0, width, side, dest, wire::Blob(SharedBytes(to_bytes(whole)))});
  };
  sized(60000, stream.dest);
  sized(side, {8000, 8000, 8064, 8064});
  list.add(SPICE_MSG_DISPLAY_STREAM_CLIP, "stream_clip", spice::StreamClip{41, {}});
  list.add(SPICE_MSG_DISPLAY_STREAM_DESTROY, "stream_destroy", spice::StreamDestroy{42});
  list.add(SPICE_MSG_DISPLAY_STREAM_ACTIVATE_REPORT, "stream_activate_report",
           spice::StreamActivateReport{43, 1, 1, 1});
  return list.all;
}

}  // namespace cassia::test
