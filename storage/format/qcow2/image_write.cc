// SPDX-License-Identifier: Apache-2.0
// Writing: in place where the cluster is ours alone, else into fresh clusters.

#include <algorithm>

#include "storage/format/qcow2/compression.h"
#include "storage/format/qcow2/image.h"

namespace cassia::storage::qcow2 {

Result<void> Qcow2Image::write(std::uint64_t offset, ByteView from) {
  CASSIA_TRY(check_writable());
  CASSIA_TRY(check_range(offset, from.size()));
  CASSIA_TRY(bitmaps_->mark(offset, from.size()));
  CASSIA_TRY(relieve_bitmaps());
  while (!from.empty()) {
    {
      std::shared_lock lock(mutex_);
      const std::uint64_t written = CASSIA_TRY(write_in_place(offset, from));
      from = from.subspan(written);
      offset += written;
    }
    if (from.empty()) break;
    std::unique_lock lock(mutex_);
    const std::uint64_t written = CASSIA_TRY(write_fresh(offset, from));
    from = from.subspan(written);
    offset += written;
    CASSIA_TRY(commit_if_large());
  }
  return {};
}

Result<void> Qcow2Image::write_unlocked(std::uint64_t offset, ByteView from) {
  while (!from.empty()) {
    std::uint64_t written = CASSIA_TRY(write_in_place(offset, from));
    if (written == 0) written = CASSIA_TRY(write_fresh(offset, from));
    from = from.subspan(written);
    offset += written;
  }
  return {};
}

/// Writes as far as the clusters are plain data and counted once; returns how far that was.
Result<std::uint64_t> Qcow2Image::write_in_place(std::uint64_t offset, ByteView from) {
  std::uint64_t written = 0;
  while (written < from.size()) {
    const Run run = CASSIA_TRY(map(offset + written, from.size() - written));
    if (run.kind != ClusterKind::normal || (run.entry & kCopied) == 0) break;
    CASSIA_TRY(file_->write(run.host, from.subspan(written, run.length)));
    written += run.length;
  }
  return written;
}

/// The L2 table for `l1_index`, which exists afterwards and belongs to the active disk alone.
Result<std::shared_ptr<L2Table>> Qcow2Image::writable_l2(std::uint64_t l1_index) {
  const std::uint64_t entry = l1_[l1_index];
  const std::uint64_t old = entry & kOffsetMask;
  if (old != 0 && (entry & kCopied) != 0) return l2_->get(old);
  std::vector<std::uint64_t> entries(geometry_.l2_entries());
  if (old != 0) entries = CASSIA_TRY(l2_->get(old))->entries();
  const std::uint64_t offset = CASSIA_TRY(allocator_->allocate(1));
  allocator_->protect(offset, 1);
  auto table = l2_->add(offset, std::move(entries));
  set_l1(l1_index, offset | kCopied);
  if (old != 0) allocator_->free_later(old, geometry_.cluster_size());
  return table;
}

/// Gives back what an L2 entry that is about to be replaced refers to.
void Qcow2Image::release_entry(std::uint64_t entry) {
  if (kind_of(entry) == ClusterKind::compressed) {
    const CompressedSpan span = compressed_span(entry, geometry_);
    allocator_->free_later(span.offset, span.length);
    std::lock_guard lock(decompressed_mutex_);
    if (decompressed_entry_ == entry) decompressed_entry_ = 0;
  } else if ((entry & kOffsetMask) != 0) {
    allocator_->free_later(entry & kOffsetMask, geometry_.cluster_size());
  }
}

/// Writes the clusters from `offset` on that cannot be written in place (at least one), as far as
/// they lie in one L2 table; returns how many bytes of `from` that was.
Result<std::uint64_t> Qcow2Image::write_fresh(std::uint64_t offset, ByteView from) {
  const std::uint64_t l1_index = offset / geometry_.l2_span();
  const std::uint64_t in_span = offset % geometry_.l2_span();
  const std::uint64_t limit = std::min<std::uint64_t>(from.size(), geometry_.l2_span() - in_span);
  const auto table = CASSIA_TRY(writable_l2(l1_index));
  const std::uint64_t first = in_span >> geometry_.cluster_bits;
  const std::uint64_t last = (in_span + limit - 1) >> geometry_.cluster_bits;
  std::uint64_t count = 0;
  for (std::uint64_t i = first; i <= last; ++i, ++count) {
    const std::uint64_t entry = (*table)[i];
    if (kind_of(entry) == ClusterKind::normal && (entry & kCopied) != 0) break;
  }
  // writable_l2() may have made this thread's earlier look out of date: nothing to do is fine.
  if (count == 0) return 0;
  const std::uint64_t span = (count << geometry_.cluster_bits) - geometry_.in_cluster(offset);
  const ByteView part = from.first(std::min(limit, span));
  const std::uint64_t host = CASSIA_TRY(allocator_->allocate(count));
  if (auto stored = store_clusters(offset, part, host, count); !stored) {
    allocator_->free_later(host, count << geometry_.cluster_bits);
    return fail(stored.error());
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    release_entry((*table)[first + i]);
    table->set(first + i, (host + (i << geometry_.cluster_bits)) | kCopied);
  }
  return part.size();
}

/// Fills fresh clusters at `host`: `from` in the middle, what the guest sees now around it.
Result<void> Qcow2Image::store_clusters(std::uint64_t offset, ByteView from, std::uint64_t host,
                                        std::uint64_t clusters) {
  const std::uint64_t before = geometry_.in_cluster(offset);
  const std::uint64_t total = clusters << geometry_.cluster_bits;
  const std::uint64_t after = total - before - from.size();
  if (before == 0 && after == 0) return file_->write(host, from);
  Bytes head(before);
  CASSIA_TRY(read_unlocked(offset - before, head));
  Bytes tail(after);
  const std::uint64_t end = offset + from.size();
  // Past the end of the disk there is nothing to keep.
  const std::uint64_t kept = end >= size() ? 0 : std::min(after, size() - end);
  CASSIA_TRY(read_unlocked(end, MutableByteView(tail).first(kept)));
  if (total <= (1u << 18)) {
    Bytes whole;
    whole.reserve(total);
    whole.insert(whole.end(), head.begin(), head.end());
    whole.insert(whole.end(), from.begin(), from.end());
    whole.insert(whole.end(), tail.begin(), tail.end());
    return file_->write(host, whole);
  }
  CASSIA_TRY(file_->write(host, head));
  CASSIA_TRY(file_->write(host + before, from));
  return file_->write(host + before + from.size(), tail);
}

Result<void> Qcow2Image::write_zero_data(std::uint64_t offset, std::uint64_t length) {
  const Bytes zeroes(
      std::min<std::uint64_t>(length, std::max<std::uint64_t>(1u << 20, geometry_.cluster_size())));
  while (length > 0) {
    const std::uint64_t step = std::min<std::uint64_t>(length, zeroes.size());
    CASSIA_TRY(write_unlocked(offset, ByteView(zeroes).first(step)));
    offset += step;
    length -= step;
  }
  return {};
}

Result<void> Qcow2Image::zero_partial(std::uint64_t offset, std::uint64_t length) {
  const Extent now = CASSIA_TRY(extent_unlocked(offset, length));
  if (now.zero && now.length >= length) return {};
  return write_zero_data(offset, length);
}

/// Zeroes whole clusters, all in one L2 table.
Result<void> Qcow2Image::zero_clusters(std::uint64_t offset, std::uint64_t clusters,
                                       ZeroMode mode) {
  const std::uint64_t l1_index = offset / geometry_.l2_span();
  const std::uint64_t first = offset % geometry_.l2_span() >> geometry_.cluster_bits;
  const bool covered = offset < backing_end();
  if ((l1_[l1_index] & kOffsetMask) == 0 && !covered) return {};
  if (header_.version < 3 && covered) {
    // No way to say "zero" in version 2 where a backing image would shine through.
    return write_zero_data(offset, std::min(clusters << geometry_.cluster_bits, size() - offset));
  }
  const auto table = CASSIA_TRY(writable_l2(l1_index));
  for (std::uint64_t i = first; i < first + clusters; ++i) {
    const std::uint64_t entry = (*table)[i];
    const ClusterKind kind = kind_of(entry);
    if (kind == ClusterKind::zero_plain || (kind == ClusterKind::unallocated && !covered)) continue;
    const bool ours = kind != ClusterKind::compressed && (entry & kCopied) != 0;
    if (mode == ZeroMode::keep && ours && header_.version >= 3) {
      table->set(i, entry | kZero);
      continue;
    }
    release_entry(entry);
    table->set(i, header_.version >= 3 ? kZero : 0);
  }
  return commit_if_large();
}

Result<void> Qcow2Image::zero_unlocked(std::uint64_t offset, std::uint64_t length, ZeroMode mode) {
  const std::uint64_t cluster = geometry_.cluster_size();
  while (length > 0) {
    const std::uint64_t skip = geometry_.in_cluster(offset);
    const bool to_end = offset + length == size();
    std::uint64_t step = std::min(length, cluster - skip);
    if (skip == 0 && (length >= cluster || to_end)) {
      const std::uint64_t room = geometry_.l2_span() - offset % geometry_.l2_span();
      const std::uint64_t part = std::min(length, room);
      const std::uint64_t count =
          to_end ? geometry_.clusters(part) : part >> geometry_.cluster_bits;
      CASSIA_TRY(zero_clusters(offset, count, mode));
      step = std::min(length, count << geometry_.cluster_bits);
    } else {
      CASSIA_TRY(zero_partial(offset, step));
    }
    offset += step;
    length -= step;
  }
  return {};
}

Result<void> Qcow2Image::write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) {
  CASSIA_TRY(check_writable());
  CASSIA_TRY(check_range(offset, length));
  CASSIA_TRY(bitmaps_->mark(offset, length));
  CASSIA_TRY(relieve_bitmaps());
  std::unique_lock lock(mutex_);
  return zero_unlocked(offset, length, mode);
}

Result<void> Qcow2Image::discard(std::uint64_t offset, std::uint64_t length) {
  CASSIA_TRY(check_writable());
  CASSIA_TRY(check_range(offset, length));
  const std::uint64_t cluster = geometry_.cluster_size();
  const std::uint64_t start = geometry_.clusters(offset) << geometry_.cluster_bits;
  std::uint64_t end = offset + length;
  if (end < size()) end -= geometry_.in_cluster(end);
  if (end <= start || (end - start < cluster && end < size())) return {};
  // Version 2 cannot drop data above a backing image without the old content showing again.
  if (header_.version < 3 && start < backing_end()) return {};
  CASSIA_TRY(bitmaps_->mark(start, std::min(end, size()) - start));
  CASSIA_TRY(relieve_bitmaps());
  std::unique_lock lock(mutex_);
  return zero_unlocked(start, end - start, ZeroMode::unmap);
}

Result<Bytes> Qcow2Image::pack(std::uint64_t offset, ByteView content) {
  CASSIA_TRY(check_writable());
  CASSIA_TRY(check_range(offset, content.size()));
  const std::uint64_t cluster = geometry_.cluster_size();
  const bool whole =
      content.size() == cluster || (content.size() < cluster && offset + content.size() == size());
  if (geometry_.in_cluster(offset) != 0 || !whole) {
    return fail(ErrorKind::invalid_argument, "{}: only whole clusters can be compressed", name());
  }
  Bytes padded;
  if (content.size() < cluster) {
    padded = to_bytes(content);
    padded.resize(cluster);
  }
  return compress(header_.compression, padded.empty() ? content : ByteView(padded));
}

Result<void> Qcow2Image::write_packed(std::uint64_t offset, ByteView content, ByteView packed) {
  CASSIA_TRY(check_writable());
  CASSIA_TRY(check_range(offset, content.size()));
  if (packed.empty()) return write(offset, content);
  CASSIA_TRY(bitmaps_->mark(offset, content.size()));
  std::unique_lock lock(mutex_);
  const auto table = CASSIA_TRY(writable_l2(offset / geometry_.l2_span()));
  const std::uint64_t host = CASSIA_TRY(allocator_->allocate_bytes(packed.size()));
  CASSIA_TRY(file_->write(host, packed));
  const std::uint64_t index = offset % geometry_.l2_span() >> geometry_.cluster_bits;
  const std::uint64_t more = ((host + packed.size() - 1) >> 9) - (host >> 9);
  release_entry((*table)[index]);
  table->set(index, kCompressed | more << geometry_.compressed_offset_bits() | host);
  return commit_if_large();
}

Result<std::uint64_t> Qcow2Image::preallocate() {
  std::unique_lock lock(mutex_);
  std::uint64_t end = 0;
  for (std::uint64_t offset = 0; offset < size(); offset += geometry_.l2_span()) {
    const auto table = CASSIA_TRY(writable_l2(offset / geometry_.l2_span()));
    const std::uint64_t count = geometry_.clusters(std::min(geometry_.l2_span(), size() - offset));
    const std::uint64_t host = CASSIA_TRY(allocator_->allocate(count));
    for (std::uint64_t i = 0; i < count; ++i) {
      table->set(i, (host + (i << geometry_.cluster_bits)) | kCopied);
    }
    end = std::max(end, host + (count << geometry_.cluster_bits));
    CASSIA_TRY(commit_if_large());
  }
  CASSIA_TRY(commit());
  return end;
}

}  // namespace cassia::storage::qcow2
