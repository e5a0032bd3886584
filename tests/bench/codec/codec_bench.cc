// SPDX-License-Identifier: Apache-2.0
// Decode and encode speed per codec and kind of picture, 1920x1080 in 32 bits, one thread. Bytes
// are those of the pixels.

#include <benchmark/benchmark.h>

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
using EncodeFunction = Result<EncodedImage> (*)(const Bitmap&);

Result<EncodedImage> jpeg(const Bitmap& bitmap) { return cassia::codec::encode_jpeg(bitmap, 85); }

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

void run_decode(benchmark::State& state, EncodeFunction encode, Scene scene) {
  const Bitmap picture = draw(scene, full_hd);
  const EncodedImage image = *encode(picture);
  for (auto _ : state) {
    DecodeContext context;
    auto bitmap = decode(image, context);
    if (!bitmap) state.SkipWithError(bitmap.error().message().c_str());
    benchmark::DoNotOptimize(bitmap);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(picture.byte_size()));
}

}  // namespace

int main(int argc, char** argv) {
  const struct {
    const char* name;
    EncodeFunction encode;
  } codecs[] = {{"quic", cassia::codec::encode_quic},
                {"lz", cassia::codec::encode_lz},
                {"lz4", cassia::codec::encode_lz4},
                {"jpeg", jpeg},
                {"raw", cassia::codec::encode_raw}};
  for (const auto& codec : codecs) {
    for (Scene scene : {Scene::text, Scene::ui, Scene::photo, Scene::gradient}) {
      const std::string name = std::string(codec.name) + "/" + name_of(scene);
      benchmark::RegisterBenchmark(("decode/" + name).c_str(), run_decode, codec.encode, scene);
      benchmark::RegisterBenchmark(("encode/" + name).c_str(), run_encode, codec.encode, scene);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
