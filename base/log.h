// SPDX-License-Identifier: Apache-2.0
#pragma once

// Log lines on stderr: "2026-01-31T12:00:00.123Z info gateway: listening on 127.0.0.1:5999".
// Thread-safe; one write(2) a line. Disabled levels cost one atomic load.

#include <fmt/format.h>

#include <atomic>
#include <string_view>

namespace cassia {

enum class LogLevel { debug, info, warn, error, off };

namespace detail {
extern std::atomic<LogLevel> log_level;
void log_line(LogLevel level, std::string_view component, std::string_view text);
}  // namespace detail

void set_log_level(LogLevel level);
/// "debug", "info", "warn", "error", "off"; false if it is none of them.
bool set_log_level(std::string_view name);

inline bool log_enabled(LogLevel level) {
  return level >= detail::log_level.load(std::memory_order_relaxed);
}

template <class... Args>
void log(LogLevel level, std::string_view component, fmt::format_string<Args...> format,
         Args&&... args) {
  if (log_enabled(level)) {
    detail::log_line(level, component, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <class... Args>
void log_debug(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::debug, component, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_info(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::info, component, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_warn(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::warn, component, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_error(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::error, component, format, std::forward<Args>(args)...);
}

}  // namespace cassia
