// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/image.h"

#include <algorithm>

namespace cassia::storage::qcow2 {

Result<std::unique_ptr<Image>> Qcow2Image::open(std::shared_ptr<BlockDevice> file,
                                                const DriverOpenOptions& options) {
  std::unique_ptr<Qcow2Image> image(new Qcow2Image(std::move(file)));
  CASSIA_TRY(image->load(options));
  return std::unique_ptr<Image>(std::move(image));
}

Qcow2Image::~Qcow2Image() {
  // close() reports errors; here nobody can hear them.
  if (writable_ && commit()) (void)finish_bitmaps();
}

Result<void> Qcow2Image::load(const DriverOpenOptions& options) {
  header_ = CASSIA_TRY(parse_header(*file_));
  geometry_ = header_.geometry;
  size_ = header_.size;
  relaxed_sync_ = options.relaxed_sync;
  l2_ = std::make_unique<L2Cache>(*file_, geometry_);
  refcounts_ = std::make_unique<Refcounts>(*file_, geometry_);
  allocator_ = std::make_unique<Allocator>(*file_, *refcounts_, geometry_);
  bitmaps_ = std::make_unique<DirtyBitmaps>(*file_, *allocator_, geometry_);
  CASSIA_TRY(load_l1(header_.l1_offset, header_.l1_size));
  CASSIA_TRY(load_bitmaps(options));
  snapshots_ = CASSIA_TRY(read_snapshot_table(*file_, header_));
  if (!header_.backing_file.empty() && options.open_backing) {
    backing_ = CASSIA_TRY(options.open_backing(header_.backing_file, header_.backing_format));
  }
  return options.writable ? start_writing(options) : Result<void>{};
}

Result<std::vector<std::uint64_t>> Qcow2Image::read_l1(std::uint64_t offset,
                                                       std::uint32_t entries) const {
  const std::uint64_t bytes = std::uint64_t{entries} * 8;
  // A table that the file does not hold is refused before it costs memory.
  if (entries > 0 && (offset >= file_->size() || bytes > file_->size() - offset)) {
    return fail(ErrorKind::malformed, "{}: the L1 table reaches past the end of the file", name());
  }
  Bytes raw(bytes);
  CASSIA_TRY(file_->read(offset, raw));
  std::vector<std::uint64_t> table(entries);
  for (std::size_t i = 0; i < entries; ++i) table[i] = load_be64(&raw[i * 8]);
  return table;
}

Result<void> Qcow2Image::load_l1(std::uint64_t offset, std::uint32_t entries) {
  l1_ = entries == 0 ? std::vector<std::uint64_t>{} : CASSIA_TRY(read_l1(offset, entries));
  return {};
}

Result<void> Qcow2Image::start_writing(const DriverOpenOptions& options) {
  if (header_.corrupt() && !options.for_check) {
    return fail(ErrorKind::malformed,
                "{}: Image is marked corrupt and cannot be written; repair it with check -r all",
                name());
  }
  if (!header_.backing_file.empty() && !options.open_backing && !options.for_check) {
    return fail(ErrorKind::invalid_argument, "{}: cannot be written without its backing image",
                name());
  }
  writable_ = true;
  CASSIA_TRY(refcounts_->load(header_.refcount_table_offset, header_.refcount_table_clusters));
  // An auto-clear feature describes data that our writes would make stale; bitmaps we keep up.
  const std::uint64_t kept = header_.bitmaps.count > 0 ? kAutoclearBitmaps : 0;
  if ((header_.autoclear & ~kept) != 0) {
    header_.autoclear &= kept;
    CASSIA_TRY(patch_features(*file_, header_));
    CASSIA_TRY(file_->flush());
  }
  if (header_.dirty() && !options.for_check) {
    Progress unwatched;
    const CheckReport report = CASSIA_TRY(check(Repair::all, unwatched));
    if (report.corruptions > 0 || report.check_errors > 0) {
      return fail(ErrorKind::malformed,
                  "{}: was not closed cleanly and cannot be repaired without loss; run check",
                  name());
    }
  }
  CASSIA_TRY(protect_metadata());
  if (options.for_check) return {};  // a repair does not change what the guest sees
  return bitmaps_->start(bitmap_list_, header_);
}

Result<void> Qcow2Image::protect_metadata() {
  const std::uint64_t cluster = geometry_.cluster_size();
  allocator_->protect(0, 1);
  allocator_->protect(header_.l1_offset, l1_.size() * 8);
  for (const std::uint64_t entry : l1_) {
    if ((entry & kOffsetMask) != 0) allocator_->protect(entry & kOffsetMask, cluster);
  }
  allocator_->protect(header_.refcount_table_offset, refcounts_->table().size() * 8);
  for (const std::uint64_t block : refcounts_->table()) {
    if (block != 0) allocator_->protect(block, cluster);
  }
  allocator_->protect(header_.snapshots_offset, snapshots_.bytes);
  for (const Snapshot& snapshot : snapshots_.snapshots) {
    allocator_->protect(snapshot.l1_offset, std::uint64_t{snapshot.l1_size} * 8);
  }
  return {};
}

Result<void> Qcow2Image::check_writable() const {
  if (!writable_) return fail(ErrorKind::permission, "{}: opened read-only", name());
  return {};
}

Result<void> Qcow2Image::sync() { return relaxed_sync_ ? Result<void>{} : file_->flush(); }

void Qcow2Image::set_l1(std::size_t index, std::uint64_t entry) {
  l1_[index] = entry;
  dirty_l1_sectors_.insert(index / 64);
}

Result<void> Qcow2Image::write_l1() {
  for (const std::size_t sector : dirty_l1_sectors_) {
    const std::size_t first = sector * 64;
    const std::size_t end = std::min(l1_.size(), first + 64);
    Bytes raw((end - first) * 8);
    for (std::size_t i = first; i < end; ++i) store_be64(&raw[(i - first) * 8], l1_[i]);
    CASSIA_TRY(file_->write(header_.l1_offset + first * 8, raw));
  }
  dirty_l1_sectors_.clear();
  return {};
}

/// Gives a refcount table that grew a new place; the header follows in commit().
Result<void> Qcow2Image::place_refcount_table() {
  while (true) {
    const std::uint64_t clusters = refcounts_->table_clusters();
    const std::uint64_t offset = CASSIA_TRY(allocator_->allocate(clusters));
    const std::uint64_t bytes = clusters << geometry_.cluster_bits;
    if (refcounts_->table_clusters() != clusters) {  // grew again to count these very clusters
      allocator_->free_later(offset, bytes);
      continue;
    }
    allocator_->free_later(
        header_.refcount_table_offset,
        std::uint64_t{header_.refcount_table_clusters} << geometry_.cluster_bits);
    allocator_->protect(offset, bytes);
    refcounts_->place_table(offset);
    header_.refcount_table_offset = offset;
    header_.refcount_table_clusters = static_cast<std::uint32_t>(clusters);
    return {};
  }
}

Result<void> Qcow2Image::commit() {
  const auto sync_now = [this] { return sync(); };
  const bool table_moves = refcounts_->table_needs_place();
  if (table_moves) CASSIA_TRY(place_refcount_table());
  CASSIA_TRY(refcounts_->write_back(sync_now));
  if (table_moves) {
    CASSIA_TRY(sync());
    CASSIA_TRY(patch_refcount_table(*file_, header_));
  }
  if (l2_->dirty()) {
    CASSIA_TRY(sync());
    CASSIA_TRY(l2_->write_dirty());
  }
  if (!dirty_l1_sectors_.empty()) {
    CASSIA_TRY(sync());
    CASSIA_TRY(write_l1());
  }
  if (!allocator_->has_frees()) return {};
  CASSIA_TRY(sync());
  CASSIA_TRY(allocator_->apply_frees());
  return refcounts_->write_back(sync_now);
}

Result<void> Qcow2Image::commit_if_large() {
  constexpr std::uint64_t kRefcountBytes = 16u << 20;
  constexpr std::size_t kFrees = 65536;
  if (bitmaps_->wants_write()) CASSIA_TRY(bitmaps_->write_pages());
  if (l2_->wants_commit() || refcounts_->dirty_bytes() > kRefcountBytes ||
      allocator_->pending_frees() > kFrees) {
    return commit();
  }
  return {};
}

Result<void> Qcow2Image::flush() {
  if (!writable_) return {};
  std::unique_lock lock(mutex_);
  CASSIA_TRY(commit());
  return file_->flush();
}

Result<void> Qcow2Image::close() {
  CASSIA_TRY(flush());
  if (!writable_) return {};
  std::unique_lock lock(mutex_);
  return finish_bitmaps();
}

/// A larger L1 table, at a new place. Called with the lock held; the header is not changed yet.
Result<void> Qcow2Image::grow_l1(std::uint64_t entries) {
  if (entries * 8 > kMaxL1Bytes) {
    return fail(ErrorKind::invalid_argument,
                "{}: too large for clusters of {} bytes; choose a larger cluster_size", name(),
                geometry_.cluster_size());
  }
  CASSIA_TRY(commit());
  std::vector<std::uint64_t> larger = l1_;
  larger.resize(entries);
  const std::uint64_t old_offset = header_.l1_offset;
  const std::uint64_t old_bytes = l1_.size() * 8;
  const std::uint64_t offset = CASSIA_TRY(store_l1(larger));
  CASSIA_TRY(commit());
  l1_ = std::move(larger);
  header_.l1_offset = offset;
  header_.l1_size = static_cast<std::uint32_t>(entries);
  CASSIA_TRY(sync());
  CASSIA_TRY(patch_size_and_l1(*file_, header_));
  allocator_->free_later(old_offset, old_bytes);
  return {};
}

Result<void> Qcow2Image::resize(std::uint64_t new_size) {
  CASSIA_TRY(check_writable());
  constexpr std::uint64_t kSector = 512;
  new_size = (new_size + kSector - 1) / kSector * kSector;
  const std::uint64_t old_size = size();
  if (new_size < old_size) {
    return fail(ErrorKind::unsupported, "{}: Cassia does not shrink qcow2 images", name());
  }
  {
    std::unique_lock lock(mutex_);
    CASSIA_TRY(resize_bitmaps(new_size));
    const std::uint64_t entries = geometry_.l1_entries_for(new_size);
    if (entries > l1_.size()) CASSIA_TRY(grow_l1(entries));
    // Before the new size shows: what lies past the old end in its last cluster, or in a backing
    // image that is larger, is not to come to light.
    const std::uint64_t cluster_end = geometry_.clusters(old_size) << geometry_.cluster_bits;
    const std::uint64_t stale_end = std::min(new_size, std::max(cluster_end, backing_end()));
    header_.size = new_size;
    size_ = new_size;
    if (stale_end > old_size) {
      CASSIA_TRY(zero_unlocked(old_size, stale_end - old_size, ZeroMode::unmap));
    }
    CASSIA_TRY(commit());
    CASSIA_TRY(sync());
    CASSIA_TRY(patch_size_and_l1(*file_, header_));
  }
  return flush();
}

ImageInfo Qcow2Image::info() const {
  std::shared_lock lock(mutex_);
  ImageInfo info;
  info.format = "qcow2";
  info.virtual_size = size();
  info.cluster_size = geometry_.cluster_size();
  info.backing_file = header_.backing_file;
  info.backing_format = header_.backing_format;
  info.dirty = header_.dirty();
  for (const Snapshot& snapshot : snapshots_.snapshots) info.snapshots.push_back(snapshot.info);
  const bool zstd = header_.compression == Compression::zstd;
  info.facts.push_back({"compat", std::string(header_.version >= 3 ? "1.1" : "0.10")});
  info.facts.push_back({"compression-type", std::string(zstd ? "zstd" : "zlib")});
  if (header_.version >= 3) {
    const bool lazy = (header_.compatible & kCompatibleLazyRefcounts) != 0;
    info.facts.push_back({"lazy-refcounts", lazy});
  }
  if (!bitmap_list_.empty()) info.facts.push_back({"bitmaps", bitmap_facts(bitmap_list_)});
  info.facts.push_back({"refcount-bits", std::int64_t{1} << geometry_.refcount_order});
  if (header_.version >= 3) {
    info.facts.push_back({"corrupt", header_.corrupt()});
    info.facts.push_back({"extended-l2", false});
  }
  return info;
}

}  // namespace cassia::storage::qcow2
