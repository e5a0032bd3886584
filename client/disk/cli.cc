// SPDX-License-Identifier: Apache-2.0
#include "client/disk/cli.h"

#include <algorithm>
#include <array>
#include <ostream>

#include "client/disk/verb.h"

namespace cassia::client {
namespace {

constexpr std::array<Verb, 8> kVerbs{{
    {"check", "[-q] [-f FMT] [--output human|json] [-r leaks|all] [-U] FILE", run_check},
    {"compare", "[-f FMT] [-F FMT] [-p] [-q] [-s] [-U] FILE1 FILE2", run_compare},
    {"convert",
     "[-U] [-c] [-p] [-q] [-n] [-f FMT] [-O FMT] [-B BACKING [-F FMT]] [-o OPTIONS] [-l SNAPSHOT] "
     "[-S SIZE] FILE TARGET",
     run_convert},
    {"create", "[-q] [-f FMT] [-b BACKING [-F FMT]] [-u] [-o OPTIONS] FILE [SIZE]", run_create},
    {"info", "[-f FMT] [--output human|json] [--backing-chain] [-U] FILE", run_info},
    {"map", "[-f FMT] [--start-offset N] [--max-length N] [--output human|json] [-U] FILE",
     run_map},
    {"resize", "[-f FMT] [-q] [--shrink] FILE [+|-]SIZE", run_resize},
    {"snapshot", "[-U] [-q] [-f FMT] [-l | -a SNAPSHOT | -c NAME | -d SNAPSHOT] FILE",
     run_snapshot},
}};

void print_help(const storage::FormatRegistry& formats, std::ostream& out) {
  out << "usage: cassia-disk VERB ARGUMENTS\n"
         "       cassia-disk --connect URI VERB ARGUMENTS   (cassia-disk --connect URI "
         "--help)\n\nOn image files of this machine:\n";
  for (const Verb& verb : kVerbs) out << "  " << verb.name << ' ' << verb.usage << '\n';
  out << "\nSupported formats:";
  for (const std::string& name : formats.names()) out << ' ' << name;
  out << "\nThe manual page cassia-disk(1) explains all of it.\n";
}

/// Where "--connect" stands; no verb on local files has such an option.
std::vector<std::string>::const_iterator find_connect(const std::vector<std::string>& args) {
  return std::find_if(args.begin(), args.end(), [](const std::string& arg) {
    return arg == "--connect" || arg.rfind("--connect=", 0) == 0;
  });
}

int connect(const std::vector<std::string>& args, Console& console, const RemoteRunner& remote) {
  std::vector<std::string> rest = args;
  const auto at = rest.begin() + (find_connect(args) - args.begin());
  const bool joined = at->size() > std::string_view("--connect").size();
  if (!joined && at + 1 == rest.end()) {
    console.error("option '--connect' requires an argument");
    return 1;
  }
  if (!remote) {
    console.error("this cassia-disk was built without a way to connect to a gateway");
    return 1;
  }
  const std::string uri = joined ? at->substr(10) : *(at + 1);
  rest.erase(at, at + (joined ? 1 : 2));
  return remote(uri, rest, console);
}

}  // namespace

int run_cli(const std::vector<std::string>& args, Console& console, const RemoteRunner& remote) {
  const storage::FormatRegistry formats = storage::FormatRegistry::standard();
  const storage::FollowAll references;
  const storage::ImageEnvironment environment{formats, references};
  if (args.empty()) {
    console.error("Not enough arguments");
    console.err << "Try 'cassia-disk --help' for more information\n";
    return 1;
  }
  const std::string& first = args[0];
  if (first == "--help" || first == "-h") {
    print_help(formats, console.out);
    return 0;
  }
  if (first == "--version" || first == "-V") {
    console.out << "cassia-disk " CASSIA_VERSION "\n";
    return 0;
  }
  if (find_connect(args) != args.end()) return connect(args, console, remote);
  const auto verb = std::find_if(kVerbs.begin(), kVerbs.end(),
                                 [&](const Verb& candidate) { return candidate.name == first; });
  if (verb == kVerbs.end()) {
    console.error("Command not found: " + first);
    console.err << "Try 'cassia-disk --help' for more information\n";
    return 1;
  }
  const std::vector<std::string> rest(args.begin() + 1, args.end());
  if (!rest.empty() && (rest[0] == "--help" || rest[0] == "-h")) {
    console.out << "usage: cassia-disk " << verb->name << ' ' << verb->usage << '\n';
    return 0;
  }
  return verb->run({environment, console}, rest);
}

int report_failure(Console& console, const Error& error) {
  console.error(error);
  return error.kind() == ErrorKind::canceled ? kExitCanceled : 1;
}

int report_usage(Console& console, const Error& error) {
  console.error(error);
  console.err << "Try 'cassia-disk --help' for more information\n";
  return 1;
}

Result<Arguments> parse_named(const std::vector<std::string>& args,
                              const std::vector<OptionSpec>& known, std::size_t count) {
  auto parsed = CASSIA_TRY(Arguments::parse(args, known));
  if (parsed.names().size() == count) return parsed;
  return fail(ErrorKind::invalid_argument, "Expecting {} image file name{}",
              count == 1 ? "one" : "two", count == 1 ? "" : "s");
}

Result<bool> wants_json(const Arguments& arguments) {
  const std::string form = arguments.value_or("--output", "human");
  if (form == "json") return true;
  if (form == "human") return false;
  return fail(ErrorKind::invalid_argument, "--output must be used with human or json as argument.");
}

Result<storage::OptionMap> merged_options(const Arguments& arguments) {
  storage::OptionMap all;
  for (const std::string& text : arguments.values("-o")) {
    for (auto& [name, value] : CASSIA_TRY(storage::parse_options(text))) all[name] = value;
  }
  return all;
}

std::string describe_options(const storage::FormatDriver& driver) {
  std::string text = fmt::format("Supported {} options:\n", driver.name());
  for (const storage::CreateOption& option : driver.create_options()) {
    text += fmt::format("  {:<22} - {}\n", option.name + "=<value>", option.help);
  }
  return text;
}

}  // namespace cassia::client
