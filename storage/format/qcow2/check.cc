// SPDX-License-Identifier: Apache-2.0
// Consistency: count every reference that the metadata makes and compare with the refcounts.

#include <algorithm>
#include <array>
#include <map>

#include "storage/format/qcow2/image.h"

namespace cassia::storage::qcow2 {
namespace {

/// Reference counts of host clusters, sparse: an image file may be mostly hole.
class ReferenceMap {
 public:
  static constexpr std::uint64_t kPage = 1024;
  using Page = std::array<std::uint32_t, kPage>;

  void add(std::uint64_t cluster) {
    auto& page = pages_[cluster / kPage];
    if (!page) page = std::make_unique<Page>();
    ++(*page)[cluster % kPage];
  }
  std::uint32_t get(std::uint64_t cluster) const {
    const auto found = pages_.find(cluster / kPage);
    return found == pages_.end() ? 0 : (*found->second)[cluster % kPage];
  }
  bool any_in(std::uint64_t first, std::uint64_t end) const {
    const auto found = pages_.lower_bound(first / kPage);
    return found != pages_.end() && found->first * kPage < end;
  }
  std::uint64_t end() const { return pages_.empty() ? 0 : (pages_.rbegin()->first + 1) * kPage; }

 private:
  std::map<std::uint64_t, std::unique_ptr<Page>> pages_;
};

}  // namespace

class Checker {
 public:
  Checker(Qcow2Image& image, Repair repair, Progress& progress)
      : image_(image), repair_(repair), progress_(progress), geometry_(image.geometry_) {}

  Result<CheckReport> run();

 private:
  Result<void> count_references();
  Result<void> count_l1(const std::vector<std::uint64_t>& l1, bool active);
  Result<void> count_l2(std::uint64_t l2_offset, bool active);
  void count_entry(std::uint64_t entry, bool active);
  Result<void> count_bitmaps();
  Result<void> count_bitmap(const BitmapEntry& entry);
  Result<void> count_refcount_blocks();
  bool count(std::uint64_t offset, std::uint64_t length, const char* what);
  Result<void> compare_counts();
  Result<void> compare_cluster(std::uint64_t cluster);
  Result<void> set_count(std::uint64_t cluster, std::uint64_t count);
  Result<void> check_copied();
  Result<void> mark_repaired();

  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    if (report_.messages.size() < CheckReport::kMaxMessages) {
      report_.messages.push_back(fmt::format(format, std::forward<Args>(args)...));
    }
  }
  template <class... Args>
  void corruption(fmt::format_string<Args...> format, Args&&... args) {
    ++report_.corruptions;
    say(format, std::forward<Args>(args)...);
  }

  Qcow2Image& image_;
  Repair repair_;
  Progress& progress_;
  Geometry geometry_;
  CheckReport report_;
  ReferenceMap references_;
  std::uint64_t next_contiguous_ = 0;
};

/// Counts the clusters that [offset, offset + length) touches; false if that is not in the file.
bool Checker::count(std::uint64_t offset, std::uint64_t length, const char* what) {
  if (length == 0) return true;
  const std::uint64_t file_end = geometry_.clusters(image_.file_->size()) << geometry_.cluster_bits;
  if (offset >= file_end || length > file_end - offset) {
    corruption("ERROR: {} at {:#x} lies past the end of the file", what, offset);
    return false;
  }
  const std::uint64_t last = (offset + length - 1) >> geometry_.cluster_bits;
  for (std::uint64_t c = offset >> geometry_.cluster_bits; c <= last; ++c) references_.add(c);
  return true;
}

void Checker::count_entry(std::uint64_t entry, bool active) {
  const ClusterKind kind = kind_of(entry);
  if (kind == ClusterKind::compressed) {
    if ((entry & kCopied) != 0) {
      corruption("ERROR: coffset={:#x}: copied flag must never be set for compressed clusters",
                 entry & (kCompressed - 1));
    }
    CompressedSpan span = compressed_span(entry, geometry_);
    // The last sector of the file may be cut short.
    if (span.offset < image_.file_->size()) {
      span.length = std::min(span.length, (image_.file_->size() - span.offset + 511) / 512 * 512);
    }
    count(span.offset, span.length, "compressed cluster");
    if (!active) return;
    ++report_.allocated_clusters;
    ++report_.compressed_clusters;
    ++report_.fragmented_clusters;
    return;
  }
  const std::uint64_t offset = entry & kOffsetMask;
  if (offset == 0) return;
  if (geometry_.in_cluster(offset) != 0) {
    corruption("ERROR offset={:#x}: Cluster is not properly aligned; L2 entry corrupted.", offset);
    return;
  }
  count(offset, geometry_.cluster_size(), "data cluster");
  if (!active) return;
  ++report_.allocated_clusters;
  if (next_contiguous_ != 0 && next_contiguous_ != offset) ++report_.fragmented_clusters;
  next_contiguous_ = offset + geometry_.cluster_size();
}

Result<void> Checker::count_l2(std::uint64_t l2_offset, bool active) {
  if (geometry_.in_cluster(l2_offset) != 0) {
    corruption("ERROR l2_offset={:#x}: Table is not cluster aligned; L1 entry corrupted",
               l2_offset);
    return {};
  }
  if (!count(l2_offset, geometry_.cluster_size(), "L2 table")) return {};
  const auto table = CASSIA_TRY(image_.l2_->get(l2_offset));
  next_contiguous_ = 0;  // fragmentation is counted within each table, as QEMU does
  for (const std::uint64_t entry : table->entries()) count_entry(entry, active);
  return {};
}

Result<void> Checker::count_l1(const std::vector<std::uint64_t>& l1, bool active) {
  for (const std::uint64_t entry : l1) {
    if ((entry & kOffsetMask) != 0) CASSIA_TRY(count_l2(entry & kOffsetMask, active));
    CASSIA_TRY(progress_.advance(1));
  }
  return {};
}

Result<void> Checker::count_bitmaps() {
  const auto directory = read_bitmap_directory(*image_.file_, image_.header_);
  if (!directory) {
    corruption("ERROR: {}", directory.error().message());
    return {};
  }
  const BitmapsExtension& bitmaps = image_.header_.bitmaps;
  if (directory->empty()) return {};
  count(bitmaps.directory_offset, bitmaps.directory_size, "bitmap directory");
  for (const BitmapEntry& entry : *directory) CASSIA_TRY(count_bitmap(entry));
  return {};
}

Result<void> Checker::count_bitmap(const BitmapEntry& entry) {
  if (!count(entry.table_offset, std::uint64_t{entry.table_entries} * 8, "bitmap table")) return {};
  constexpr std::uint64_t kStep = 8192;
  Bytes raw;
  for (std::uint64_t first = 0; first < entry.table_entries; first += kStep) {
    raw.resize(std::min<std::uint64_t>(kStep, entry.table_entries - first) * 8);
    CASSIA_TRY(read_padded(*image_.file_, entry.table_offset + first * 8, raw));
    for (std::size_t at = 0; at < raw.size(); at += 8) {
      const std::uint64_t cluster = load_be64(&raw[at]) & kOffsetMask;
      if (cluster != 0) count(cluster, geometry_.cluster_size(), "bitmap cluster");
    }
  }
  return {};
}

Result<void> Checker::count_refcount_blocks() {
  const auto& table = image_.refcounts_->table();
  for (std::uint64_t i = 0; i < table.size(); ++i) {
    if (table[i] == 0) continue;
    const bool aligned = geometry_.in_cluster(table[i]) == 0;
    if (aligned && table[i] < image_.file_->size()) {
      count(table[i], geometry_.cluster_size(), "refcount block");
      continue;
    }
    corruption("ERROR refcount block {} is {}", i,
               aligned ? "outside image" : "not cluster aligned; refcount table entry corrupted");
    image_.refcounts_->remove_block(i, repair_ == Repair::all);
    if (repair_ == Repair::all) {
      --report_.corruptions;
      ++report_.corruptions_fixed;
    }
  }
  return {};
}

Result<void> Checker::count_references() {
  const Header& header = image_.header_;
  count(0, geometry_.cluster_size(), "header");
  count(header.l1_offset, image_.l1_.size() * 8, "L1 table");
  CASSIA_TRY(count_l1(image_.l1_, true));
  for (const Snapshot& snapshot : image_.snapshots_.snapshots) {
    if (!count(snapshot.l1_offset, std::uint64_t{snapshot.l1_size} * 8, "L1 table of a snapshot")) {
      continue;
    }
    const auto l1 = CASSIA_TRY(image_.read_l1(snapshot.l1_offset, snapshot.l1_size));
    CASSIA_TRY(count_l1(l1, false));
  }
  count(header.snapshots_offset, image_.snapshots_.bytes, "snapshot table");
  count(header.refcount_table_offset,
        std::uint64_t{header.refcount_table_clusters} << geometry_.cluster_bits, "refcount table");
  CASSIA_TRY(count_bitmaps());
  return count_refcount_blocks();
}

/// Stores a corrected count; the block for it is made if it is missing.
Result<void> Checker::set_count(std::uint64_t cluster, std::uint64_t count) {
  Refcounts& refcounts = *image_.refcounts_;
  if (!refcounts.has_block(refcounts.block_of(cluster))) {
    // Counts cannot be trusted now: new blocks go past everything in use.
    const std::uint64_t past =
        std::max(geometry_.clusters(image_.file_->size()), references_.end());
    image_.allocator_->start_at(past);
    CASSIA_TRY(image_.allocator_->make_block(refcounts.block_of(cluster)));
  }
  return refcounts.set(cluster, count);
}

Result<void> Checker::compare_cluster(std::uint64_t cluster) {
  const std::uint64_t stored = CASSIA_TRY(image_.refcounts_->get(cluster));
  const std::uint64_t counted = references_.get(cluster);
  if (stored > 0 || counted > 0) {
    report_.image_end_offset =
        std::max(report_.image_end_offset, (cluster + 1) << geometry_.cluster_bits);
  }
  if (stored == counted) return {};
  const bool leak = stored > counted;
  const bool fix = repair_ == Repair::all || (leak && repair_ == Repair::leaks);
  say("{} cluster {} refcount={} reference={}",
      fix    ? "Repairing"
      : leak ? "Leaked"
             : "ERROR",
      cluster, stored, counted);
  if (fix) CASSIA_TRY(set_count(cluster, counted));
  std::uint64_t& tally = leak ? (fix ? report_.leaks_fixed : report_.leaks)
                              : (fix ? report_.corruptions_fixed : report_.corruptions);
  ++tally;
  return {};
}

Result<void> Checker::compare_counts() {
  const std::uint64_t per_block = geometry_.refcount_block_entries();
  // Blocks made by repairing lie past `end`; their own counts are right from the start.
  const std::uint64_t end = std::max(geometry_.clusters(image_.file_->size()), references_.end());
  const std::uint64_t blocks = (end + per_block - 1) / per_block;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const std::uint64_t first = block * per_block;
    const std::uint64_t last = std::min(end, first + per_block);
    if (!image_.refcounts_->has_block(block)) {
      if (block >= image_.refcounts_->table().size() &&
          !references_.any_in(first, ~std::uint64_t{0})) {
        break;
      }
      if (!references_.any_in(first, last)) continue;
    }
    for (std::uint64_t cluster = first; cluster < last; ++cluster) {
      CASSIA_TRY(compare_cluster(cluster));
    }
    CASSIA_TRY(progress_.advance(0));
  }
  return {};
}

Result<void> Checker::check_copied() {
  const auto wrong = [&](std::uint64_t entry) -> Result<bool> {
    const std::uint64_t offset = entry & kOffsetMask;
    if (offset == 0 || geometry_.in_cluster(offset) != 0 || offset >= image_.file_->size()) {
      return false;
    }
    const std::uint64_t stored =
        CASSIA_TRY(image_.refcounts_->get(offset >> geometry_.cluster_bits));
    return (stored == 1) != ((entry & kCopied) != 0);
  };
  const bool fix = repair_ == Repair::all;
  const auto report = [&](const char* what, std::uint64_t entry) {
    say("{} OFLAG_COPIED {}: entry={:x}", fix ? "Repairing" : "ERROR", what, entry);
    ++(fix ? report_.corruptions_fixed : report_.corruptions);
  };
  for (std::size_t i = 0; i < image_.l1_.size(); ++i) {
    const std::uint64_t l2_offset = image_.l1_[i] & kOffsetMask;
    if (l2_offset == 0 || geometry_.in_cluster(l2_offset) != 0 ||
        l2_offset >= image_.file_->size()) {
      continue;
    }
    if (CASSIA_TRY(wrong(image_.l1_[i]))) {
      report("L2 cluster", image_.l1_[i]);
      if (fix) image_.set_l1(i, image_.l1_[i] ^ kCopied);
    }
    const auto table = CASSIA_TRY(image_.l2_->get(l2_offset));
    for (std::size_t j = 0; j < table->entries().size(); ++j) {
      const std::uint64_t entry = (*table)[j];
      if ((entry & kCompressed) != 0 || !CASSIA_TRY(wrong(entry))) continue;
      report("data cluster", entry);
      if (fix) table->set(j, entry ^ kCopied);
    }
  }
  return {};
}

/// The image is whole again: its "dirty" and "corrupt" marks go.
Result<void> Checker::mark_repaired() {
  if (repair_ == Repair::none) return {};
  CASSIA_TRY(image_.commit());
  CASSIA_TRY(image_.file_->flush());
  constexpr std::uint64_t marks = kIncompatibleDirty | kIncompatibleCorrupt;
  const bool whole = report_.corruptions == 0 && report_.check_errors == 0;
  if (repair_ != Repair::all || !whole || (image_.header_.incompatible & marks) == 0) return {};
  image_.header_.incompatible &= ~marks;
  CASSIA_TRY(patch_features(*image_.file_, image_.header_));
  return image_.file_->flush();
}

Result<CheckReport> Checker::run() {
  std::uint64_t total = image_.l1_.size();
  for (const Snapshot& snapshot : image_.snapshots_.snapshots) total += snapshot.l1_size;
  progress_.set_total(total);
  report_.total_clusters = geometry_.clusters(image_.header_.size);
  CASSIA_TRY(count_references());
  CASSIA_TRY(compare_counts());
  CASSIA_TRY(check_copied());
  CASSIA_TRY(mark_repaired());
  return std::move(report_);
}

Result<CheckReport> Qcow2Image::check(Repair repair, Progress& progress) {
  if (view_)
    return fail(ErrorKind::unsupported, "{}: a snapshot is checked with its image", name());
  if (repair != Repair::none) CASSIA_TRY(check_writable());
  std::unique_lock lock(mutex_);
  if (writable_) {
    CASSIA_TRY(commit());
    CASSIA_TRY(store_bitmaps());
  }
  if (refcounts_->table().empty()) {
    CASSIA_TRY(refcounts_->load(header_.refcount_table_offset, header_.refcount_table_clusters));
  }
  return Checker(*this, repair, progress).run();
}

}  // namespace cassia::storage::qcow2
