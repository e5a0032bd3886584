// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/support/process.h"
#include "tests/support/qmp_client.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {

/// The options of scripts/guest/run-qemu.
struct GuestOptions {
  std::string vga = "std";        ///< std, qxl, virtio, cirrus
  std::string machine = "pc";     ///< pc, q35
  std::string mode = "shell";     ///< shell, still, scroll, burst
  bool text = false;              ///< VGA text mode
  std::string vesa_mode;          ///< e.g. "0x314" for 800x600 in 16 bits
  bool scsi = false;              ///< a virtio-scsi bus
  bool mouse = false;             ///< a PS/2 mouse and no tablet
  std::uint16_t port = 0;         ///< SPICE on this TCP port instead of a unix socket
  std::string spice;              ///< more suboptions of -spice
  std::optional<int> root_ports;  ///< hot-plug ports on q35
  std::vector<std::string> qemu;  ///< more arguments of QEMU

  bool operator==(const GuestOptions&) const = default;
};

/// The small real guest of scripts/guest, booted. Ends with the object.
class QemuGuest {
 public:
  /// Boots it and returns when it has said CASSIA-READY (half a minute at most on a slow machine).
  static Result<std::unique_ptr<QemuGuest>> start(GuestOptions options);

  /// The same, booted once per test program and set of options: for tests that leave it as it was.
  static Result<QemuGuest*> shared(const GuestOptions& options);

  /// Boots again with the same disks and sockets, after stop() or its own end.
  Result<void> restart() { return boot(); }
  void stop();

  QmpClient& qmp() { return *qmp_; }
  Process& qemu() { return *qemu_; }

  std::string uri() const;  ///< of its SPICE server; spice-gtk takes it too
  std::filesystem::path spice_socket() const { return folder_ / "spice.sock"; }
  std::filesystem::path gateway_qmp() const { return folder_ / "qmp.sock"; }
  std::filesystem::path qcow2_disk() const { return folder_ / "disk-a.qcow2"; }
  std::filesystem::path raw_disk() const { return folder_ / "disk-b.raw"; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  std::string serial() const;  ///< all that the guest has said on its serial console
  /// Waits until the guest has said something that matches; `from` skips what it said before.
  Result<std::string> wait_serial(const std::string& regex, std::size_t from = 0,
                                  Timeout limit = std::chrono::seconds(60));

 private:
  explicit QemuGuest(GuestOptions options) : options_(std::move(options)) {}
  Result<void> boot();

  GuestOptions options_;
  TemporaryFolder folder_;
  std::optional<Process> qemu_;
  std::optional<QmpClient> qmp_;
};

}  // namespace cassia::test
