// SPDX-License-Identifier: Apache-2.0
// The stick's side of a usbredir connection that gets any bytes. Byte 0: the size of the pieces.

#include "client/usb/redir_stick.h"
#include "storage/block/memory_device.h"

using namespace cassia;          // NOLINT(google-build-using-namespace)
using namespace cassia::client;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0];
  storage::MemoryDevice image(Bytes(5000, 0x42));
  std::size_t sent = 0;
  RedirStick stick(image, {[&](ByteView bytes) { sent += bytes.size(); },
                           [&] { return sent < (std::size_t{1} << 20); }});
  ByteView rest(data + 1, size - 1);
  while (!rest.empty()) {
    const ByteView part = rest.first(std::min(step, rest.size()));
    rest = rest.subspan(part.size());
    if (!stick.receive(part)) break;
  }
  return 0;
}
