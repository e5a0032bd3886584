// SPDX-License-Identifier: Apache-2.0
#include "storage/block/block_device.h"

#include <algorithm>
#include <cstring>

namespace cassia::storage {

Result<Extent> BlockDevice::extent(std::uint64_t offset, std::uint64_t max_length) {
  if (offset >= size() || max_length == 0) {
    return fail(ErrorKind::invalid_argument, "{}: no extent at offset {}", name(), offset);
  }
  Extent whole;
  whole.offset = offset;
  whole.length = std::min(max_length, size() - offset);
  whole.host_offset = offset;
  return whole;
}

Result<void> BlockDevice::resize(std::uint64_t) {
  return fail(ErrorKind::unsupported, "{}: this kind of device cannot change its size", name());
}

Result<void> BlockDevice::check_range(std::uint64_t offset, std::uint64_t length) const {
  const std::uint64_t end = size();
  if (offset > end || length > end - offset) {
    return fail(ErrorKind::invalid_argument, "{}: {} bytes at offset {} reach past the end at {}",
                name(), length, offset, end);
  }
  return {};
}

Result<void> read_padded(BlockDevice& device, std::uint64_t offset, MutableByteView into) {
  const std::uint64_t end = device.size();
  const std::uint64_t inside =
      offset >= end ? 0 : std::min<std::uint64_t>(into.size(), end - offset);
  if (inside > 0) CASSIA_TRY(device.read(offset, into.first(inside)));
  std::fill(into.begin() + static_cast<std::ptrdiff_t>(inside), into.end(), 0);
  return {};
}

bool all_zero(ByteView bytes) {
  if (bytes.empty()) return true;
  if (bytes.front() != 0) return false;
  // Comparing the buffer with itself one byte on is a vectorised "every byte equals the first".
  return std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace cassia::storage
