// SPDX-License-Identifier: Apache-2.0
#pragma once

// The recorded images in data/ (see the README there).

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "render/raster/image.h"

namespace cassia::codec::test {

inline Bytes sample_bytes(const std::string& name) {
  std::ifstream file(std::string(CASSIA_CODEC_DATA "/") + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

inline raster::EncodedImage sample(const std::string& name, raster::ImageCodec codec,
                                   raster::Size size) {
  raster::EncodedImage image;
  image.codec = codec;
  image.size = size;
  image.data = SharedBytes(sample_bytes(name));
  return image;
}

}  // namespace cassia::codec::test
