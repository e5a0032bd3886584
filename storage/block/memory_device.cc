// SPDX-License-Identifier: Apache-2.0
#include "storage/block/memory_device.h"

#include <algorithm>
#include <mutex>

namespace cassia::storage {

MemoryDevice::MemoryDevice(Bytes content, bool writable, std::string name, std::uint64_t size_cap)
    : content_(std::move(content)),
      writable_(writable),
      name_(std::move(name)),
      size_cap_(size_cap) {}

std::uint64_t MemoryDevice::size() const {
  std::shared_lock lock(mutex_);
  return content_.size();
}

Result<void> MemoryDevice::read(std::uint64_t offset, MutableByteView into) {
  CASSIA_TRY(check_range(offset, into.size()));
  std::shared_lock lock(mutex_);
  std::copy_n(content_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
  return {};
}

/// Called with the lock held: makes [offset, offset + length) exist.
Result<void> MemoryDevice::reach(std::uint64_t offset, std::uint64_t length) {
  if (!writable_) return fail(ErrorKind::permission, "{}: opened read-only", name_);
  if (offset > size_cap_ || length > size_cap_ - offset) {
    return fail(ErrorKind::no_space, "{}: larger than {} bytes", name_, size_cap_);
  }
  if (offset + length > content_.size()) content_.resize(offset + length);
  return {};
}

Result<void> MemoryDevice::write(std::uint64_t offset, ByteView from) {
  std::unique_lock lock(mutex_);
  CASSIA_TRY(reach(offset, from.size()));
  std::copy(from.begin(), from.end(), content_.begin() + static_cast<std::ptrdiff_t>(offset));
  return {};
}

Result<void> MemoryDevice::write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode) {
  std::unique_lock lock(mutex_);
  CASSIA_TRY(reach(offset, length));
  std::fill_n(content_.begin() + static_cast<std::ptrdiff_t>(offset), length, 0);
  return {};
}

Result<void> MemoryDevice::discard(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t end = size();
  if (offset >= end) return {};
  return write_zeroes(offset, std::min(length, end - offset), ZeroMode::unmap);
}

Result<void> MemoryDevice::resize(std::uint64_t new_size) {
  std::unique_lock lock(mutex_);
  CASSIA_TRY(reach(0, new_size));
  content_.resize(new_size);
  return {};
}

Bytes MemoryDevice::content() const {
  std::shared_lock lock(mutex_);
  return content_;
}

}  // namespace cassia::storage
