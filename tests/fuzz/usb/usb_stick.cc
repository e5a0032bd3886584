// SPDX-License-Identifier: Apache-2.0
// The mass storage device below usbredir: steps of one byte of kind, one of size and that many
// bytes. Kind 0: a write to the OUT endpoint; 1: a read of 64 times the size; 2: a control request;
// 3: a SCSI command in a right wrapper.

#include "client/usb/usb_stick.h"

#include <cstdlib>

#include "storage/block/memory_device.h"
#include "tests/unit/usb/wrapper.h"

using namespace cassia;          // NOLINT(google-build-using-namespace)
using namespace cassia::client;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  storage::MemoryDevice image(Bytes(5000, 0x42));
  UsbStick stick(image);
  ByteView rest(data, size);
  std::uint32_t tag = 0;
  while (rest.size() >= 2) {
    const std::uint8_t kind = rest[0];
    const std::size_t asked = rest[1];
    rest = rest.subspan(2);
    const ByteView part = rest.first(std::min(asked, rest.size()));
    switch (kind & 3) {
      case 0:
        (void)stick.bulk().out(part);
        break;
      case 1: {
        const auto answer = stick.bulk().in(64 * asked);
        if (answer && answer->size() > 64 * asked) std::abort();
        continue;  // a read takes no bytes
      }
      case 2: {
        if (part.size() < 8) break;
        const auto half = [&](std::size_t at) {
          return static_cast<std::uint16_t>(part[at] | part[at + 1] << 8);
        };
        const auto answer = stick.control({part[0], part[1], half(2), half(4), half(6)});
        if (answer && answer->size() > half(6)) std::abort();
        break;
      }
      default:
        stick.reset();
        (void)stick.bulk().out(
            wrapper(++tag, static_cast<std::uint32_t>(kind) << 6, (kind & 4) != 0,
                    to_bytes(part.first(std::min<std::size_t>(16, part.size())))));
        break;
    }
    rest = rest.subspan(part.size());
  }
  return 0;
}
