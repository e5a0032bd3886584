// SPDX-License-Identifier: Apache-2.0
#pragma once

// A QEMU without SPICE, whose display is on D-Bus: firmware only, or a boot sector.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "tests/support/process.h"
#include "tests/support/qmp_client.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {

class DbusMachine {
 public:
  /// `more` arguments of QEMU; -display and -vga are among them.
  static Result<std::unique_ptr<DbusMachine>> start(std::vector<std::string> more,
                                                    const std::string& boot = {});
  /// Again, after stop(), with the same sockets.
  Result<void> restart();
  void stop();

  QmpClient& qmp() { return *qmp_; }
  Process& qemu() { return *qemu_; }
  const TemporaryFolder& folder() const { return folder_; }
  std::string gateway_qmp() const { return folder_ / "qmp.sock"; }
  /// What QEMU has written of the events that it was told to trace.
  std::string trace() const;
  /// The typewriter() runs.
  bool listens_to_keys() const;
  /// A line of QEMU's own monitor.
  Result<std::string> monitor(const std::string& line);
  /// Stops the machine when its screen says nothing new, and says what that is.
  Result<Picture> freeze();

 private:
  TemporaryFolder folder_;
  std::vector<std::string> command_;
  std::optional<Process> qemu_;
  std::optional<QmpClient> qmp_;
};

/// 512 bytes that show each key that is typed.
std::string typewriter();

}  // namespace cassia::test
