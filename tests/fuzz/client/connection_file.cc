// SPDX-License-Identifier: Apache-2.0
// A .vv file, which a browser may have fetched from anywhere.

#include "client/session/connection_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = cassia::client::parse_connection_file(
      std::string_view(reinterpret_cast<const char*>(data), size));
  if (file && file->address.host.empty() && file->address.path.empty()) __builtin_trap();
  return 0;
}
