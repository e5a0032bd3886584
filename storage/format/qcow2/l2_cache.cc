// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/l2_cache.h"

#include <algorithm>

namespace cassia::storage::qcow2 {
namespace {

// 32 MiB of tables map 256 GiB of disk with clusters of 64 KiB.
constexpr std::uint64_t kCacheBytes = 32u << 20;
constexpr std::uint64_t kDirtyBytes = 16u << 20;

}  // namespace

void L2Table::set(std::size_t index, std::uint64_t entry) {
  entries_[index] = entry;
  if (!dirty()) {
    dirty_first_ = index;
    dirty_end_ = index + 1;
  } else {
    dirty_first_ = std::min(dirty_first_, index);
    dirty_end_ = std::max(dirty_end_, index + 1);
  }
}

void L2Table::mark_all_dirty() {
  dirty_first_ = 0;
  dirty_end_ = entries_.size();
}

/// Whole sectors around what changed.
Result<void> L2Table::write(BlockDevice& file) {
  const std::size_t first = dirty_first_ / 64 * 64;
  const std::size_t end = (dirty_end_ + 63) / 64 * 64;
  Bytes raw((end - first) * 8);
  for (std::size_t i = first; i < end; ++i) store_be64(&raw[(i - first) * 8], entries_[i]);
  CASSIA_TRY(file.write(offset_ + first * 8, raw));
  dirty_first_ = dirty_end_ = 0;
  return {};
}

Result<std::shared_ptr<L2Table>> L2Cache::get(std::uint64_t offset) {
  std::lock_guard lock(mutex_);
  if (const auto found = tables_.find(offset); found != tables_.end()) {
    found->second->last_use_ = ++clock_;
    return found->second;
  }
  if (geometry_.in_cluster(offset) != 0 || offset >= file_.size()) {
    return fail(ErrorKind::malformed, "{}: L2 table at {:#x}, which is not a place for it",
                file_.name(), offset);
  }
  Bytes raw(geometry_.cluster_size());
  CASSIA_TRY(read_padded(file_, offset, raw));
  std::vector<std::uint64_t> entries(geometry_.l2_entries());
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i] = load_be64(&raw[i * 8]);
  make_room();
  auto table = std::make_shared<L2Table>(offset, std::move(entries));
  table->last_use_ = ++clock_;
  tables_[offset] = table;
  return table;
}

std::shared_ptr<L2Table> L2Cache::add(std::uint64_t offset, std::vector<std::uint64_t> entries) {
  std::lock_guard lock(mutex_);
  auto table = std::make_shared<L2Table>(offset, std::move(entries));
  table->mark_all_dirty();
  table->last_use_ = ++clock_;
  tables_[offset] = table;
  return table;
}

/// Drops the older half of the clean tables once the cache is full. A reader that still holds one
/// keeps it alive.
void L2Cache::make_room() {
  if ((tables_.size() + 1) * geometry_.cluster_size() <= kCacheBytes) return;
  std::vector<std::uint64_t> ages;
  for (const auto& [offset, table] : tables_) ages.push_back(table->last_use_);
  std::nth_element(ages.begin(), ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2),
                   ages.end());
  const std::uint64_t median = ages[ages.size() / 2];
  std::erase_if(tables_, [&](const auto& item) {
    return !item.second->dirty() && item.second->last_use_ <= median;
  });
}

void L2Cache::drop(std::uint64_t offset) {
  std::lock_guard lock(mutex_);
  tables_.erase(offset);
}

void L2Cache::drop_all() {
  std::lock_guard lock(mutex_);
  tables_.clear();
}

bool L2Cache::dirty() const {
  std::lock_guard lock(mutex_);
  return std::any_of(tables_.begin(), tables_.end(),
                     [](const auto& item) { return item.second->dirty(); });
}

bool L2Cache::wants_commit() const {
  std::lock_guard lock(mutex_);
  if (tables_.size() * geometry_.cluster_size() < kDirtyBytes) return false;
  const auto count = std::count_if(tables_.begin(), tables_.end(),
                                   [](const auto& item) { return item.second->dirty(); });
  return static_cast<std::uint64_t>(count) * geometry_.cluster_size() >= kDirtyBytes;
}

Result<void> L2Cache::write_dirty() {
  std::lock_guard lock(mutex_);
  for (auto& [offset, table] : tables_) {
    if (table->dirty()) CASSIA_TRY(table->write(file_));
  }
  return {};
}

}  // namespace cassia::storage::qcow2
