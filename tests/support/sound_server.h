// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {

/// A PulseAudio server without sound hardware: one output and one input that lead nowhere, and with
/// them a mixer, also for programs that know ALSA alone. Ends with the object.
class SoundServer {
 public:
  static Result<std::unique_ptr<SoundServer>> start();

  /// For programs that shall use it.
  std::vector<std::string> environment() const;
  /// "sink" or "source": "50%" or "50% mute", as pactl has it; empty if it cannot be had.
  std::string volume(const std::string& kind) const;

 private:
  SoundServer() = default;
  std::string ask(std::vector<std::string> question) const;

  TemporaryFolder folder_;
  std::optional<Process> process_;
};

}  // namespace cassia::test
