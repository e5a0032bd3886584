// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/format/use_image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cassia::fuzz::use_image("vmdk", data, size);
  return 0;
}
