// SPDX-License-Identifier: Apache-2.0
#pragma once

// A verb of cassia-disk: parses its own arguments, runs one operation, renders the result, and
// returns the exit status. Local verbs work on image files of this machine.

#include <string>
#include <vector>

#include "client/disk/arguments.h"
#include "client/disk/console.h"
#include "storage/format/open.h"

namespace cassia::client {

struct VerbContext {
  const storage::ImageEnvironment& images;
  Console& console;
};

struct Verb {
  const char* name;
  const char* usage;  ///< what follows the name
  int (*run)(const VerbContext& context, const std::vector<std::string>& args);
};

int run_check(const VerbContext& context, const std::vector<std::string>& args);
int run_compare(const VerbContext& context, const std::vector<std::string>& args);
int run_convert(const VerbContext& context, const std::vector<std::string>& args);
int run_create(const VerbContext& context, const std::vector<std::string>& args);
int run_info(const VerbContext& context, const std::vector<std::string>& args);
int run_map(const VerbContext& context, const std::vector<std::string>& args);
int run_resize(const VerbContext& context, const std::vector<std::string>& args);
int run_snapshot(const VerbContext& context, const std::vector<std::string>& args);

constexpr int kExitCanceled = 130;  ///< as a shell reports SIGINT

/// Prints the error; 1, or kExitCanceled.
int report_failure(Console& console, const Error& error);

/// Prints what is wrong with the command line and where help is; 1.
int report_usage(Console& console, const Error& error);

/// The parsed arguments if there are exactly `count` names.
Result<Arguments> parse_named(const std::vector<std::string>& args,
                              const std::vector<OptionSpec>& known, std::size_t count);

/// "--output": true for json, false for human (or absent).
Result<bool> wants_json(const Arguments& arguments);

/// All "-o" options, merged.
Result<storage::OptionMap> merged_options(const Arguments& arguments);

/// The options of `driver`, for "-o help".
std::string describe_options(const storage::FormatDriver& driver);

}  // namespace cassia::client
