// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/allocator.h"

#include <algorithm>

namespace cassia::storage::qcow2 {

Result<bool> Allocator::is_free(std::uint64_t cluster) {
  return CASSIA_TRY(refcounts_.get(cluster)) == 0;
}

/// First of `count` free neighbours at or after `from`; there always are some past the end.
Result<std::uint64_t> Allocator::find_free(std::uint64_t from, std::uint64_t count) {
  std::uint64_t start = from;
  for (std::uint64_t cluster = from; cluster - start < count; ++cluster) {
    if (!CASSIA_TRY(is_free(cluster))) start = cluster + 1;
  }
  if ((start + count) << geometry_.cluster_bits > kMaxHostOffset) {
    return fail(ErrorKind::no_space, "{}: no host offset below 64 PiB is free", file_.name());
  }
  return start;
}

/// Makes refcount block `index` exist. Where it must be counted in a block that does not exist
/// either, that one comes first; a block may lie in, and count, its own range.
Result<void> Allocator::ensure_block(std::uint64_t index) {
  while (!refcounts_.has_block(index)) {
    if (index >= kMaxRefcountTableBytes / 8) {
      return fail(ErrorKind::no_space, "{}: the refcount table cannot grow any more", file_.name());
    }
    if (index >= refcounts_.table().size()) {
      refcounts_.grow_table(std::max(index + 1, refcounts_.table().size() * 3 / 2));
    }
    const std::uint64_t cluster = CASSIA_TRY(find_free(single_hint_, 1));
    single_hint_ = cluster;
    const std::uint64_t home = refcounts_.block_of(cluster);
    if (home != index && !refcounts_.has_block(home)) {
      CASSIA_TRY(ensure_block(home));
      continue;
    }
    const std::uint64_t offset = cluster << geometry_.cluster_bits;
    if (protected_.count(cluster) != 0) {
      return fail(ErrorKind::malformed,
                  "{}: refcounts say that cluster {:#x} in use is free; repair the image",
                  file_.name(), offset);
    }
    refcounts_.add_block(index, offset);
    CASSIA_TRY(refcounts_.set(cluster, 1));
    protect(offset, 1);
  }
  return {};
}

/// True if a block had to be made, which may have taken one of the clusters in question.
Result<bool> Allocator::ensure_blocks(std::uint64_t first, std::uint64_t count) {
  bool made = false;
  for (std::uint64_t index = refcounts_.block_of(first);
       index <= refcounts_.block_of(first + count - 1); ++index) {
    if (refcounts_.has_block(index)) continue;
    CASSIA_TRY(ensure_block(index));
    made = true;
  }
  return made;
}

Result<void> Allocator::claim(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t cluster = first; cluster < first + count; ++cluster) {
    if (protected_.count(cluster) != 0) {
      return fail(ErrorKind::malformed,
                  "{}: refcounts say that cluster {:#x} in use is free; repair the image",
                  file_.name(), cluster << geometry_.cluster_bits);
    }
    CASSIA_TRY(refcounts_.set(cluster, 1));
  }
  return {};
}

Result<std::uint64_t> Allocator::allocate(std::uint64_t count) {
  std::uint64_t& hint = count == 1 ? single_hint_ : run_hint_;
  std::uint64_t first = 0;
  do {
    first = CASSIA_TRY(find_free(std::max(hint, single_hint_), count));
  } while (CASSIA_TRY(ensure_blocks(first, count)));
  CASSIA_TRY(claim(first, count));
  hint = first + count;
  return first << geometry_.cluster_bits;
}

/// Takes exactly these clusters if all are free.
Result<bool> Allocator::claim_at(std::uint64_t first, std::uint64_t count) {
  (void)CASSIA_TRY(ensure_blocks(first, count));
  for (std::uint64_t cluster = first; cluster < first + count; ++cluster) {
    if (!CASSIA_TRY(is_free(cluster))) return false;
  }
  CASSIA_TRY(claim(first, count));
  return true;
}

Result<std::uint64_t> Allocator::allocate_bytes(std::uint64_t length) {
  const std::uint64_t size = geometry_.cluster_size();
  std::uint64_t offset = byte_offset_;
  if (offset != 0) {
    const std::uint64_t cluster = offset >> geometry_.cluster_bits;
    const std::uint64_t room = size - geometry_.in_cluster(offset);
    const bool countable = CASSIA_TRY(refcounts_.get(cluster)) < geometry_.max_refcount();
    if (!countable || (length > room && !CASSIA_TRY(claim_at(cluster + 1, 1)))) {
      offset = 0;
    } else {
      CASSIA_TRY(add_reference(cluster << geometry_.cluster_bits, 1));
    }
  }
  if (offset == 0) offset = CASSIA_TRY(allocate(1));
  if (offset + length > std::uint64_t{1} << std::min(geometry_.compressed_offset_bits(), 56u)) {
    return fail(ErrorKind::no_space, "{}: too large for compressed clusters", file_.name());
  }
  byte_offset_ = offset + length;
  if (geometry_.in_cluster(byte_offset_) == 0) byte_offset_ = 0;
  return offset;
}

Result<void> Allocator::add_reference(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t last = (offset + length - 1) >> geometry_.cluster_bits;
  for (std::uint64_t cluster = offset >> geometry_.cluster_bits; cluster <= last; ++cluster) {
    const std::uint64_t now = CASSIA_TRY(refcounts_.get(cluster));
    if (now == 0) {
      return fail(ErrorKind::malformed,
                  "{}: cluster {:#x} is in use but not counted; repair the image", file_.name(),
                  cluster << geometry_.cluster_bits);
    }
    if (now >= geometry_.max_refcount()) {
      return fail(ErrorKind::unsupported,
                  "{}: refcounts of {} bits cannot count another use of a cluster", file_.name(),
                  1u << geometry_.refcount_order);
    }
    CASSIA_TRY(refcounts_.set(cluster, now + 1));
  }
  return {};
}

void Allocator::free_later(std::uint64_t offset, std::uint64_t length) {
  if (length > 0) frees_.push_back({offset, length});
}

Result<void> Allocator::release(std::uint64_t cluster, std::vector<std::uint64_t>& emptied) {
  const std::uint64_t now = CASSIA_TRY(refcounts_.get(cluster));
  if (now == 0) {
    return fail(ErrorKind::malformed,
                "{}: cluster {:#x} is given back but not counted; repair the image", file_.name(),
                cluster << geometry_.cluster_bits);
  }
  CASSIA_TRY(refcounts_.set(cluster, now - 1));
  if (now > 1) return {};
  emptied.push_back(cluster);
  protected_.erase(cluster);
  single_hint_ = std::min(single_hint_, cluster);
  run_hint_ = std::min(run_hint_, cluster);
  if (byte_offset_ >> geometry_.cluster_bits == cluster) byte_offset_ = 0;
  return {};
}

Result<void> Allocator::apply_frees() {
  std::vector<std::uint64_t> emptied;
  const std::vector<Span> frees = std::exchange(frees_, {});
  for (const Span& span : frees) {
    const std::uint64_t last = (span.offset + span.length - 1) >> geometry_.cluster_bits;
    for (std::uint64_t cluster = span.offset >> geometry_.cluster_bits; cluster <= last;
         ++cluster) {
      CASSIA_TRY(release(cluster, emptied));
    }
  }
  return discard_runs(std::move(emptied));
}

/// Gives the host its space back.
Result<void> Allocator::discard_runs(std::vector<std::uint64_t> clusters) {
  std::sort(clusters.begin(), clusters.end());
  for (std::size_t i = 0; i < clusters.size();) {
    std::size_t end = i + 1;
    while (end < clusters.size() && clusters[end] == clusters[end - 1] + 1) ++end;
    CASSIA_TRY(
        file_.discard(clusters[i] << geometry_.cluster_bits, (end - i) << geometry_.cluster_bits));
    i = end;
  }
  return {};
}

void Allocator::protect(std::uint64_t offset, std::uint64_t length) {
  if (length == 0) return;
  const std::uint64_t last = (offset + length - 1) >> geometry_.cluster_bits;
  for (std::uint64_t c = offset >> geometry_.cluster_bits; c <= last; ++c) protected_.insert(c);
}

void Allocator::unprotect(std::uint64_t offset, std::uint64_t length) {
  if (length == 0) return;
  const std::uint64_t last = (offset + length - 1) >> geometry_.cluster_bits;
  for (std::uint64_t c = offset >> geometry_.cluster_bits; c <= last; ++c) protected_.erase(c);
}

}  // namespace cassia::storage::qcow2
