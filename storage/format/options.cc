// SPDX-License-Identifier: Apache-2.0
#include "storage/format/options.h"

#include <cmath>
#include <cstdlib>
#include <limits>

namespace cassia::storage {

Result<OptionMap> parse_options(std::string_view text) {
  OptionMap options;
  std::size_t at = 0;
  while (at < text.size()) {
    std::string item;
    for (; at < text.size(); ++at) {
      if (text[at] == ',') {
        if (at + 1 >= text.size() || text[at + 1] != ',') break;
        ++at;
      }
      item += text[at];
    }
    ++at;
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == 0) return fail(ErrorKind::invalid_argument, "Invalid parameter '{}'", item);
    if (equals == std::string::npos) {
      options[item] = "on";
    } else {
      options[item.substr(0, equals)] = item.substr(equals + 1);
    }
  }
  return options;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const std::string number(text);
  const auto bad = [&] {
    return fail(
        ErrorKind::invalid_argument,
        "Invalid size '{}': give a number of bytes, or one with a suffix of k, M, G, T, P or E",
        text);
  };
  if (number.empty() || number.find_first_not_of("0123456789.") == 0) return bad();
  const std::size_t digits = number.find_first_not_of("0123456789.");
  std::uint64_t unit = 1;
  if (digits != std::string::npos) {
    static constexpr std::string_view suffixes = "bkmgtpe";
    const std::size_t power =
        suffixes.find(static_cast<char>(std::tolower(static_cast<unsigned char>(number[digits]))));
    if (power == std::string_view::npos || digits + 1 != number.size()) return bad();
    unit = std::uint64_t{1} << (10 * power);
  }
  const std::string value = number.substr(0, digits);
  if (value.find('.') != std::string::npos) {
    if (unit == 1 || value.find('.') != value.rfind('.')) return bad();
    const double bytes = std::strtod(value.c_str(), nullptr) * static_cast<double>(unit);
    if (!(bytes < 9.2e18)) return bad();
    return static_cast<std::uint64_t>(std::llround(bytes));
  }
  errno = 0;
  const unsigned long long count = std::strtoull(value.c_str(), nullptr, 10);
  if (errno != 0 ||
      count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit) {
    return bad();
  }
  return count * unit;
}

Result<bool> parse_switch(std::string_view name, std::string_view value) {
  if (value == "on" || value == "yes" || value == "true" || value == "y") return true;
  if (value == "off" || value == "no" || value == "false" || value == "n") return false;
  return fail(ErrorKind::invalid_argument, "Parameter '{}' expects 'on' or 'off'", name);
}

}  // namespace cassia::storage
