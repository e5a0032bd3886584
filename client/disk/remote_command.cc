// SPDX-License-Identifier: Apache-2.0
#include "client/disk/remote_command.h"

#include <algorithm>
#include <charconv>

#include "client/disk/arguments.h"
#include "protocol/storage/check.h"
#include "protocol/storage/describe.h"

namespace cassia::client {
namespace {

using nlohmann::json;
using storage::Parameter;
using storage::ValueType;
using storage::Verb;

const std::vector<OptionSpec> general_options{
    {"-p", false},       {"--user", true},         {"--output", true}, {"--password-file", true},
    {"--ca-file", true}, {"--host-subject", true}, {"--proxy", true},  {"--secure-channels", true}};

std::string_view word_of(const Verb& verb) {
  return verb.command.substr(0, verb.command.find(' '));
}

/// The flag that tells the verb from others with the same word; empty if none does.
std::string_view selector_of(const Verb& verb) {
  const std::size_t space = verb.command.find(' ');
  return space == std::string_view::npos ? std::string_view() : verb.command.substr(space + 1);
}

/// The place of the verb's word: general options may stand before it.
Result<std::size_t> find_word(const std::vector<std::string>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].empty() || args[i][0] != '-') return i;
    const auto takes_value = [&](const OptionSpec& option) {
      return option.takes_value && option.name == args[i];
    };
    if (std::any_of(general_options.begin(), general_options.end(), takes_value)) ++i;
  }
  return fail(ErrorKind::invalid_argument,
              "what shall be done with the VM's disks? (list, attach, ...)");
}

std::vector<const Verb*> verbs_with(std::string_view word) {
  std::vector<const Verb*> found;
  for (const Verb& verb : storage::verbs()) {
    if (word_of(verb) == word) found.push_back(&verb);
  }
  return found;
}

Result<const Verb*> select(const std::vector<const Verb*>& candidates, const Arguments& arguments) {
  std::string selectors;
  for (const Verb* verb : candidates) {
    const std::string_view selector = selector_of(*verb);
    if (selector.empty() || arguments.has(selector)) return verb;
    selectors += fmt::format("{}{}", selectors.empty() ? "" : ", ", selector);
  }
  return fail(ErrorKind::invalid_argument, "{} needs one of {}", word_of(*candidates.front()),
              selectors);
}

Result<json> value_of(const Parameter& parameter, const std::string& text) {
  if (parameter.type != ValueType::integer) return json(text);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(ErrorKind::invalid_argument, "{}: '{}' is not a number", parameter.name, text);
  }
  return json(number);
}

Result<json> params_of(const Verb& verb, const Arguments& arguments) {
  json params = json::object();
  auto name = arguments.names().begin() + 1;  // after the verb's word
  for (const Parameter& parameter : verb.parameters) {
    const std::string key(parameter.name);
    if (parameter.flag.empty()) {
      if (name != arguments.names().end()) params[key] = CASSIA_TRY(value_of(parameter, *name++));
    } else if (parameter.type == ValueType::boolean) {
      if (arguments.has(parameter.flag)) params[key] = true;
    } else if (const auto value = arguments.value(parameter.flag)) {
      params[key] = CASSIA_TRY(value_of(parameter, *value));
    }
  }
  const bool complete =
      std::all_of(verb.parameters.begin(), verb.parameters.end(), [&](const Parameter& parameter) {
        return !parameter.required || params.contains(parameter.name);
      });
  if (!complete || name != arguments.names().end()) {
    return fail(ErrorKind::invalid_argument, "usage: cassia-disk --connect URI {}", usage(verb));
  }
  CASSIA_TRY(check_params(verb, params));
  return params;
}

std::vector<OptionSpec> options_of(const std::vector<const Verb*>& candidates) {
  std::vector<OptionSpec> known = general_options;
  for (const Verb* verb : candidates) {
    for (const Parameter& parameter : verb->parameters) {
      if (parameter.flag.empty()) continue;
      known.push_back({std::string(parameter.flag), parameter.type != ValueType::boolean});
    }
  }
  return known;
}

}  // namespace

Result<RemoteCommand> parse_remote_command(const std::vector<std::string>& args) {
  const std::size_t at = CASSIA_TRY(find_word(args));
  const auto candidates = verbs_with(args[at]);
  if (candidates.empty()) {
    return fail(ErrorKind::invalid_argument, "Command not found: {}", args[at]);
  }
  const Arguments arguments = CASSIA_TRY(Arguments::parse(args, options_of(candidates)));
  RemoteCommand command;
  command.verb = CASSIA_TRY(select(candidates, arguments));
  command.params = CASSIA_TRY(params_of(*command.verb, arguments));
  command.progress = arguments.has("-p");
  const std::string form = arguments.value_or("--output", "human");
  if (form != "human" && form != "json") {
    return fail(ErrorKind::invalid_argument, "--output must be human or json, not '{}'", form);
  }
  command.json_output = form == "json";
  command.user = arguments.value_or("--user", "");
  command.password_file = arguments.value_or("--password-file", "");
  command.ca_file = arguments.value_or("--ca-file", "");
  command.host_subject = arguments.value_or("--host-subject", "");
  command.proxy = arguments.value_or("--proxy", "");
  command.secure_channels = arguments.value_or("--secure-channels", "");
  return command;
}

std::string remote_usage() {
  std::string text;
  for (const Verb& verb : storage::verbs()) text += fmt::format("  {}\n", usage(verb));
  return text;
}

}  // namespace cassia::client
