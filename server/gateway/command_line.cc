// SPDX-License-Identifier: Apache-2.0
// The flags of cassia-gateway (CLI11).

#include <CLI/CLI.hpp>
#include <memory>

#include "server/gateway/options.h"

namespace cassia::server {
namespace {

struct Parsed {
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> switches;
  std::string config;
  bool version = false;
};

void describe(CLI::App& app, Parsed& parsed) {
  for (const OptionDescription& option : option_descriptions()) {
    const std::string flag = std::string("--") + option.name;
    if (option.value[0] == '\0') {
      app.add_flag(flag, parsed.switches[option.name], option.help);
      continue;
    }
    auto* added = app.add_option(flag, parsed.values[option.name], option.help);
    added->type_name(option.value)->expected(1);
    added->multi_option_policy(option.repeatable ? CLI::MultiOptionPolicy::TakeAll
                                                 : CLI::MultiOptionPolicy::Throw);
  }
  app.add_option("--config", parsed.config, "read options from a TOML file (same names, no dashes)")
      ->type_name("FILE");
  app.add_flag("--version", parsed.version, "print the version and end");
}

}  // namespace

Result<CommandLine> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Serves a virtual machine's screen to SPICE viewers.", "cassia-gateway");
  Parsed parsed;
  describe(app, parsed);
  CommandLine out;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    out.text_to_print = app.help();
    return out;
  } catch (const CLI::ParseError& error) {
    return fail(ErrorKind::invalid_argument, "{}", error.what());
  }
  if (parsed.version) {
    out.text_to_print = "cassia-gateway " CASSIA_VERSION "\n";
    return out;
  }
  if (!parsed.config.empty()) out.options = CASSIA_TRY(read_options_file(parsed.config));
  for (auto& [name, values] : parsed.values) {
    if (!values.empty()) out.options[name] = std::move(values);
  }
  for (const auto& [name, on] : parsed.switches) {
    if (on) out.options[name] = {"true"};
  }
  return out;
}

}  // namespace cassia::server
