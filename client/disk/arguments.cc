// SPDX-License-Identifier: Apache-2.0
#include "client/disk/arguments.h"

#include <algorithm>

namespace cassia::client {
namespace {

const OptionSpec* find(const std::vector<OptionSpec>& known, std::string_view name) {
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const OptionSpec& spec) { return spec.name == name; });
  return found == known.end() ? nullptr : &*found;
}

tl::unexpected<Error> unknown(const std::string& option) {
  return fail(ErrorKind::invalid_argument, "unrecognized option '{}'", option);
}

tl::unexpected<Error> needs_value(const std::string& option) {
  return fail(ErrorKind::invalid_argument, "option '{}' requires an argument", option);
}

}  // namespace

Result<Arguments> Arguments::parse(const std::vector<std::string>& args,
                                   const std::vector<OptionSpec>& known) {
  Arguments parsed;
  const auto next_value = [&](std::size_t& at) -> std::optional<std::string> {
    if (at + 1 >= args.size()) return std::nullopt;
    return args[++at];
  };
  for (std::size_t at = 0; at < args.size(); ++at) {
    const std::string& arg = args[at];
    if (arg == "--") {
      parsed.names_.insert(parsed.names_.end(), args.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                           args.end());
      break;
    }
    if (arg.size() < 2 || arg[0] != '-') {
      parsed.names_.push_back(arg);
    } else if (arg[1] == '-') {
      const std::size_t equals = arg.find('=');
      const std::string name = arg.substr(0, equals);
      const OptionSpec* spec = find(known, name);
      if (spec == nullptr || (equals != std::string::npos && !spec->takes_value)) {
        return unknown(arg);
      }
      std::optional<std::string> value = std::string();
      if (spec->takes_value) {
        value = equals != std::string::npos ? arg.substr(equals + 1) : next_value(at);
      }
      if (!value) return needs_value(name);
      parsed.options_.emplace_back(name, *value);
    } else {
      for (std::size_t i = 1; i < arg.size(); ++i) {
        const std::string name = {'-', arg[i]};
        const OptionSpec* spec = find(known, name);
        if (spec == nullptr) return unknown(name);
        if (!spec->takes_value) {
          parsed.options_.emplace_back(name, "");
          continue;
        }
        const auto value = i + 1 < arg.size() ? std::optional(arg.substr(i + 1)) : next_value(at);
        if (!value) return needs_value(name);
        parsed.options_.emplace_back(name, *value);
        break;
      }
    }
  }
  return parsed;
}

bool Arguments::has(std::string_view option) const {
  return std::any_of(options_.begin(), options_.end(),
                     [&](const auto& given) { return given.first == option; });
}

std::optional<std::string> Arguments::value(std::string_view option) const {
  const auto found = std::find_if(options_.rbegin(), options_.rend(),
                                  [&](const auto& given) { return given.first == option; });
  if (found == options_.rend()) return std::nullopt;
  return found->second;
}

std::string Arguments::value_or(std::string_view option, std::string fallback) const {
  return value(option).value_or(std::move(fallback));
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  std::vector<std::string> found;
  for (const auto& [name, value] : options_) {
    if (name == option) found.push_back(value);
  }
  return found;
}

}  // namespace cassia::client
