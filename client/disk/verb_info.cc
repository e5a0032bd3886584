// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "client/disk/render_info.h"
#include "client/disk/verb.h"

namespace cassia::client {

int run_info(const VerbContext& context, const std::vector<std::string>& args) {
  const auto parsed = parse_named(
      args, {{"-f", true}, {"--output", true}, {"--backing-chain"}, {"-U"}, {"--force-share"}}, 1);
  if (!parsed) return report_usage(context.console, parsed.error());
  const auto json = wants_json(*parsed);
  if (!json) return report_usage(context.console, json.error());
  storage::InfoSpec spec;
  spec.path = parsed->names()[0];
  spec.format = parsed->value_or("-f", "");
  spec.force_share = parsed->has("-U") || parsed->has("--force-share");
  spec.backing_chain = parsed->has("--backing-chain");
  const auto entries = storage::image_info(context.images, spec);
  if (!entries) return report_failure(context.console, entries.error());
  if (*json) {
    context.console.out << info_json(*entries, spec.backing_chain);
    return 0;
  }
  bool first = true;
  for (const storage::InfoEntry& entry : *entries) {
    context.console.out << (first ? "" : "\n") << info_text(entry);
    first = false;
  }
  return 0;
}

}  // namespace cassia::client
