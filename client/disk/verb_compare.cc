// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "client/disk/interrupt.h"
#include "client/disk/progress_printer.h"
#include "client/disk/verb.h"
#include "storage/ops/compare.h"

namespace cassia::client {
namespace {

using storage::CompareOutcome;
using storage::CompareVerdict;

constexpr int kExitDiffer = 1;
constexpr int kExitNotOpened = 2;
constexpr int kExitReadFailed = 4;

std::string compare_text(const CompareOutcome& outcome) {
  std::string text;
  if (outcome.sizes_differ && outcome.verdict != CompareVerdict::size_differs) {
    text = "Warning: Image size mismatch!\n";
  }
  switch (outcome.verdict) {
    case CompareVerdict::identical:
      return text + "Images are identical.\n";
    case CompareVerdict::size_differs:
      return "Strict mode: Image size mismatch!\n";
    case CompareVerdict::allocation_differs:
      return text + fmt::format("Strict mode: Offset {} block status mismatch!\n", outcome.offset);
    case CompareVerdict::content_differs:
      return text + fmt::format("Content mismatch at offset {}!\n", outcome.offset);
  }
  return text;
}

}  // namespace

int run_compare(const VerbContext& context, const std::vector<std::string>& args) {
  const auto parsed = parse_named(
      args,
      {{"-f", true}, {"-F", true}, {"-T", true}, {"-p"}, {"-q"}, {"-s"}, {"-U"}, {"--force-share"}},
      2);
  if (!parsed) {
    report_usage(context.console, parsed.error());
    return kExitNotOpened;
  }
  storage::CompareSpec spec;
  spec.first = parsed->names()[0];
  spec.second = parsed->names()[1];
  spec.first_format = parsed->value_or("-f", "");
  spec.second_format = parsed->value_or("-F", "");
  spec.force_share = parsed->has("-U") || parsed->has("--force-share");
  spec.strict = parsed->has("-s");
  storage::Progress progress;
  const auto outcome = [&] {
    const InterruptGuard interrupts(progress);
    ProgressPrinter printer(context.console, progress, parsed->has("-p") && !parsed->has("-q"));
    auto result = storage::compare_images(context.images, spec, progress);
    if (result) printer.complete();
    return result;
  }();
  if (!outcome) {
    const int status = report_failure(context.console, outcome.error());
    if (status == kExitCanceled) return status;
    return outcome.error().kind() == ErrorKind::io ? kExitReadFailed : kExitNotOpened;
  }
  if (!parsed->has("-q")) context.console.out << compare_text(*outcome);
  return outcome->verdict == CompareVerdict::identical ? 0 : kExitDiffer;
}

}  // namespace cassia::client
