// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/resize.h"

#include <limits>

namespace cassia::storage {

Result<std::uint64_t> resize_image(const ImageEnvironment& environment, const ResizeSpec& spec) {
  OpenSpec open;
  open.path = spec.path;
  open.format = spec.format;
  open.writable = true;
  const OpenedImage opened = CASSIA_TRY(open_image(environment, open));
  const std::uint64_t now = opened.image->size();
  std::uint64_t wanted = spec.size;
  if (spec.relation == ResizeSpec::Relation::grow_by) {
    wanted = spec.size > std::numeric_limits<std::int64_t>::max() - now ? 0 : now + spec.size;
  } else if (spec.relation == ResizeSpec::Relation::shrink_by) {
    wanted = spec.size >= now ? 0 : now - spec.size;
  }
  if (wanted == 0) {
    return fail(ErrorKind::invalid_argument, "{}: New image size must be positive", spec.path);
  }
  wanted = (wanted + 511) / 512 * 512;
  if (wanted < now && !spec.allow_shrink) {
    return fail(ErrorKind::invalid_argument,
                "{}: Use the --shrink option to perform a shrink operation", spec.path);
  }
  if (wanted != now) CASSIA_TRY(opened.image->resize(wanted));
  CASSIA_TRY(opened.image->close());
  return opened.image->size();
}

}  // namespace cassia::storage
