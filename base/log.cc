// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>

namespace cassia {
namespace {
constexpr std::array<std::string_view, 5> level_names = {"debug", "info", "warn", "error", "off"};
}

namespace detail {
std::atomic<LogLevel> log_level{LogLevel::info};

void log_line(LogLevel level, std::string_view component, std::string_view text) {
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  const std::string line =
      fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z {} {}: {}\n", utc, millis,
                  level_names[static_cast<std::size_t>(level)], component, text);
  // A log that cannot be written has nowhere to complain.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}
}  // namespace detail

void set_log_level(LogLevel level) { detail::log_level = level; }

bool set_log_level(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) {
      set_log_level(static_cast<LogLevel>(i));
      return true;
    }
  }
  return false;
}

}  // namespace cassia
