// SPDX-License-Identifier: Apache-2.0
#pragma once

// A guest's SPICE agent on a serial port, whose bytes QEMU's monitor writes and reads as a driver
// would: the guest's side of -chardev qemu-vdagent without a guest. Source: spice/vd_agent.h; the
// port is a 16550's.

#include <string>

#include "tests/interop/dbus/dbus_machine.h"

namespace cassia::test {

class SerialAgent {
 public:
  explicit SerialAgent(DbusMachine& machine) : machine_(machine) {}

  void say(std::uint32_t type, const std::string& data);
  /// The body of the next message of that type; others are passed over.
  Result<std::string> hear(std::uint32_t type);

 private:
  Result<std::string> read(std::size_t size);

  DbusMachine& machine_;
  std::string body_;  ///< of chunks that have come
};

/// Little-endian.
std::string word(std::uint32_t value);

}  // namespace cassia::test
