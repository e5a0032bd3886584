// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/dirty_bitmaps.h"

#include <algorithm>

namespace cassia::storage::qcow2 {
namespace {

/// Tables of all bitmaps together, in memory.
constexpr std::uint64_t kMaxTablesBytes = 16u << 20;

void set_bits(MutableByteView bits, std::uint64_t first, std::uint64_t last) {
  for (; first <= last && first % 8 != 0; ++first) {
    bits[first / 8] |= static_cast<std::uint8_t>(1u << first % 8);
  }
  for (; first + 7 <= last; first += 8) bits[first / 8] = 0xff;
  for (; first <= last; ++first) bits[first / 8] |= static_cast<std::uint8_t>(1u << first % 8);
}

}  // namespace

Result<void> DirtyBitmaps::start(std::vector<BitmapEntry> directory, Header& header) {
  header_ = &header;
  directory_ = std::move(directory);
  if (directory_.empty()) return {};
  allocator_.protect(header.bitmaps.directory_offset, header.bitmaps.directory_size);
  for (std::size_t i = 0; i < directory_.size(); ++i) {
    const BitmapEntry& entry = directory_[i];
    allocator_.protect(entry.table_offset, std::uint64_t{entry.table_entries} * 8);
    // One that somebody left in use is lost already; nothing we write makes that worse.
    if (!entry.enabled() || entry.in_use()) continue;
    if (const auto obstacle = bitmap_obstacle(entry)) {
      return fail(
          ErrorKind::unsupported,
          "{}: its bitmap '{}' {}, and writing would make it wrong; remove the bitmap first "
          "(qemu-img bitmap --remove)",
          file_.name(), entry.name, *obstacle);
    }
    CASSIA_TRY(adopt(i));
  }
  return set_in_use(true);
}

bool DirtyBitmaps::is_live(std::size_t index) const {
  return std::any_of(live_.begin(), live_.end(),
                     [&](const Live& live) { return live.index == index; });
}

Result<void> DirtyBitmaps::adopt(std::size_t index) {
  const BitmapEntry& entry = directory_[index];
  std::uint64_t bytes = std::uint64_t{entry.table_entries} * 8;
  for (const Live& live : live_) bytes += live.table.size() * 8;
  if (bytes > kMaxTablesBytes) {
    return fail(ErrorKind::unsupported,
                "{}: its bitmap '{}' and those before it are too large to be kept up; remove some "
                "(qemu-img bitmap --remove)",
                file_.name(), entry.name);
  }
  Live live;
  live.index = index;
  live.table.resize(entry.table_entries);
  Bytes raw(std::size_t{entry.table_entries} * 8);
  CASSIA_TRY(file_.read(entry.table_offset, raw));
  for (std::size_t i = 0; i < live.table.size(); ++i) {
    const std::uint64_t item = load_be64(&raw[i * 8]);
    const std::uint64_t cluster = item & kOffsetMask;
    const bool known = (item & ~(kOffsetMask | kBitmapAllOnes)) == 0 &&
                       (cluster == 0 || (item & kBitmapAllOnes) == 0);
    if (!known || geometry_.in_cluster(cluster) != 0 || cluster >= file_.size()) {
      return fail(ErrorKind::malformed,
                  "{}: its bitmap '{}' is damaged; remove it before writing (qemu-img bitmap "
                  "--remove)",
                  file_.name(), entry.name);
    }
    if (cluster != 0) allocator_.protect(cluster, geometry_.cluster_size());
    live.table[i] = item;
  }
  live_.push_back(std::move(live));
  return {};
}

Result<void> DirtyBitmaps::set_in_use(bool in_use) {
  if (live_.empty()) return {};
  for (const Live& live : live_) {
    BitmapEntry& entry = directory_[live.index];
    entry.flags = in_use ? entry.flags | kBitmapInUse : entry.flags & ~kBitmapInUse;
    CASSIA_TRY(patch_bitmap_flags(file_, header_->bitmaps.directory_offset, entry));
  }
  return file_.flush();
}

/// The bits of page `number`, from memory or the file.
Result<DirtyBitmaps::Page*> DirtyBitmaps::page(Live& live, std::uint64_t number) {
  const auto found = live.pages.find(number);
  if (found != live.pages.end()) return &found->second;
  const std::uint64_t item = live.table[number];
  Page made;
  made.bits.assign(geometry_.cluster_size(), item == kBitmapAllOnes ? 0xff : 0);
  if ((item & kOffsetMask) != 0) {
    CASSIA_TRY(read_padded(file_, item & kOffsetMask, made.bits));
  }
  held_ += made.bits.size();
  return &live.pages.emplace(number, std::move(made)).first->second;
}

Result<void> DirtyBitmaps::mark_in(Live& live, std::uint64_t offset, std::uint64_t length) {
  const unsigned granularity = directory_[live.index].granularity_bits;
  std::uint64_t first = offset >> granularity;
  const std::uint64_t last = (offset + length - 1) >> granularity;
  while (first <= last) {
    const std::uint64_t number = first >> page_bits();
    if (number >= live.table.size()) break;
    const std::uint64_t base = number << page_bits();
    const std::uint64_t end = std::min(last, base + (std::uint64_t{1} << page_bits()) - 1);
    if (live.table[number] != kBitmapAllOnes || live.pages.count(number) != 0) {
      Page* held = CASSIA_TRY(page(live, number));
      set_bits(held->bits, first - base, end - base);
      held->dirty = true;
    }
    first = end + 1;
  }
  return {};
}

Result<void> DirtyBitmaps::mark(std::uint64_t offset, std::uint64_t length) {
  if (live_.empty() || length == 0) return {};
  std::lock_guard lock(mutex_);
  for (Live& live : live_) {
    if (directory_[live.index].enabled()) CASSIA_TRY(mark_in(live, offset, length));
  }
  return {};
}

Result<void> DirtyBitmaps::store_page(Live& live, std::uint64_t number, const Bytes& bits) {
  std::uint64_t& item = live.table[number];
  if ((item & kOffsetMask) == 0) {
    const bool ones = std::all_of(bits.begin(), bits.end(), [](auto b) { return b == 0xff; });
    const std::uint64_t plain = ones ? kBitmapAllOnes : 0;
    if (ones || all_zero(bits)) {
      live.table_dirty = live.table_dirty || item != plain;
      item = plain;
      return {};
    }
    const std::uint64_t offset = CASSIA_TRY(allocator_.allocate(1));
    allocator_.protect(offset, 1);
    item = offset;
    live.table_dirty = true;
  }
  // In place: as long as the bitmap is marked in use, nobody trusts its bits.
  return file_.write(item & kOffsetMask, bits);
}

Result<void> DirtyBitmaps::write_pages() {
  for (Live& live : live_) {
    for (auto& [number, held] : live.pages) {
      if (held.dirty) CASSIA_TRY(store_page(live, number, held.bits));
      held.dirty = false;
    }
    live.pages.clear();
  }
  held_ = 0;
  return {};
}

Result<void> DirtyBitmaps::write_tables() {
  for (Live& live : live_) {
    if (!live.table_dirty) continue;
    Bytes raw(live.table.size() * 8);
    for (std::size_t i = 0; i < live.table.size(); ++i) store_be64(&raw[i * 8], live.table[i]);
    CASSIA_TRY(file_.write(directory_[live.index].table_offset, raw));
    live.table_dirty = false;
  }
  return {};
}

Result<void> DirtyBitmaps::check_resize() const {
  for (std::size_t i = 0; i < directory_.size(); ++i) {
    if (is_live(i)) continue;
    const auto obstacle = bitmap_obstacle(directory_[i]);
    if (!obstacle && !directory_[i].in_use()) continue;
    return fail(ErrorKind::unsupported,
                "{}: its bitmap '{}' {} and cannot follow a change of size; remove it first "
                "(qemu-img bitmap --remove)",
                file_.name(), directory_[i].name,
                obstacle ? *obstacle : "was not stored by the program that used it last");
  }
  return {};
}

/// Clears everything from bit `bits` on, in the table and in the page where that lies.
Result<void> DirtyBitmaps::cut(Live& live, std::uint64_t bits) {
  const std::uint64_t number = bits >> page_bits();
  for (std::uint64_t i = number + (bits % (std::uint64_t{1} << page_bits()) != 0 ? 1 : 0);
       i < live.table.size(); ++i) {
    const std::uint64_t cluster = live.table[i] & kOffsetMask;
    if (cluster != 0) give_up(cluster, geometry_.cluster_size());
    live.table[i] = 0;
  }
  if (number >= live.table.size() || live.table[number] == 0) return {};
  Page* held = CASSIA_TRY(page(live, number));
  for (std::uint64_t bit = bits - (number << page_bits()); bit < held->bits.size() * 8; ++bit) {
    held->bits[bit / 8] &= static_cast<std::uint8_t>(~(1u << bit % 8));
  }
  held->dirty = true;
  return {};
}

Result<void> DirtyBitmaps::retable(Live& live, std::uint64_t new_size) {
  BitmapEntry& entry = directory_[live.index];
  const std::uint64_t granule = std::uint64_t{1} << entry.granularity_bits;
  const std::uint64_t least = std::min(new_size, header_->size);
  CASSIA_TRY(cut(live, least / granule + (least % granule != 0 ? 1 : 0)));
  CASSIA_TRY(write_pages());
  const std::uint64_t entries =
      std::max<std::uint64_t>(1, bitmap_table_entries(new_size, entry.granularity_bits, geometry_));
  if (entries > kMaxBitmapTableEntries) {
    return fail(ErrorKind::unsupported,
                "{}: its bitmap '{}' would grow too large; remove it first (qemu-img bitmap "
                "--remove)",
                file_.name(), entry.name);
  }
  live.table.resize(entries);
  const std::uint64_t offset = CASSIA_TRY(allocator_.allocate(geometry_.clusters(entries * 8)));
  give_up(entry.table_offset, std::uint64_t{entry.table_entries} * 8);
  entry.table_offset = offset;
  entry.table_entries = static_cast<std::uint32_t>(entries);
  allocator_.protect(offset, entries * 8);
  live.table_dirty = true;
  return {};
}

Result<void> DirtyBitmaps::resize(std::uint64_t new_size) {
  if (directory_.empty()) return {};
  CASSIA_TRY(check_resize());
  for (std::size_t i = 0; i < directory_.size(); ++i) {
    if (!is_live(i)) CASSIA_TRY(adopt(i));
  }
  CASSIA_TRY(set_in_use(true));
  CASSIA_TRY(write_pages());
  for (Live& live : live_) CASSIA_TRY(retable(live, new_size));
  return {};
}

Result<void> DirtyBitmaps::write_directory() {
  BitmapsExtension& where = header_->bitmaps;
  Bytes raw(where.directory_size);
  CASSIA_TRY(file_.read(where.directory_offset, raw));
  for (const BitmapEntry& entry : directory_) {
    store_be64(&raw[entry.position], entry.table_offset);
    store_be32(&raw[entry.position + 8], entry.table_entries);
  }
  const std::uint64_t offset = CASSIA_TRY(allocator_.allocate(geometry_.clusters(raw.size())));
  allocator_.protect(offset, raw.size());
  CASSIA_TRY(file_.write(offset, raw));
  give_up(where.directory_offset, where.directory_size);
  where.directory_offset = offset;
  return {};
}

void DirtyBitmaps::release_old() {
  for (const auto& [offset, length] : old_) allocator_.free_later(offset, length);
  old_.clear();
}

}  // namespace cassia::storage::qcow2
