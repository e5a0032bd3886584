// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "client/disk/render_info.h"
#include "client/disk/verb.h"
#include "storage/ops/snapshot.h"

namespace cassia::client {
namespace {

using storage::SnapshotAction;

Result<void> parse_action(const Arguments& arguments, storage::SnapshotSpec& spec) {
  int given = arguments.has("-l") ? 1 : 0;
  for (const auto& [option, action] :
       {std::pair{"-c", SnapshotAction::create}, std::pair{"-a", SnapshotAction::apply},
        std::pair{"-d", SnapshotAction::remove}}) {
    if (const auto name = arguments.value(option)) {
      spec.action = action;
      spec.name = *name;
      ++given;
    }
  }
  if (given > 1) {
    return fail(ErrorKind::invalid_argument, "Cannot mix '-l', '-a', '-c', '-d'");
  }
  return {};
}

}  // namespace

int run_snapshot(const VerbContext& context, const std::vector<std::string>& args) {
  const auto parsed = parse_named(args,
                                  {{"-l"},
                                   {"-a", true},
                                   {"-c", true},
                                   {"-d", true},
                                   {"-q"},
                                   {"-f", true},
                                   {"-U"},
                                   {"--force-share"}},
                                  1);
  if (!parsed) return report_usage(context.console, parsed.error());
  storage::SnapshotSpec spec;
  spec.path = parsed->names()[0];
  spec.format = parsed->value_or("-f", "");
  spec.force_share = parsed->has("-U") || parsed->has("--force-share");
  if (const auto action = parse_action(*parsed, spec); !action) {
    return report_usage(context.console, action.error());
  }
  const auto snapshots = storage::snapshot_image(context.images, spec);
  if (!snapshots) return report_failure(context.console, snapshots.error());
  if (spec.action == SnapshotAction::list && !snapshots->empty()) {
    context.console.out << snapshot_table(*snapshots);
  }
  return 0;
}

}  // namespace cassia::client
