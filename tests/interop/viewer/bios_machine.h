// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/qmp_client.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {

/// QEMU with a display adapter and firmware that finds nothing to boot: a picture within a second.
class BiosMachine {
 public:
  /// `vga` as QEMU's -vga; `spice` are more suboptions of -spice.
  static Result<std::unique_ptr<BiosMachine>> start(
      const std::string& vga, const std::string& spice = "disable-ticketing=on");

  std::string uri() const { return "spice+unix://" + (folder_ / "spice.sock").string(); }
  QmpClient& qmp() { return *qmp_; }
  Process& qemu() { return *qemu_; }
  const TemporaryFolder& folder() const { return folder_; }

  /// Stops the machine, so that no cursor blinks, and says what it shows.
  Result<Picture> freeze();

 private:
  TemporaryFolder folder_;
  std::optional<Process> qemu_;
  std::optional<QmpClient> qmp_;
};

}  // namespace cassia::test
