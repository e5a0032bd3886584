// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/codec/decode_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cassia::codec::fuzz::decode_one({data, size}, cassia::raster::ImageCodec::lz4);
  return 0;
}
