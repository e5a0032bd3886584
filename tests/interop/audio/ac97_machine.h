// SPDX-License-Identifier: Apache-2.0
#pragma once

// A QEMU whose AC'97 sound card plays and records without a guest: samples and buffer lists are
// loaded into its memory, and its monitor writes the card's registers, as a driver would.
// Registers: Intel 82801AA (ICH) datasheet, chapter "AC'97 Audio Controller".

#include <memory>
#include <optional>
#include <string>

#include "tests/interop/audio/sound.h"
#include "tests/support/process.h"
#include "tests/support/qmp_client.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {

class Ac97Machine {
 public:
  /// `sound` (16 s at most) is what play() plays; `opus` lets QEMU compress.
  static Result<std::unique_ptr<Ac97Machine>> start(const Sound& sound, bool opus) {
    return start(sound, opus, false);
  }
  /// Its display and sound are on D-Bus instead of SPICE: see gateway_qmp().
  static Result<std::unique_ptr<Ac97Machine>> start_on_dbus(const Sound& sound) {
    return start(sound, false, true);
  }
  /// The monitor socket that leads there.
  std::string gateway_qmp() const { return folder_ / "gateway.sock"; }

  std::string uri() const { return "spice+unix://" + (folder_ / "spice.sock").string(); }
  /// The loudest at first. `steps` of 1.5 dB below that, 31 at most.
  Result<void> set_volume(unsigned steps);
  Result<void> play();
  /// Records 8 s into the machine's memory.
  Result<void> record();
  /// What has been recorded so far, and zeros.
  Result<Sound> recorded();

 private:
  static Result<std::unique_ptr<Ac97Machine>> start(const Sound& sound, bool opus, bool dbus);
  Result<void> find_card();
  Result<std::string> monitor(const std::string& line);
  Result<void> out(int bits, unsigned port, unsigned value);

  TemporaryFolder folder_;
  std::optional<Process> qemu_;
  std::optional<QmpClient> qmp_;
  unsigned mixer_ = 0, bus_master_ = 0;  ///< I/O ports
  unsigned buffers_ = 0;                 ///< of the sound
};

}  // namespace cassia::test
