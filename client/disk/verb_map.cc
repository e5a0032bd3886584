// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "client/disk/verb.h"
#include "storage/ops/map.h"

namespace cassia::client {
namespace {

using storage::MapEntry;

std::string json_line(const MapEntry& entry) {
  const storage::Extent& e = entry.extent;
  std::string line = fmt::format(
      "{{ \"start\": {}, \"length\": {}, \"depth\": {}, \"present\": {}, \"zero\": {}, \"data\": "
      "{}",
      e.offset, e.length, e.depth, e.allocated, e.zero, e.data);
  if (e.host_offset) line += fmt::format(", \"offset\": {}", *e.host_offset);
  return line + "}";
}

/// "0x10000", but "0" for zero, as C's %#x has it.
std::string hex(std::uint64_t value) { return value == 0 ? "0" : fmt::format("{:#x}", value); }

Result<std::uint64_t> size_option(const Arguments& arguments, const char* name,
                                  const char* short_name, std::uint64_t fallback) {
  auto text = arguments.value(name);
  if (!text) text = arguments.value(short_name);
  return text ? storage::parse_size(*text) : Result<std::uint64_t>(fallback);
}

Result<storage::MapSpec> parse_spec(const Arguments& arguments) {
  storage::MapSpec spec;
  spec.path = arguments.names()[0];
  spec.format = arguments.value_or("-f", "");
  spec.force_share = arguments.has("-U") || arguments.has("--force-share");
  spec.start = CASSIA_TRY(size_option(arguments, "--start-offset", "-s", 0));
  spec.max_length = CASSIA_TRY(size_option(arguments, "--max-length", "-l", spec.max_length));
  return spec;
}

}  // namespace

int run_map(const VerbContext& context, const std::vector<std::string>& args) {
  const auto parsed = parse_named(args,
                                  {{"-f", true},
                                   {"--output", true},
                                   {"--start-offset", true},
                                   {"-s", true},
                                   {"--max-length", true},
                                   {"-l", true},
                                   {"-U"},
                                   {"--force-share"}},
                                  1);
  if (!parsed) return report_usage(context.console, parsed.error());
  const auto json = wants_json(*parsed);
  if (!json) return report_usage(context.console, json.error());
  const auto spec = parse_spec(*parsed);
  if (!spec) return report_usage(context.console, spec.error());
  std::ostream& out = context.console.out;
  bool first = true;
  bool unnamed = false;
  const auto done = storage::map_image(context.images, *spec, [&](const MapEntry& entry) {
    if (*json) {
      out << (first ? "[" : ",\n") << json_line(entry);
    } else {
      if (first) {
        out << fmt::format("{:<16}{:<16}{:<16}{}\n", "Offset", "Length", "Mapped to", "File");
      }
      const storage::Extent& e = entry.extent;
      if (e.data && !e.zero) {
        unnamed = unnamed || !e.host_offset;
        if (e.host_offset) {
          out << fmt::format("{:<16}{:<16}{:<16}{}\n", hex(e.offset), hex(e.length),
                             hex(*e.host_offset), entry.filename);
        }
      }
    }
    first = false;
  });
  if (*json && done) out << (first ? "[]\n" : "]\n");
  if (!done) return report_failure(context.console, done.error());
  if (unnamed) {
    context.console.error("File contains external, encrypted or compressed clusters.");
    return 1;
  }
  return 0;
}

}  // namespace cassia::client
