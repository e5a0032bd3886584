// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "client/disk/verb.h"
#include "storage/ops/create.h"

namespace cassia::client {
namespace {

std::string formatting_line(const storage::CreatePlan& plan) {
  std::string line = fmt::format("Formatting '{}', fmt={}", plan.path, plan.driver->name());
  for (const auto& [name, value] : plan.driver->describe_create(plan.spec)) {
    line += fmt::format(" {}={}", name, value);
  }
  return line + "\n";
}

std::string take(storage::OptionMap& options, std::string_view name) {
  const auto found = options.find(name);
  if (found == options.end()) return {};
  std::string value = std::move(found->second);
  options.erase(found);
  return value;
}

Result<storage::CreateImageSpec> parse_spec(const Arguments& arguments) {
  storage::CreateImageSpec spec;
  if (arguments.names().empty() || arguments.names().size() > 2) {
    return fail(ErrorKind::invalid_argument, "Expecting image file name");
  }
  spec.path = arguments.names()[0];
  spec.format = arguments.value_or("-f", "raw");
  spec.options = CASSIA_TRY(merged_options(arguments));
  spec.backing_file = take(spec.options, "backing_file");
  spec.backing_format = take(spec.options, "backing_fmt");
  spec.backing_file = arguments.value_or("-b", spec.backing_file);
  spec.backing_format = arguments.value_or("-F", spec.backing_format);
  spec.backing_unchecked = arguments.has("-u");
  std::string size = take(spec.options, "size");
  if (arguments.names().size() == 2) size = arguments.names()[1];
  if (!size.empty()) spec.size = CASSIA_TRY(storage::parse_size(size));
  return spec;
}

}  // namespace

int run_create(const VerbContext& context, const std::vector<std::string>& args) {
  const auto parsed = Arguments::parse(
      args, {{"-q"}, {"-f", true}, {"-b", true}, {"-F", true}, {"-u"}, {"-o", true}});
  if (!parsed) return report_usage(context.console, parsed.error());
  if (const auto options = parsed->value("-o"); options == "help" || options == "?") {
    const auto driver = context.images.formats.find(parsed->value_or("-f", "raw"));
    if (!driver) return report_failure(context.console, driver.error());
    context.console.out << describe_options(**driver);
    return 0;
  }
  const auto spec = parse_spec(*parsed);
  if (!spec) return report_usage(context.console, spec.error());
  const auto plan = storage::plan_create(context.images, *spec);
  if (!plan) return report_failure(context.console, plan.error());
  if (!parsed->has("-q")) context.console.out << formatting_line(*plan) << std::flush;
  if (const auto done = storage::create_image(*plan); !done) {
    return report_failure(context.console, done.error());
  }
  return 0;
}

}  // namespace cassia::client
