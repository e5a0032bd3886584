// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <ostream>

#include "client/disk/interrupt.h"
#include "client/disk/verb.h"
#include "storage/ops/check.h"

namespace cassia::client {
namespace {

using storage::CheckOutcome;
using storage::CheckReport;

constexpr int kExitCorrupt = 2;
constexpr int kExitLeaks = 3;
constexpr int kExitUnsupported = 63;

std::string check_json(const CheckOutcome& outcome) {
  const CheckReport& report = outcome.report;
  nlohmann::ordered_json json;
  const auto add = [&](const char* name, std::uint64_t value) {
    if (value != 0) json[name] = value;
  };
  // In the order in which qemu-img happens to print them.
  add("image-end-offset", report.image_end_offset);
  add("compressed-clusters", report.compressed_clusters);
  add("total-clusters", report.total_clusters);
  add("corruptions", report.corruptions);
  add("corruptions-fixed", report.corruptions_fixed);
  json["check-errors"] = report.check_errors;
  add("leaks", report.leaks);
  add("leaks-fixed", report.leaks_fixed);
  add("allocated-clusters", report.allocated_clusters);
  json["filename"] = outcome.filename;
  json["format"] = outcome.format;
  add("fragmented-clusters", report.fragmented_clusters);
  return json.dump(4, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) * 100.0 / static_cast<double>(whole);
}

std::string check_text(const CheckOutcome& outcome) {
  const CheckReport& r = outcome.report;
  std::string text;
  if (outcome.repaired) {
    text += fmt::format(
        "The following inconsistencies were found and repaired:\n\n    {} leaked clusters\n    {} "
        "corruptions\n\nDouble checking the fixed image now...\n",
        r.leaks_fixed, r.corruptions_fixed);
  }
  if (r.corruptions + r.leaks + r.check_errors == 0) {
    text += "No errors were found on the image.\n";
  }
  if (r.corruptions > 0) {
    text += fmt::format(
        "\n{} errors were found on the image.\nData may be corrupted, or further writes to the "
        "image may corrupt it.\n",
        r.corruptions);
  }
  if (r.leaks > 0) {
    text += fmt::format(
        "\n{} leaked clusters were found on the image.\nThis means waste of disk space, but no "
        "harm to data.\n",
        r.leaks);
  }
  if (r.check_errors > 0) {
    text += fmt::format("\n{} internal errors have occurred during the check.\n", r.check_errors);
  }
  if (r.total_clusters != 0 && r.allocated_clusters != 0) {
    text += fmt::format(
        "{}/{} = {:.2f}% allocated, {:.2f}% fragmented, {:.2f}% compressed clusters\n",
        r.allocated_clusters, r.total_clusters, percent(r.allocated_clusters, r.total_clusters),
        percent(r.fragmented_clusters, r.allocated_clusters),
        percent(r.compressed_clusters, r.allocated_clusters));
  }
  if (r.image_end_offset != 0) text += fmt::format("Image end offset: {}\n", r.image_end_offset);
  return text;
}

Result<storage::CheckSpec> parse_spec(const Arguments& arguments) {
  storage::CheckSpec spec;
  spec.path = arguments.names()[0];
  spec.format = arguments.value_or("-f", "");
  spec.force_share = arguments.has("-U") || arguments.has("--force-share");
  if (const auto repair = arguments.value("-r")) {
    if (*repair == "leaks") {
      spec.repair = storage::Repair::leaks;
    } else if (*repair == "all") {
      spec.repair = storage::Repair::all;
    } else {
      return fail(ErrorKind::invalid_argument,
                  "-r expects 'leaks' or 'all' as its argument, not '{}'", *repair);
    }
  }
  return spec;
}

int status_of(const CheckReport& report) {
  if (report.corruptions > 0) return kExitCorrupt;
  if (report.leaks > 0) return kExitLeaks;
  return report.check_errors > 0 ? 1 : 0;
}

}  // namespace

int run_check(const VerbContext& context, const std::vector<std::string>& args) {
  const auto parsed = parse_named(args,
                                  {{"-q"},
                                   {"-f", true},
                                   {"--output", true},
                                   {"-r", true},
                                   {"-T", true},
                                   {"-U"},
                                   {"--force-share"}},
                                  1);
  if (!parsed) return report_usage(context.console, parsed.error());
  const auto json = wants_json(*parsed);
  if (!json) return report_usage(context.console, json.error());
  const auto spec = parse_spec(*parsed);
  if (!spec) return report_usage(context.console, spec.error());
  storage::Progress progress;
  const auto outcome = [&] {
    const InterruptGuard interrupts(progress);
    return storage::check_image(context.images, *spec, progress);
  }();
  if (!outcome) {
    const int status = report_failure(context.console, outcome.error());
    return outcome.error().kind() == ErrorKind::unsupported ? kExitUnsupported : status;
  }
  if (!parsed->has("-q")) {
    for (const std::string& line : outcome->report.messages) context.console.err << line << '\n';
    context.console.out << (*json ? check_json(*outcome) : check_text(*outcome));
  }
  return status_of(outcome->report);
}

}  // namespace cassia::client
