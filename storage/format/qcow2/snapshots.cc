// SPDX-License-Identifier: Apache-2.0
// Internal snapshots: L1 tables that share L2 tables and clusters through refcounts.

#include <algorithm>
#include <chrono>

#include "storage/format/qcow2/image.h"

namespace cassia::storage::qcow2 {

std::vector<SnapshotInfo> Qcow2Image::list() const {
  std::shared_lock lock(mutex_);
  std::vector<SnapshotInfo> infos;
  for (const Snapshot& snapshot : snapshots_.snapshots) infos.push_back(snapshot.info);
  return infos;
}

Result<std::size_t> Qcow2Image::find_snapshot(const std::string& id_or_name) const {
  const auto& all = snapshots_.snapshots;
  const auto by = [&](auto member) {
    return std::find_if(all.begin(), all.end(),
                        [&](const Snapshot& s) { return s.info.*member == id_or_name; });
  };
  auto found = by(&SnapshotInfo::id);
  if (found == all.end()) found = by(&SnapshotInfo::name);
  if (found == all.end()) {
    return fail(ErrorKind::not_found, "{}: has no snapshot '{}'", name(), id_or_name);
  }
  return static_cast<std::size_t>(found - all.begin());
}

/// One more than the highest number in use.
std::string Qcow2Image::next_snapshot_id() const {
  std::uint64_t highest = 0;
  for (const Snapshot& snapshot : snapshots_.snapshots) {
    highest = std::max<std::uint64_t>(highest, std::strtoul(snapshot.info.id.c_str(), nullptr, 10));
  }
  return std::to_string(highest + 1);
}

/// Writes an L1 table into fresh clusters; returns where.
Result<std::uint64_t> Qcow2Image::store_l1(const std::vector<std::uint64_t>& entries) {
  if (entries.empty()) return 0;  // a disk of size 0: a table without a place
  const std::uint64_t clusters = geometry_.clusters(entries.size() * 8);
  const std::uint64_t offset = CASSIA_TRY(allocator_->allocate(clusters));
  Bytes raw(clusters << geometry_.cluster_bits);
  for (std::size_t i = 0; i < entries.size(); ++i) store_be64(&raw[i * 8], entries[i]);
  CASSIA_TRY(file_->write(offset, raw));
  allocator_->protect(offset, raw.size());
  return offset;
}

/// Counts one use more of everything an L1 table leads to; takes that back if it cannot.
Result<void> Qcow2Image::add_tree_references(const std::vector<std::uint64_t>& l1) {
  std::uint64_t added = 0;
  auto result = walk_tree(l1, [&](std::uint64_t offset, std::uint64_t length) -> Result<void> {
    CASSIA_TRY(allocator_->add_reference(offset, length));
    ++added;
    return {};
  });
  if (result) return {};
  (void)walk_tree(l1, [&](std::uint64_t offset, std::uint64_t length) -> Result<void> {
    if (added-- == 0) return fail(ErrorKind::canceled, "");
    allocator_->free_later(offset, length);
    return {};
  });
  (void)commit();
  return result;
}

/// Gives back one use of everything an L1 table leads to.
Result<void> Qcow2Image::release_tree(const std::vector<std::uint64_t>& l1) {
  return walk_tree(l1, [&](std::uint64_t offset, std::uint64_t length) -> Result<void> {
    allocator_->free_later(offset, length);
    return commit_if_large();
  });
}

/// Calls `apply` for each reference in the tree: data first, then the L2 table that leads to it.
Result<void> Qcow2Image::walk_tree(
    const std::vector<std::uint64_t>& l1,
    const std::function<Result<void>(std::uint64_t, std::uint64_t)>& apply) {
  for (const std::uint64_t l1_entry : l1) {
    const std::uint64_t l2_offset = l1_entry & kOffsetMask;
    if (l2_offset == 0) continue;
    const auto table = CASSIA_TRY(l2_->get(l2_offset));
    for (const std::uint64_t entry : table->entries()) {
      if (kind_of(entry) == ClusterKind::compressed) {
        const CompressedSpan span = compressed_span(entry, geometry_);
        CASSIA_TRY(apply(span.offset, span.length));
      } else if ((entry & kOffsetMask) != 0) {
        CASSIA_TRY(apply(entry & kOffsetMask, geometry_.cluster_size()));
      }
    }
    CASSIA_TRY(apply(l2_offset, geometry_.cluster_size()));
  }
  return {};
}

/// After a snapshot shares everything, nothing may be written in place.
Result<void> Qcow2Image::clear_copied() {
  for (std::size_t i = 0; i < l1_.size(); ++i) {
    const std::uint64_t l2_offset = l1_[i] & kOffsetMask;
    if (l2_offset == 0) continue;
    const auto table = CASSIA_TRY(l2_->get(l2_offset));
    for (std::size_t j = 0; j < table->entries().size(); ++j) {
      const std::uint64_t entry = (*table)[j];
      if ((entry & kCompressed) == 0 && (entry & kCopied) != 0) table->set(j, entry & ~kCopied);
    }
    if ((l1_[i] & kCopied) != 0) set_l1(i, l1_[i] & ~kCopied);
    CASSIA_TRY(commit_if_large());
  }
  return {};
}

/// Makes the "counted exactly once" bits of the active tables true again.
Result<void> Qcow2Image::refresh_copied() {
  const auto flagged = [&](std::uint64_t entry) -> Result<std::uint64_t> {
    const std::uint64_t count =
        CASSIA_TRY(refcounts_->get((entry & kOffsetMask) >> geometry_.cluster_bits));
    return count == 1 ? entry | kCopied : entry & ~kCopied;
  };
  for (std::size_t i = 0; i < l1_.size(); ++i) {
    const std::uint64_t l2_offset = l1_[i] & kOffsetMask;
    if (l2_offset == 0) continue;
    const auto table = CASSIA_TRY(l2_->get(l2_offset));
    for (std::size_t j = 0; j < table->entries().size(); ++j) {
      const std::uint64_t entry = (*table)[j];
      if ((entry & kCompressed) != 0 || (entry & kOffsetMask) == 0) continue;
      const std::uint64_t now = CASSIA_TRY(flagged(entry));
      if (now != entry) table->set(j, now);
    }
    const std::uint64_t now = CASSIA_TRY(flagged(l1_[i]));
    if (now != l1_[i]) set_l1(i, now);
    CASSIA_TRY(commit_if_large());
  }
  return {};
}

/// Writes the new table beside the old one and switches the header over.
Result<void> Qcow2Image::replace_snapshot_table(std::vector<Snapshot> snapshots) {
  const Bytes raw = build_snapshot_table(snapshots);
  std::uint64_t offset = 0;
  if (!raw.empty()) {
    offset = CASSIA_TRY(allocator_->allocate(geometry_.clusters(raw.size())));
    CASSIA_TRY(file_->write(offset, raw));
    allocator_->protect(offset, raw.size());
  }
  CASSIA_TRY(commit());
  CASSIA_TRY(sync());
  allocator_->free_later(header_.snapshots_offset, snapshots_.bytes);
  header_.snapshot_count = static_cast<std::uint32_t>(snapshots.size());
  header_.snapshots_offset = offset;
  CASSIA_TRY(patch_snapshots(*file_, header_));
  snapshots_ = {std::move(snapshots), raw.size()};
  return sync();
}

Result<void> Qcow2Image::create(const std::string& snapshot_name) {
  CASSIA_TRY(check_writable());
  if (snapshot_name.size() > 255) {
    return fail(ErrorKind::invalid_argument, "A snapshot's name has at most 255 bytes");
  }
  std::unique_lock lock(mutex_);
  if (snapshots_.snapshots.size() >= kMaxSnapshots) {
    return fail(ErrorKind::unsupported, "{}: has {} snapshots already", name(), kMaxSnapshots);
  }
  if (geometry_.max_refcount() < 2) {
    return fail(ErrorKind::unsupported, "{}: refcounts of 1 bit leave no room for snapshots",
                name());
  }
  CASSIA_TRY(commit());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  Snapshot snapshot;
  snapshot.info.id = next_snapshot_id();
  snapshot.info.name = snapshot_name;
  snapshot.info.disk_size = size();
  snapshot.info.date_sec = static_cast<std::uint32_t>(nanos / 1000000000);
  snapshot.info.date_nsec = static_cast<std::uint32_t>(nanos % 1000000000);
  snapshot.info.icount = 0;
  snapshot.l1_size = static_cast<std::uint32_t>(l1_.size());
  snapshot.l1_offset = CASSIA_TRY(store_l1(l1_));
  CASSIA_TRY(add_tree_references(l1_));
  CASSIA_TRY(clear_copied());
  std::vector<Snapshot> all = snapshots_.snapshots;
  all.push_back(std::move(snapshot));
  CASSIA_TRY(replace_snapshot_table(std::move(all)));
  CASSIA_TRY(commit());
  return file_->flush();
}

Result<void> Qcow2Image::apply(const std::string& id_or_name) {
  CASSIA_TRY(check_writable());
  std::unique_lock lock(mutex_);
  CASSIA_TRY(commit());
  const Snapshot& snapshot = snapshots_.snapshots[CASSIA_TRY(find_snapshot(id_or_name))];
  std::vector<std::uint64_t> l1 = CASSIA_TRY(read_l1(snapshot.l1_offset, snapshot.l1_size));
  for (std::uint64_t& entry : l1) entry &= ~kCopied;
  l1.resize(std::max<std::uint64_t>(l1.size(), geometry_.l1_entries_for(snapshot.info.disk_size)));
  // What the bitmaps watch may change everywhere.
  CASSIA_TRY(resize_bitmaps(snapshot.info.disk_size));
  CASSIA_TRY(bitmaps_->mark(0, snapshot.info.disk_size));
  CASSIA_TRY(add_tree_references(l1));
  const std::uint64_t offset = CASSIA_TRY(store_l1(l1));
  CASSIA_TRY(commit());
  CASSIA_TRY(sync());
  const std::uint64_t old_offset = header_.l1_offset;
  const std::vector<std::uint64_t> old = std::exchange(l1_, std::move(l1));
  header_.l1_offset = offset;
  header_.l1_size = static_cast<std::uint32_t>(l1_.size());
  header_.size = snapshot.info.disk_size;
  size_ = header_.size;
  CASSIA_TRY(patch_size_and_l1(*file_, header_));
  CASSIA_TRY(sync());
  CASSIA_TRY(release_tree(old));
  allocator_->free_later(old_offset, old.size() * 8);
  CASSIA_TRY(commit());
  l2_->drop_all();  // tables that only the old state had are gone
  CASSIA_TRY(refresh_copied());
  CASSIA_TRY(commit());
  return file_->flush();
}

Result<void> Qcow2Image::remove(const std::string& id_or_name) {
  CASSIA_TRY(check_writable());
  std::unique_lock lock(mutex_);
  CASSIA_TRY(commit());
  // A name goes before an id here, as in qemu-img: "-d 2" drops the snapshot named "2".
  const auto named =
      std::find_if(snapshots_.snapshots.begin(), snapshots_.snapshots.end(),
                   [&](const Snapshot& snapshot) { return snapshot.info.name == id_or_name; });
  const std::size_t index = named != snapshots_.snapshots.end()
                                ? static_cast<std::size_t>(named - snapshots_.snapshots.begin())
                                : CASSIA_TRY(find_snapshot(id_or_name));
  std::vector<Snapshot> rest = snapshots_.snapshots;
  const Snapshot gone = rest[index];
  const std::vector<std::uint64_t> l1 = CASSIA_TRY(read_l1(gone.l1_offset, gone.l1_size));
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(index));
  CASSIA_TRY(replace_snapshot_table(std::move(rest)));
  CASSIA_TRY(release_tree(l1));
  allocator_->free_later(gone.l1_offset, std::uint64_t{gone.l1_size} * 8);
  CASSIA_TRY(commit());
  l2_->drop_all();
  CASSIA_TRY(refresh_copied());
  CASSIA_TRY(commit());
  return file_->flush();
}

Result<std::unique_ptr<Image>> Qcow2Image::open_snapshot(const std::string& id_or_name) {
  if (writable_) CASSIA_TRY(flush());
  std::shared_lock lock(mutex_);
  const Snapshot& snapshot = snapshots_.snapshots[CASSIA_TRY(find_snapshot(id_or_name))];
  std::unique_ptr<Qcow2Image> view(new Qcow2Image(file_));
  view->header_ = header_;
  view->header_.size = snapshot.info.disk_size;
  view->geometry_ = geometry_;
  view->size_ = snapshot.info.disk_size;
  view->backing_ = backing_;
  view->view_ = true;
  view->l2_ = std::make_unique<L2Cache>(*file_, geometry_);
  CASSIA_TRY(view->load_l1(snapshot.l1_offset, snapshot.l1_size));
  return std::unique_ptr<Image>(std::move(view));
}

}  // namespace cassia::storage::qcow2
