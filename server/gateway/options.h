// SPDX-License-Identifier: Apache-2.0
#pragma once

// Options of the gateway as text, by name. The same names are flags (--listen) and keys of the TOML
// file (listen = [...]); a flag replaces what the file says.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cassia::server {

using Options = std::map<std::string, std::vector<std::string>, std::less<>>;

struct OptionDescription {
  const char* name;
  const char* value;  ///< what it takes, for --help; empty for a switch
  bool repeatable;
  const char* help;
};

/// All of them, in the order of --help.
const std::vector<OptionDescription>& option_descriptions();

/// Errors name the file and the key.
Result<Options> read_options_file(const std::string& path);

struct CommandLine {
  Options options;
  /// Set for --help and --version: print it and end with status 0.
  std::string text_to_print;
};
/// Reads --config too and merges it.
Result<CommandLine> parse_command_line(int argc, const char* const* argv);

}  // namespace cassia::server
