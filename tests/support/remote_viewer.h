// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "tests/support/x_server.h"

namespace cassia::test {

/// The stock viewer of Debian, in a window on an X server of the test.
class RemoteViewer {
 public:
  /// Returns once its window with the guest's screen is there. `x` must outlive the viewer.
  static Result<std::unique_ptr<RemoteViewer>> start(const XServer& x, const std::string& uri);

  /// Waits until its window shows exactly `expected`, at 1:1.
  Result<void> wait_shows(const Picture& expected, Timeout limit = std::chrono::seconds(30));

  /// Types into it as a person at the X server would.
  Result<void> type(const std::string& text);
  Result<void> press(const std::string& key);  ///< by its X name, e.g. "Return"

  Process& process() { return *process_; }

 private:
  explicit RemoteViewer(const XServer& x) : x_(x) {}

  const XServer& x_;
  TemporaryFolder home_;
  std::optional<Process> process_;
  std::string window_;
};

}  // namespace cassia::test
