// SPDX-License-Identifier: Apache-2.0
#include "storage/format/common/metadata_cache.h"

#include <algorithm>

namespace cassia::storage {

/// Drops the page that was used longest ago; one with changes stays until flush().
void MetadataCache::make_room() {
  if (pages_.size() < kMaxPages) return;
  auto oldest = pages_.end();
  for (auto it = pages_.begin(); it != pages_.end(); ++it) {
    if (it->second.dirty.any()) continue;
    if (oldest == pages_.end() || it->second.last_use < oldest->second.last_use) oldest = it;
  }
  if (oldest != pages_.end()) pages_.erase(oldest);
}

Result<MetadataCache::Page*> MetadataCache::page(std::uint64_t number) {
  auto found = pages_.find(number);
  if (found == pages_.end()) {
    make_room();
    Page made;
    made.bytes.resize(kPage);
    CASSIA_TRY(read_padded(file_, number * kPage, made.bytes));
    found = pages_.emplace(number, std::move(made)).first;
  }
  found->second.last_use = ++clock_;
  return &found->second;
}

Result<void> MetadataCache::read(std::uint64_t offset, MutableByteView into) {
  std::lock_guard lock(mutex_);
  while (!into.empty()) {
    const std::uint64_t at = offset % kPage;
    const std::size_t step = std::min<std::uint64_t>(into.size(), kPage - at);
    const Page* held = CASSIA_TRY(page(offset / kPage));
    std::copy_n(held->bytes.begin() + static_cast<std::ptrdiff_t>(at), step, into.begin());
    into = into.subspan(step);
    offset += step;
  }
  return {};
}

Result<void> MetadataCache::write(std::uint64_t offset, ByteView from) {
  std::lock_guard lock(mutex_);
  while (!from.empty()) {
    const std::uint64_t at = offset % kPage;
    const std::size_t step = std::min<std::uint64_t>(from.size(), kPage - at);
    Page* held = CASSIA_TRY(page(offset / kPage));
    std::copy_n(from.begin(), step, held->bytes.begin() + static_cast<std::ptrdiff_t>(at));
    if (held->dirty.none()) ++dirty_pages_;
    for (std::uint64_t s = at / kSector; s <= (at + step - 1) / kSector; ++s) held->dirty.set(s);
    from = from.subspan(step);
    offset += step;
  }
  return {};
}

Result<void> MetadataCache::write_page(std::uint64_t number, Page& page) {
  constexpr std::uint64_t kSectors = kPage / kSector;
  for (std::uint64_t first = 0; first < kSectors; ++first) {
    if (!page.dirty[first]) continue;
    std::uint64_t end = first + 1;
    while (end < kSectors && page.dirty[end]) ++end;
    const ByteView part = ByteView(page.bytes).subspan(first * kSector, (end - first) * kSector);
    CASSIA_TRY(file_.write(number * kPage + first * kSector, part));
    first = end;
  }
  page.dirty.reset();
  --dirty_pages_;
  return {};
}

Result<void> MetadataCache::flush() {
  std::lock_guard lock(mutex_);
  for (auto& [number, held] : pages_) {
    if (held.dirty.any()) CASSIA_TRY(write_page(number, held));
  }
  return {};
}

}  // namespace cassia::storage
