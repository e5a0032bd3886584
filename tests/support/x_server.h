// SPDX-License-Identifier: Apache-2.0
#pragma once

// X servers of a test's own, on displays that were free.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/support/picture.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {

/// A running X server. Ends with the object.
class XServer {
 public:
  /// Xvfb with one screen.
  static Result<std::unique_ptr<XServer>> start_xvfb(int width = 1400, int height = 1000);

  /// Xspice: an X server whose screen is served by libspice-server on 127.0.0.1:spice_port().
  /// `environment` sets more of its options, e.g. "XSPICE_IMAGE_COMPRESSION=quic".
  static Result<std::unique_ptr<XServer>> start_xspice(int width = 1024, int height = 768,
                                                       std::vector<std::string> environment = {});

  const std::string& display() const { return display_; }  ///< e.g. ":3"
  std::string environment() const { return "DISPLAY=" + display_; }
  std::uint16_t spice_port() const { return spice_port_; }
  std::string uri() const { return "spice://127.0.0.1:" + std::to_string(spice_port_); }
  Process& process() { return *process_; }

  /// What is on the screen, by `xwd -root`: without the pointer, which is not part of it.
  Result<Picture> screen() const;

  /// The screen once ten looks in a row have seen the same.
  Result<Picture> steady_screen(Timeout limit = std::chrono::seconds(30)) const;

  /// Starts a program on this display.
  Result<Process> client(std::vector<std::string> command) const;

  /// Runs a program on this display to its end; an error if its status is not 0.
  Result<std::string> ask(std::vector<std::string> command,
                          Timeout limit = std::chrono::seconds(20)) const;

 private:
  XServer() = default;
  Result<void> launch(std::vector<std::string> command, std::vector<std::string> environment);

  TemporaryFolder folder_;
  std::string display_;
  std::uint16_t spice_port_ = 0;
  std::optional<Process> process_;
};

}  // namespace cassia::test
