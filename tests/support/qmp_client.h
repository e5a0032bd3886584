// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "tests/support/picture.h"
#include "tests/support/wait.h"

namespace cassia::test {

/// A small blocking QMP client for tests, independent of the project's own.
class QmpClient {
 public:
  /// Connects to a socket of QEMU and takes it out of negotiation mode.
  static Result<QmpClient> connect(const std::filesystem::path& socket,
                                   Timeout limit = std::chrono::seconds(20));

  /// One command; its "return" value, or the error that QEMU gave.
  Result<nlohmann::json> execute(std::string_view command,
                                 nlohmann::json arguments = nlohmann::json::object());

  /// The next event of that name, among those that came already or come within `limit`.
  Result<nlohmann::json> wait_event(std::string_view name,
                                    Timeout limit = std::chrono::seconds(20));

  /// Presses keys together, by QEMU's names, e.g. {"ctrl", "c"}.
  Result<void> press(const std::vector<std::string>& keys);

  /// Types ASCII text as on a US keyboard; "\n" is the Enter key.
  Result<void> type(std::string_view text);

  /// What QEMU says is on the screen.
  Result<Picture> screendump();

  /// The screen once it has stopped changing: ten looks in a row that see the same.
  Result<Picture> steady_screen(Timeout limit = std::chrono::seconds(30));

 private:
  Result<nlohmann::json> next_message(Timeout limit);

  FileDescriptor socket_;
  std::string received_;
  std::deque<nlohmann::json> events_;
};

}  // namespace cassia::test
