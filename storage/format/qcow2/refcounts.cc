// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/refcounts.h"

#include <algorithm>

namespace cassia::storage::qcow2 {
namespace {

constexpr std::uint64_t kCacheBytes = 16u << 20;

}  // namespace

std::uint64_t refcount_in(ByteView block, std::uint64_t index, unsigned order) {
  if (order < 3) {
    const unsigned bits = 1u << order;
    const std::uint64_t at = index * bits;
    return block[at / 8] >> (at % 8) & ((1u << bits) - 1);
  }
  const std::uint64_t width = (1u << order) / 8;
  std::uint64_t value = 0;
  for (std::uint64_t i = 0; i < width; ++i) value = value << 8 | block[index * width + i];
  return value;
}

void set_refcount_in(MutableByteView block, std::uint64_t index, unsigned order,
                     std::uint64_t value) {
  if (order < 3) {
    const unsigned bits = 1u << order;
    const std::uint64_t at = index * bits;
    const unsigned mask = ((1u << bits) - 1) << (at % 8);
    block[at / 8] = static_cast<std::uint8_t>((block[at / 8] & ~mask) | (value << (at % 8) & mask));
    return;
  }
  const std::uint64_t width = (1u << order) / 8;
  for (std::uint64_t i = width; i-- > 0; value >>= 8) {
    block[index * width + i] = static_cast<std::uint8_t>(value);
  }
}

Result<void> Refcounts::load(std::uint64_t table_offset, std::uint32_t table_clusters) {
  table_offset_ = table_offset;
  Bytes raw(std::uint64_t{table_clusters} << geometry_.cluster_bits);
  CASSIA_TRY(read_padded(file_, table_offset, raw));
  table_.resize(raw.size() / 8);
  for (std::size_t i = 0; i < table_.size(); ++i) {
    table_[i] = load_be64(&raw[i * 8]) & ~std::uint64_t{0x1ff};
  }
  return {};
}

Result<Refcounts::Block*> Refcounts::block(std::uint64_t index) {
  if (const auto found = blocks_.find(index); found != blocks_.end()) return &found->second;
  const std::uint64_t offset = table_[index];
  if (geometry_.in_cluster(offset) != 0 || offset >= file_.size()) {
    return fail(ErrorKind::malformed, "{}: refcount block {} at {:#x}, which is not a place for it",
                file_.name(), index, offset);
  }
  Block loaded{Bytes(geometry_.cluster_size()), false};
  CASSIA_TRY(read_padded(file_, offset, loaded.bytes));
  if (blocks_.size() * geometry_.cluster_size() > kCacheBytes) drop_clean_blocks();
  return &(blocks_[index] = std::move(loaded));
}

void Refcounts::drop_clean_blocks() {
  std::erase_if(blocks_, [](const auto& item) { return !item.second.dirty; });
}

Result<std::uint64_t> Refcounts::get(std::uint64_t cluster) {
  const std::uint64_t index = block_of(cluster);
  if (!has_block(index)) return 0;
  const Block* found = CASSIA_TRY(block(index));
  return refcount_in(found->bytes, cluster % geometry_.refcount_block_entries(),
                     geometry_.refcount_order);
}

Result<void> Refcounts::set(std::uint64_t cluster, std::uint64_t value) {
  const std::uint64_t index = block_of(cluster);
  if (!has_block(index) || value > geometry_.max_refcount()) {
    return fail(ErrorKind::internal, "{}: no room for refcount {} of cluster {}", file_.name(),
                value, cluster);
  }
  Block* found = CASSIA_TRY(block(index));
  set_refcount_in(found->bytes, cluster % geometry_.refcount_block_entries(),
                  geometry_.refcount_order, value);
  if (!found->dirty) ++dirty_blocks_;
  found->dirty = true;
  return {};
}

void Refcounts::add_block(std::uint64_t index, std::uint64_t offset) {
  table_[index] = offset;
  table_dirty_ = true;
  blocks_[index] = Block{Bytes(geometry_.cluster_size()), true};
  ++dirty_blocks_;
}

void Refcounts::remove_block(std::uint64_t index, bool in_file) {
  table_[index] = 0;
  table_dirty_ = table_dirty_ || in_file;
}

void Refcounts::grow_table(std::uint64_t entries) {
  const std::uint64_t per_cluster = geometry_.cluster_size() / 8;
  table_.resize((entries + per_cluster - 1) / per_cluster * per_cluster);
  table_dirty_ = true;
  table_grown_ = true;
}

void Refcounts::place_table(std::uint64_t offset) {
  table_offset_ = offset;
  table_grown_ = false;
}

Result<void> Refcounts::write_blocks() {
  for (auto& [index, held] : blocks_) {
    if (!held.dirty) continue;
    CASSIA_TRY(file_.write(table_[index], held.bytes));
    held.dirty = false;
    --dirty_blocks_;
  }
  return {};
}

Result<void> Refcounts::write_table() {
  Bytes raw(table_clusters() << geometry_.cluster_bits);
  for (std::size_t i = 0; i < table_.size(); ++i) store_be64(&raw[i * 8], table_[i]);
  CASSIA_TRY(file_.write(table_offset_, raw));
  table_dirty_ = false;
  return {};
}

}  // namespace cassia::storage::qcow2
