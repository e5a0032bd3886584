// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files dropped onto the window, and what is said about their way into the guest.

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "client/session/agent_events.h"

namespace cassia::client {

/// Main thread only.
class FileProgressText {
 public:
  void on(const channels::FileProgress& progress);
  /// A line a file; empty if there is nothing to say.
  std::string text() const;
  /// While files are on their way the text stays.
  bool busy() const { return !running_.empty(); }

 private:
  std::map<std::uint32_t, channels::FileProgress> running_;
  std::vector<std::string> ended_;  ///< since the last time that none was running
};

}  // namespace cassia::client
