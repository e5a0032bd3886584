// SPDX-License-Identifier: Apache-2.0
#include "storage/format/common/mapped_image.h"

#include <algorithm>
#include <mutex>

namespace cassia::storage {

Result<void> MappedImage::check_write(std::uint64_t offset, std::uint64_t length) const {
  if (!writable_) return fail(ErrorKind::permission, "{}: opened read-only", name());
  return check_range(offset, length);
}

Result<void> MappedImage::read(std::uint64_t offset, MutableByteView into) {
  CASSIA_TRY(check_range(offset, into.size()));
  std::shared_lock lock(mutex_);
  return read_unlocked(offset, into);
}

Result<void> MappedImage::read_unlocked(std::uint64_t offset, MutableByteView into) {
  while (!into.empty()) {
    const Run run = CASSIA_TRY(map(offset, into.size()));
    CASSIA_TRY(read_run(run, offset, into.first(run.length)));
    into = into.subspan(run.length);
    offset += run.length;
  }
  return {};
}

Result<void> MappedImage::read_run(const Run& run, std::uint64_t offset, MutableByteView into) {
  if (run.kind == RunKind::data) return read_padded(*run.file, run.host, into);
  if (run.kind == RunKind::packed) return read_packed(run, offset, into);
  if (run.kind == RunKind::absent && covered(offset)) return read_padded(*backing_, offset, into);
  std::fill(into.begin(), into.end(), 0);
  return {};
}

Result<void> MappedImage::read_packed(const Run&, std::uint64_t, MutableByteView) {
  return fail(ErrorKind::unsupported, "{}: this format does not compress", name());
}

Result<void> MappedImage::write(std::uint64_t offset, ByteView from) {
  CASSIA_TRY(check_write(offset, from.size()));
  CASSIA_TRY(before_change());
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
    if (wants_commit()) CASSIA_TRY(commit());
  }
  return {};
}

/// Writes as far as there is room already; returns how far that was.
Result<std::uint64_t> MappedImage::write_in_place(std::uint64_t offset, ByteView from) {
  std::uint64_t written = 0;
  while (written < from.size()) {
    const Run run = CASSIA_TRY(map_for_write(offset + written, from.size() - written));
    if (run.kind != RunKind::data) break;
    CASSIA_TRY(run.file->write(run.host, from.subspan(written, run.length)));
    written += run.length;
  }
  return written;
}

Result<void> MappedImage::write_zero_bytes(std::uint64_t offset, std::uint64_t length) {
  const Bytes zeroes(std::min<std::uint64_t>(length, 1u << 20));
  for (std::uint64_t at = 0; at < length; at += zeroes.size()) {
    const std::uint64_t step = std::min<std::uint64_t>(zeroes.size(), length - at);
    CASSIA_TRY(write(offset + at, ByteView(zeroes).first(step)));
  }
  return {};
}

Result<void> MappedImage::write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) {
  CASSIA_TRY(check_write(offset, length));
  CASSIA_TRY(before_change());
  const std::uint64_t end = offset + length;
  while (offset < end) {
    std::uint64_t step = 0;
    bool by_writing = false;
    {
      std::shared_lock lock(mutex_);
      const Run run = CASSIA_TRY(map(offset, end - offset));
      step = run.length;
      const bool shines = run.kind == RunKind::absent && covered(offset);
      if (shines) step = std::min(step, backing_->size() - offset);
      by_writing = shines || run.kind == RunKind::packed;
      if (run.kind == RunKind::data) CASSIA_TRY(run.file->write_zeroes(run.host, step, mode));
    }
    if (by_writing) CASSIA_TRY(write_zero_bytes(offset, step));
    offset += step;
  }
  return {};
}

/// The blocks stay; the file system gets back what lies in them.
Result<void> MappedImage::discard(std::uint64_t offset, std::uint64_t length) {
  CASSIA_TRY(check_write(offset, length));
  CASSIA_TRY(before_change());
  const std::uint64_t end = offset + length;
  std::shared_lock lock(mutex_);
  while (offset < end) {
    const Run run = CASSIA_TRY(map(offset, end - offset));
    if (run.kind == RunKind::data) CASSIA_TRY(run.file->discard(run.host, run.length));
    offset += run.length;
  }
  return {};
}

Result<void> MappedImage::flush() {
  if (!writable_) return {};
  std::unique_lock lock(mutex_);
  CASSIA_TRY(commit());
  return file_->flush();
}

Result<Extent> MappedImage::extent(std::uint64_t offset, std::uint64_t max_length) {
  if (offset >= size() || max_length == 0) {
    return fail(ErrorKind::invalid_argument, "{}: no extent at offset {}", name(), offset);
  }
  std::shared_lock lock(mutex_);
  const Run run = CASSIA_TRY(map(offset, std::min(max_length, size() - offset)));
  Extent found;
  found.offset = offset;
  found.length = run.length;
  if (run.kind == RunKind::data) {
    found.host_offset = run.host;
    if (!shows_holes() || run.host >= run.file->size()) return found;
    const Extent in_file = CASSIA_TRY(run.file->extent(run.host, run.length));
    found.length = in_file.length;
    found.zero = in_file.zero;
    return found;
  }
  if (run.kind == RunKind::absent && covered(offset)) {
    found = CASSIA_TRY(backing_->extent(offset, std::min(run.length, backing_->size() - offset)));
    ++found.depth;
    return found;
  }
  if (run.kind == RunKind::packed) {
    found.compressed = true;
    return found;
  }
  found.data = false;
  found.zero = true;
  found.allocated = run.kind == RunKind::zero || absent_is_allocated();
  return found;
}

}  // namespace cassia::storage
