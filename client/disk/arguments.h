// SPDX-License-Identifier: Apache-2.0
#pragma once

// The command line in getopt's forms, which qemu-img's users have in their fingers: "-f raw",
// "-fraw", "-pq", "--output json", "--output=json", options and names in any order, "--" ends them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cassia::client {

struct OptionSpec {
  std::string name;  ///< "-f" or "--output"
  bool takes_value = false;
};

class Arguments {
 public:
  /// Sorts `args` into options that `known` lists and names; anything else is an error.
  static Result<Arguments> parse(const std::vector<std::string>& args,
                                 const std::vector<OptionSpec>& known);

  bool has(std::string_view option) const;
  /// The last value given.
  std::optional<std::string> value(std::string_view option) const;
  std::string value_or(std::string_view option, std::string fallback) const;
  /// All values given, in order.
  std::vector<std::string> values(std::string_view option) const;
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::pair<std::string, std::string>> options_;
  std::vector<std::string> names_;
};

}  // namespace cassia::client
