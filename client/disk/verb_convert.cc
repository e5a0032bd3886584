// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "client/disk/interrupt.h"
#include "client/disk/progress_printer.h"
#include "client/disk/verb.h"
#include "storage/ops/convert.h"

namespace cassia::client {
namespace {

/// "NAME", "snapshot.id=1" or "snapshot.name=x" of -l.
Result<std::string> snapshot_name(const std::string& text) {
  if (text.rfind("snapshot.", 0) != 0) return text;
  const storage::OptionMap parts = CASSIA_TRY(storage::parse_options(text));
  std::string name;
  for (const auto& [key, value] : parts) {
    if (key != "snapshot.id" && key != "snapshot.name") {
      return fail(ErrorKind::invalid_argument, "Failed in parsing snapshot param '{}'", text);
    }
    if (name.empty() || key == "snapshot.id") name = value;
  }
  return name;
}

Result<storage::ConvertSpec> parse_spec(const Arguments& arguments) {
  storage::ConvertSpec spec;
  if (arguments.names().size() != 2) {
    return fail(ErrorKind::invalid_argument, "Must specify one source and one target image file");
  }
  spec.source = arguments.names()[0];
  spec.target = arguments.names()[1];
  spec.source_format = arguments.value_or("-f", "");
  spec.target_format = arguments.value_or("-O", "raw");
  spec.force_share = arguments.has("-U") || arguments.has("--force-share");
  spec.compress = arguments.has("-c");
  spec.into_existing = arguments.has("-n");
  spec.options = CASSIA_TRY(merged_options(arguments));
  for (auto [option, field] : {std::pair{"backing_file", &spec.backing_file},
                               std::pair{"backing_fmt", &spec.backing_format}}) {
    if (auto found = spec.options.find(option); found != spec.options.end()) {
      *field = found->second;
      spec.options.erase(found);
    }
  }
  spec.backing_file = arguments.value_or("-B", spec.backing_file);
  spec.backing_format = arguments.value_or("-F", spec.backing_format);
  if (const auto snapshot = arguments.value("-l")) {
    spec.snapshot = CASSIA_TRY(snapshot_name(*snapshot));
  }
  if (const auto sparse = arguments.value("-S")) {
    spec.sparse_size = CASSIA_TRY(storage::parse_size(*sparse));
  }
  return spec;
}

}  // namespace

int run_convert(const VerbContext& context, const std::vector<std::string>& args) {
  // -t, -T, -m and -W tune qemu-img's I/O; Cassia does its own tuning and takes them as given.
  const auto parsed = Arguments::parse(args, {{"-U"},
                                              {"--force-share"},
                                              {"-c"},
                                              {"-p"},
                                              {"-q"},
                                              {"-n"},
                                              {"-W"},
                                              {"-f", true},
                                              {"-O", true},
                                              {"-B", true},
                                              {"-F", true},
                                              {"-o", true},
                                              {"-l", true},
                                              {"-S", true},
                                              {"-t", true},
                                              {"-T", true},
                                              {"-m", true}});
  if (!parsed) return report_usage(context.console, parsed.error());
  if (const auto options = parsed->value("-o"); options == "help" || options == "?") {
    const auto driver = context.images.formats.find(parsed->value_or("-O", "raw"));
    if (!driver) return report_failure(context.console, driver.error());
    context.console.out << describe_options(**driver);
    return 0;
  }
  const auto spec = parse_spec(*parsed);
  if (!spec) return report_usage(context.console, spec.error());
  storage::Progress progress;
  Result<void> done;
  {
    const InterruptGuard interrupts(progress);
    ProgressPrinter printer(context.console, progress, parsed->has("-p") && !parsed->has("-q"));
    done = storage::convert_image(context.images, *spec, progress);
    if (done) printer.complete();
  }
  return done ? 0 : report_failure(context.console, done.error().in("convert"));
}

}  // namespace cassia::client
