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
#include <string>

#include "render/codec/decode.h"
#include "render/codec/encode.h"
#include "tests/unit/codec/pictures.h"

namespace {

using cassia::Result;
using cassia::codec::DecodeContext;
using cassia::codec::test::Scene;
using cassia::raster::Bitmap;
using cassia::raster::EncodedImage;

constexpr cassia::raster::Size full_hd{1920, 1080};
constexpr Scene scenes[] = {Scene::text, Scene::ui, Scene::photo, Scene::gradient};
using EncodeFunction = Result<EncodedImage> (*)(const Bitmap&);
using DecodeFunction = Result<Bitmap> (*)(const EncodedImage&);

Result<EncodedImage> jpeg(const Bitmap& bitmap) { return cassia::codec::encode_jpeg(bitmap, 85); }

/// For codecs whose images stand alone.
Result<Bitmap> alone(const EncodedImage& image) {
  DecodeContext context;
  return decode(image, context);
}

/// What is measured: a codec that needs more than this brings functions of its own.
constexpr struct Codec {
  const char* name;
  EncodeFunction encode;
  DecodeFunction decode;
} codecs[] = {
    {"quic", cassia::codec::encode_quic, alone}, {"lz", cassia::codec::encode_lz, alone},
    {"lz4", cassia::codec::encode_lz4, alone},   {"jpeg", jpeg, alone},
    {"raw", cassia::codec::encode_raw, alone},
};

void run_encode(benchmark::State& state, EncodeFunction encode, Scene scene) {
  const Bitmap picture = draw(scene, full_hd);
  std::size_t size = 0;
  for (auto _ : state) {
    auto image = encode(picture);
    size = image->data.size();
    benchmark::DoNotOptimize(image);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(picture.byte_size()));
  state.counters["size"] = static_cast<double>(size);
}

void run_decode(benchmark::State& state, const Codec& codec, Scene scene) {
  const Bitmap picture = draw(scene, full_hd);
  const EncodedImage image = *codec.encode(picture);
  for (auto _ : state) {
    auto bitmap = codec.decode(image);
    if (!bitmap) state.SkipWithError(bitmap.error().message().c_str());
    benchmark::DoNotOptimize(bitmap);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(picture.byte_size()));
}

void register_all() {
  for (const Codec& codec : codecs) {
    for (Scene scene : scenes) {
      const std::string name = std::string(codec.name) + "/" + name_of(scene);
      benchmark::RegisterBenchmark(("decode/" + name).c_str(), run_decode, codec, scene);
      benchmark::RegisterBenchmark(("encode/" + name).c_str(), run_encode, codec.encode, scene);
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
