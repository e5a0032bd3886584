// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/snapshot.h"

namespace cassia::storage {

Result<std::vector<SnapshotInfo>> snapshot_image(const ImageEnvironment& environment,
                                                 const SnapshotSpec& spec) {
  OpenSpec open;
  open.path = spec.path;
  open.format = spec.format;
  open.writable = spec.action != SnapshotAction::list;
  open.force_share = spec.force_share && !open.writable;
  open.with_backing = open.writable;
  const OpenedImage opened = CASSIA_TRY(open_image(environment, open));
  SnapshotStore* store = opened.image->snapshots();
  if (store == nullptr) {
    if (spec.action == SnapshotAction::list) return std::vector<SnapshotInfo>{};
    return fail(ErrorKind::unsupported, "{}: images of format {} hold no internal snapshots",
                spec.path, opened.driver->name());
  }
  switch (spec.action) {
    case SnapshotAction::list:
      return store->list();
    case SnapshotAction::create:
      CASSIA_TRY(store->create(spec.name));
      break;
    case SnapshotAction::apply:
      CASSIA_TRY(store->apply(spec.name));
      break;
    case SnapshotAction::remove:
      CASSIA_TRY(store->remove(spec.name));
      break;
  }
  CASSIA_TRY(opened.image->close());
  return store->list();
}

}  // namespace cassia::storage
