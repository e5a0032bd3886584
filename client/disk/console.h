// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a command writes, and how it writes sizes and dates.

#include <cstdint>
#include <cstdio>
#include <iosfwd>
#include <string>

#include "base/result.h"

namespace cassia::client {

struct Console {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;

  /// "cassia-disk: message" on err.
  void error(const Error& error);
  void error(std::string_view message);
};

/// "1.5 GiB", "0 B": three significant digits.
std::string human_size(std::uint64_t bytes);
/// Local time, "2026-01-31 12:00:00".
std::string local_time(std::uint32_t seconds);
/// "00:00:01.234".
std::string clock_time(std::uint64_t nanoseconds);

}  // namespace cassia::client
