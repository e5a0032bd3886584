// SPDX-License-Identifier: Apache-2.0
#include "client/disk/console.h"

#include <array>
#include <ctime>
#include <ostream>

namespace cassia::client {

void Console::error(std::string_view message) {
  out.flush();
  err << "cassia-disk: " << message << std::endl;
}

void Console::error(const Error& error) { this->error(error.message()); }

std::string human_size(std::uint64_t bytes) {
  static constexpr std::array<const char*, 7> units{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::size_t unit = 0;
  double value = static_cast<double>(bytes);
  // From 1000 on the next unit, so that three digits are enough.
  while (value >= 1000.0 && unit + 1 < units.size()) {
    value /= 1024.0;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%0.3g %sB", value, units[unit]);
  return text.data();
}

std::string local_time(std::uint32_t seconds) {
  const std::time_t when = seconds;
  std::tm local{};
  localtime_r(&when, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

std::string clock_time(std::uint64_t nanoseconds) {
  const std::uint64_t seconds = nanoseconds / 1000000000;
  return fmt::format("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     nanoseconds / 1000000 % 1000);
}

}  // namespace cassia::client
