// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "client/disk/verb.h"
#include "storage/ops/resize.h"

namespace cassia::client {
namespace {

using Relation = storage::ResizeSpec::Relation;

Result<void> parse_size_argument(std::string text, storage::ResizeSpec& spec) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    spec.relation = text[0] == '+' ? Relation::grow_by : Relation::shrink_by;
    text.erase(0, 1);
  }
  spec.size = CASSIA_TRY(storage::parse_size(text));
  return {};
}

}  // namespace

int run_resize(const VerbContext& context, const std::vector<std::string>& args) {
  // The size comes last and may look like an option ("-1G").
  if (args.size() < 2) {
    return report_usage(context.console,
                        Error(ErrorKind::invalid_argument, "Expecting image file name and size"));
  }
  const std::vector<std::string> rest(args.begin(), args.end() - 1);
  const auto parsed = parse_named(rest, {{"-f", true}, {"-q"}, {"--shrink"}}, 1);
  if (!parsed) return report_usage(context.console, parsed.error());
  storage::ResizeSpec spec;
  spec.path = parsed->names()[0];
  spec.format = parsed->value_or("-f", "");
  spec.allow_shrink = parsed->has("--shrink");
  if (const auto size = parse_size_argument(args.back(), spec); !size) {
    return report_usage(context.console, size.error());
  }
  const auto done = storage::resize_image(context.images, spec);
  if (!done) return report_failure(context.console, done.error());
  if (!parsed->has("-q")) context.console.out << "Image resized.\n";
  return 0;
}

}  // namespace cassia::client
