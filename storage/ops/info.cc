// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/info.h"

#include <set>

namespace cassia::storage {

Result<std::vector<InfoEntry>> image_info(const ImageEnvironment& environment,
                                          const InfoSpec& spec) {
  std::vector<InfoEntry> entries;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  OpenSpec next;
  next.path = spec.path;
  next.format = spec.format;
  next.force_share = spec.force_share;
  next.with_backing = false;
  while (true) {
    const OpenedImage opened = CASSIA_TRY(open_image(environment, next));
    if (!seen.insert(opened.file->identity()).second) {
      return fail(ErrorKind::malformed, "{}: the chain of backing images loops back to this file",
                  next.path.string());
    }
    InfoEntry entry;
    entry.filename = next.path.string();
    entry.actual_size = CASSIA_TRY(opened.file->allocated_bytes());
    entry.image = opened.image->info();
    if (!entry.image.backing_file.empty()) {
      const auto below = resolve_reference(next.path, entry.image.backing_file);
      if (!below && spec.backing_chain) return fail(below.error());
      entry.full_backing_filename = below ? below->string() : entry.image.backing_file;
    }
    entries.push_back(entry);
    if (!spec.backing_chain || entry.full_backing_filename.empty()) return entries;
    CASSIA_TRY(environment.references.allow(next.path, entry.full_backing_filename));
    next.path = entry.full_backing_filename;
    next.format = entry.image.backing_format;
  }
}

}  // namespace cassia::storage
