// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vmdk/grain.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "storage/format/common/little_endian.h"
#include "storage/format/vmdk/header.h"

namespace cassia::storage::vmdk {
namespace {

constexpr std::size_t kMarkerBytes = 12;

}  // namespace

Result<Bytes> pack_grain(std::uint64_t offset, ByteView grain) {
  uLongf length = ::compressBound(static_cast<uLong>(grain.size()));
  Bytes out(kMarkerBytes + length);
  const int result = ::compress2(&out[kMarkerBytes], &length, grain.data(),
                                 static_cast<uLong>(grain.size()), Z_DEFAULT_COMPRESSION);
  if (result != Z_OK) return fail(ErrorKind::internal, "zlib cannot compress: {}", result);
  store_le64(out.data(), offset / kSector);
  store_le32(&out[8], static_cast<std::uint32_t>(length));
  out.resize((kMarkerBytes + length + kSector - 1) / kSector * kSector);
  return out;
}

Result<void> unpack_grain(BlockDevice& file, std::uint64_t host, std::uint64_t offset,
                          std::uint64_t needed, MutableByteView grain) {
  std::array<std::uint8_t, kMarkerBytes> marker{};
  const auto broken = [&] {
    return fail(ErrorKind::malformed, "{}: the compressed grain at {:#x} is damaged", file.name(),
                host);
  };
  if (host > file.size() || file.size() - host < kMarkerBytes) return broken();
  CASSIA_TRY(file.read(host, marker));
  const std::uint32_t length = load_le32(&marker[8]);
  if (load_le64(marker.data()) != offset / kSector || length == 0 || length > 2 * grain.size() ||
      length > file.size() - host - kMarkerBytes) {
    return broken();
  }
  Bytes packed(length);
  CASSIA_TRY(file.read(host + kMarkerBytes, packed));
  uLongf filled = static_cast<uLongf>(grain.size());
  if (::uncompress(grain.data(), &filled, packed.data(), length) != Z_OK || filled < needed) {
    return broken();
  }
  std::fill(grain.begin() + static_cast<std::ptrdiff_t>(filled), grain.end(), 0);
  return {};
}

}  // namespace cassia::storage::vmdk
