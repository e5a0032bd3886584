// SPDX-License-Identifier: Apache-2.0
#include "storage/format/raw/raw_image.h"

#include <algorithm>

namespace cassia::storage {
namespace {

constexpr std::uint64_t kSector = 512;

std::uint64_t whole_sectors(std::uint64_t bytes) {
  return (bytes + kSector - 1) / kSector * kSector;
}

}  // namespace

std::uint64_t RawImage::size() const {
  return file_->growable() ? whole_sectors(file_->size()) : file_->size();
}

Result<void> RawImage::check_write(std::uint64_t offset, std::uint64_t length) const {
  if (!writable_) return fail(ErrorKind::permission, "{}: opened read-only", name());
  return check_range(offset, length);
}

Result<void> RawImage::read(std::uint64_t offset, MutableByteView into) {
  CASSIA_TRY(check_range(offset, into.size()));
  return read_padded(*file_, offset, into);
}

Result<void> RawImage::write(std::uint64_t offset, ByteView from) {
  CASSIA_TRY(check_write(offset, from.size()));
  return file_->write(offset, from);
}

Result<void> RawImage::write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) {
  CASSIA_TRY(check_write(offset, length));
  return file_->write_zeroes(offset, length, mode);
}

Result<void> RawImage::discard(std::uint64_t offset, std::uint64_t length) {
  CASSIA_TRY(check_write(offset, length));
  return file_->discard(offset, length);
}

Result<Extent> RawImage::extent(std::uint64_t offset, std::uint64_t max_length) {
  if (offset >= size() || max_length == 0) {
    return fail(ErrorKind::invalid_argument, "{}: no extent at offset {}", name(), offset);
  }
  if (offset < file_->size()) return file_->extent(offset, max_length);
  Extent tail;  // what rounding up to a sector added
  tail.offset = offset;
  tail.length = std::min(max_length, size() - offset);
  tail.data = false;
  tail.zero = true;
  tail.host_offset = offset;
  return tail;
}

Result<void> RawImage::resize(std::uint64_t new_size) {
  if (!writable_) return fail(ErrorKind::permission, "{}: opened read-only", name());
  return file_->resize(whole_sectors(new_size));
}

ImageInfo RawImage::info() const {
  ImageInfo info;
  info.format = "raw";
  info.virtual_size = size();
  return info;
}

}  // namespace cassia::storage
