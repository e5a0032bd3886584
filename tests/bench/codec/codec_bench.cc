// SPDX-License-Identifier: Apache-2.0
// Decode and encode speed per codec and kind of picture, 1920x1080 in 32 bits, one thread. Bytes
// are those of the pixels.
//
// codec_bench [--dump-pictures DIR] [options of Google Benchmark]. The former writes the pictures
// as DIR/NAME.1920x1080.xrgb32 (rows top down without gaps, bytes b, g, r, 255) instead of
// measuring, so that another program can be measured on the same pixels.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "render/codec/decode.h"
#include "render/codec/encode.h"
#include "render/codec/glz_encode.h"
#include "render/codec/glz_window.h"
#include "tests/unit/codec/pictures.h"

namespace {

using cassia::Result;
using cassia::codec::DecodeContext;
using cassia::codec::GlzDeflate;
using cassia::codec::GlzDictionary;
using cassia::codec::GlzEncoder;
using cassia::codec::GlzWindow;
using cassia::codec::test::Scene;
using cassia::raster::Bitmap;
using cassia::raster::EncodedImage;
using cassia::raster::ImageCodec;
using cassia::raster::PixelFormat;

constexpr cassia::raster::Size full_hd{1920, 1080};
constexpr Scene scenes[] = {Scene::text, Scene::ui, Scene::photo, Scene::gradient};
using EncodeFunction = Result<EncodedImage> (*)(const Bitmap&);

Result<EncodedImage> jpeg(const Bitmap& bitmap) { return cassia::codec::encode_jpeg(bitmap, 85); }

/// Both sides of one codec, and what they remember from image to image.
class Coder {
 public:
  virtual ~Coder() = default;
  virtual Result<EncodedImage> encode(const Bitmap& picture) = 0;
  virtual Result<Bitmap> decode(const EncodedImage& image) = 0;
};

/// Of a codec whose images stand alone.
template <EncodeFunction function>
class Alone final : public Coder {
 public:
  Result<EncodedImage> encode(const Bitmap& picture) override { return function(picture); }
  Result<Bitmap> decode(const EncodedImage& image) override {
    DecodeContext context;
    return cassia::codec::decode(image, context);
  }
};

/// A window that holds one picture, so that nothing is found in an earlier one.
template <GlzDeflate deflate>
class Glz final : public Coder {
 public:
  Result<EncodedImage> encode(const Bitmap& picture) override {
    return encoder_.encode(picture, deflate);
  }
  Result<Bitmap> decode(const EncodedImage& image) override {
    DecodeContext context{.glz_window = &window_};
    return cassia::codec::decode(image, context);
  }

 private:
  static constexpr std::uint32_t pixels = full_hd.width * full_hd.height;
  GlzEncoder encoder_{GlzDictionary::create(pixels).value()};
  GlzWindow window_{pixels};
};

template <class T>
std::unique_ptr<Coder> make() {
  return std::make_unique<T>();
}

constexpr struct Codec {
  const char* name;
  std::unique_ptr<Coder> (*make)();
  PixelFormat format = PixelFormat::xrgb32;
} codecs[] = {
    {"quic", make<Alone<cassia::codec::encode_quic>>},
    {"lz", make<Alone<cassia::codec::encode_lz>>},
    {"lz_palette", make<Alone<cassia::codec::encode_lz_palette>>},
    {"glz", make<Glz<GlzDeflate::never>>},
    {"zlib_glz", make<Glz<GlzDeflate::when_smaller>>},
    {"lz4", make<Alone<cassia::codec::encode_lz4>>},
    {"jpeg", make<Alone<jpeg>>},
    {"jpeg_alpha", make<Alone<jpeg>>, PixelFormat::argb32},
    {"raw", make<Alone<cassia::codec::encode_raw>>},
};

/// LZ with a palette is for pictures of few colours, and where deflating saves nothing a GLZ image
/// stays one.
bool has_form_for(const Codec& codec, Scene scene) {
  const auto image = codec.make()->encode(draw(scene, full_hd, codec.format));
  if (!image) return false;
  const std::string name = codec.name;
  if (name == "zlib_glz") return image->codec == ImageCodec::zlib_glz;
  if (name == "lz_palette") return image->codec == ImageCodec::lz_palette;
  return true;
}

void report(benchmark::State& state, const Bitmap& picture, std::size_t size) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(picture.byte_size()));
  state.counters["size"] = static_cast<double>(size);
}

void run_encode(benchmark::State& state, const Codec& codec, Scene scene) {
  const Bitmap picture = draw(scene, full_hd, codec.format);
  const auto coder = codec.make();
  std::size_t size = 0;
  for (auto _ : state) {
    auto image = coder->encode(picture);
    size = image->data.size();
    benchmark::DoNotOptimize(image);
  }
  report(state, picture, size);
}

/// Each image is decoded once: GLZ's have numbers, and their window moves on.
void run_decode(benchmark::State& state, const Codec& codec, Scene scene) {
  const Bitmap picture = draw(scene, full_hd, codec.format);
  const auto coder = codec.make();
  std::size_t size = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const EncodedImage image = *coder->encode(picture);
    size = image.data.size();
    state.ResumeTiming();
    auto bitmap = coder->decode(image);
    if (!bitmap) state.SkipWithError(bitmap.error().message().c_str());
    benchmark::DoNotOptimize(bitmap);
  }
  report(state, picture, size);
}

void register_all() {
  for (const Codec& codec : codecs) {
    for (Scene scene : scenes) {
      if (!has_form_for(codec, scene)) continue;
      const std::string name = std::string(codec.name) + "/" + name_of(scene);
      benchmark::RegisterBenchmark(("decode/" + name).c_str(), run_decode, codec, scene);
      benchmark::RegisterBenchmark(("encode/" + name).c_str(), run_encode, codec, scene);
    }
  }
}

int dump_pictures(const std::string& folder) {
  for (Scene scene : scenes) {
    const Bitmap picture = draw(scene, full_hd);
    const std::string path = folder + "/" + name_of(scene) + ".1920x1080.xrgb32";
    std::ofstream file(path, std::ios::binary);
    for (std::int32_t y = 0; y < picture.height(); ++y) {
      file.write(reinterpret_cast<const char*>(picture.row(y)), std::streamsize{4} * full_hd.width);
    }
    file.close();
    if (!file) {
      std::fprintf(stderr, "cannot write %s\n", path.c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "--dump-pictures") {
    if (argc == 3) return dump_pictures(argv[2]);
    std::fprintf(stderr, "usage: codec_bench --dump-pictures DIR\n");
    return 2;
  }
  register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
