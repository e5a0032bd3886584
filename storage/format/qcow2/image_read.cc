// SPDX-License-Identifier: Apache-2.0
// Reading: from guest offsets to host offsets, backing images and decompressed clusters.

#include <algorithm>

#include "storage/format/qcow2/compression.h"
#include "storage/format/qcow2/image.h"

namespace cassia::storage::qcow2 {

/// How the bytes from `offset` on are stored, as far as that goes on the same way within one L2
/// table. Compressed clusters come one at a time.
Result<Qcow2Image::Run> Qcow2Image::map(std::uint64_t offset, std::uint64_t max_length) {
  const std::uint64_t l1_index = offset / geometry_.l2_span();
  const std::uint64_t in_span = offset % geometry_.l2_span();
  const std::uint64_t limit = std::min(max_length, geometry_.l2_span() - in_span);
  Run run;
  run.length = limit;
  if (l1_index >= l1_.size()) return run;
  const std::uint64_t l2_offset = l1_[l1_index] & kOffsetMask;
  if (l2_offset == 0) return run;
  const auto table = CASSIA_TRY(l2_->get(l2_offset));
  std::uint64_t index = in_span >> geometry_.cluster_bits;
  const std::uint64_t skip = geometry_.in_cluster(offset);
  run.entry = (*table)[index];
  run.kind = kind_of(run.entry);
  run.length = geometry_.cluster_size() - skip;
  const bool placed = run.kind == ClusterKind::normal || run.kind == ClusterKind::zero_allocated;
  const std::uint64_t first_host = run.entry & kOffsetMask;
  if (placed && geometry_.in_cluster(first_host) != 0) {
    return fail(ErrorKind::malformed, "{}: data cluster at {:#x}, which is not a place for it",
                name(), first_host);
  }
  if (placed) run.host = first_host + skip;
  for (++index; run.length < limit && run.kind != ClusterKind::compressed; ++index) {
    const std::uint64_t next = (*table)[index];
    if (kind_of(next) != run.kind) break;
    if (placed && (next & kOffsetMask) != run.host + run.length) break;
    if (((next ^ run.entry) & kCopied) != 0) break;
    run.length += geometry_.cluster_size();
  }
  run.length = std::min(run.length, limit);
  return run;
}

Result<void> Qcow2Image::read(std::uint64_t offset, MutableByteView into) {
  CASSIA_TRY(check_range(offset, into.size()));
  std::shared_lock lock(mutex_);
  return read_unlocked(offset, into);
}

Result<void> Qcow2Image::read_unlocked(std::uint64_t offset, MutableByteView into) {
  while (!into.empty()) {
    const Run run = CASSIA_TRY(map(offset, into.size()));
    CASSIA_TRY(read_run(run, offset, into.first(run.length)));
    into = into.subspan(run.length);
    offset += run.length;
  }
  return {};
}

Result<void> Qcow2Image::read_run(const Run& run, std::uint64_t offset, MutableByteView into) {
  switch (run.kind) {
    case ClusterKind::unallocated:
      return read_backing(offset, into);
    case ClusterKind::zero_plain:
    case ClusterKind::zero_allocated:
      std::fill(into.begin(), into.end(), 0);
      return {};
    case ClusterKind::normal:
      return read_padded(*file_, run.host, into);
    case ClusterKind::compressed:
      return read_compressed(run.entry, geometry_.in_cluster(offset), into);
  }
  return {};
}

Result<void> Qcow2Image::read_backing(std::uint64_t offset, MutableByteView into) {
  if (backing_) return read_padded(*backing_, offset, into);
  if (!header_.backing_file.empty()) {
    return fail(ErrorKind::not_found, "{}: its backing image {} is not open", name(),
                header_.backing_file);
  }
  std::fill(into.begin(), into.end(), 0);
  return {};
}

Result<void> Qcow2Image::read_compressed(std::uint64_t entry, std::uint64_t in_cluster,
                                         MutableByteView into) {
  {
    std::lock_guard lock(decompressed_mutex_);
    if (decompressed_entry_ == entry) {
      std::copy_n(decompressed_.begin() + static_cast<std::ptrdiff_t>(in_cluster), into.size(),
                  into.begin());
      return {};
    }
  }
  const CompressedSpan span = compressed_span(entry, geometry_);
  if (span.offset >= file_->size()) {
    return fail(ErrorKind::malformed, "{}: compressed cluster at {:#x}, past the end of the file",
                name(), span.offset);
  }
  Bytes packed(std::min(span.length, file_->size() - span.offset));
  CASSIA_TRY(file_->read(span.offset, packed));
  Bytes plain(geometry_.cluster_size());
  if (auto done = decompress(header_.compression, packed, plain); !done) {
    return fail(done.error().in(fmt::format("{}: at {:#x}", name(), span.offset)));
  }
  std::copy_n(plain.begin() + static_cast<std::ptrdiff_t>(in_cluster), into.size(), into.begin());
  std::lock_guard lock(decompressed_mutex_);
  decompressed_entry_ = entry;
  decompressed_ = std::move(plain);
  return {};
}

Result<Extent> Qcow2Image::extent(std::uint64_t offset, std::uint64_t max_length) {
  if (offset >= size() || max_length == 0) {
    return fail(ErrorKind::invalid_argument, "{}: no extent at offset {}", name(), offset);
  }
  std::shared_lock lock(mutex_);
  return extent_unlocked(offset, std::min(max_length, size() - offset));
}

Result<Extent> Qcow2Image::extent_unlocked(std::uint64_t offset, std::uint64_t max_length) {
  const Run run = CASSIA_TRY(map(offset, max_length));
  Extent found;
  found.offset = offset;
  found.length = run.length;
  switch (run.kind) {
    case ClusterKind::normal:
      found.host_offset = run.host;
      return found;
    case ClusterKind::compressed:
      found.compressed = true;
      return found;
    case ClusterKind::zero_allocated:
      found.host_offset = run.host;
      found.data = false;
      found.zero = true;
      return found;
    case ClusterKind::zero_plain:
      found.data = false;
      found.zero = true;
      return found;
    case ClusterKind::unallocated:
      break;
  }
  if (offset < backing_end()) {
    found = CASSIA_TRY(backing_->extent(offset, std::min(run.length, backing_end() - offset)));
    ++found.depth;
    return found;
  }
  found.data = false;
  found.zero = true;
  found.allocated = false;
  return found;
}

}  // namespace cassia::storage::qcow2
