// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vpc/header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <string_view>

#include "storage/format/common/big_endian.h"
#include "storage/format/vpc/parent.h"

namespace cassia::storage::vpc {
namespace {

constexpr std::string_view kFooterCookie = "conectix";
constexpr std::string_view kDynamicCookie = "cxsparse";

// Offsets in the footer.
constexpr std::size_t kFeatures = 8;
constexpr std::size_t kFooterVersion = 12;
constexpr std::size_t kDataOffset = 16;
constexpr std::size_t kTimestamp = 24;
constexpr std::size_t kCreator = 28;
constexpr std::size_t kCreatorVersion = 32;
constexpr std::size_t kCreatorOs = 36;
constexpr std::size_t kOriginalSize = 40;
constexpr std::size_t kCurrentSize = 48;
constexpr std::size_t kGeometry = 56;
constexpr std::size_t kDiskType = 60;
constexpr std::size_t kFooterChecksum = 64;
constexpr std::size_t kUuid = 68;

// Offsets in the dynamic header.
constexpr std::size_t kTableOffset = 16;
constexpr std::size_t kHeaderVersion = 24;
constexpr std::size_t kTableEntries = 28;
constexpr std::size_t kBlockSize = 32;
constexpr std::size_t kDynamicChecksum = 36;
constexpr std::size_t kParentUuid = 40;

constexpr std::uint32_t kVersion = 0x00010000;
constexpr std::uint32_t kReservedFeature = 2;  // always set
constexpr std::uint64_t kNoOffset = ~std::uint64_t{0};
constexpr std::uint32_t kMaxBlockSize = 256u << 20;

/// The sum of all other bytes, inverted.
std::uint32_t checksum(ByteView bytes, std::size_t field) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i < field || i >= field + 4) sum += bytes[i];
  }
  return ~sum;
}

bool checksum_right(ByteView bytes, std::size_t field) {
  return load_be32(&bytes[field]) == checksum(bytes, field);
}

/// Virtual PC, Virtual Server and QEMU show their guests what the shape says.
bool goes_by_geometry(ByteView footer) {
  const std::string_view creator = as_text(footer.subspan(kCreator, 4));
  return creator == "vpc " || creator == "vs  " || creator == "qemu";
}

/// The footer: the copy at the start if that is good, else the one at the end. But one at the end
/// that says "fixed" is believed before all else: the start of a fixed image is what its guest
/// wrote, and a guest must not turn its disk into one that refers to a file of the host.
Result<Bytes> find_footer(BlockDevice& file) {
  const std::string& name = file.name();
  if (file.size() < kFooterBytes) {
    return fail(ErrorKind::malformed, "{}: too short for a VHD image", name);
  }
  Bytes tail(kFooterBytes);
  CASSIA_TRY(file.read(file.size() - kFooterBytes, tail));
  const bool tail_good = is_footer(tail) && checksum_right(tail, kFooterChecksum);
  if (tail_good && load_be32(&tail[kDiskType]) == static_cast<std::uint32_t>(Kind::fixed)) {
    return tail;
  }
  Bytes head(kFooterBytes);
  CASSIA_TRY(file.read(0, head));
  if (is_footer(head) && checksum_right(head, kFooterChecksum)) return head;
  if (tail_good) return tail;
  if (is_footer(head) || is_footer(tail)) {
    return fail(ErrorKind::malformed, "{}: the checksum of the VHD footer is wrong", name);
  }
  return fail(ErrorKind::malformed, "{}: is no VHD image: no footer at its start or end", name);
}

Result<void> check_footer(const Header& header, ByteView footer, BlockDevice& file) {
  const std::uint32_t type = load_be32(&footer[kDiskType]);
  if (type < 2 || type > 4) {
    return fail(ErrorKind::unsupported, "{}: VHD of unknown type {}", file.name(), type);
  }
  if (header.disk_size / kSector > kMaxSectors) {
    return fail(ErrorKind::malformed, "{}: a VHD of {} bytes is not possible", file.name(),
                header.disk_size);
  }
  if (header.kind == Kind::fixed && file.size() - kFooterBytes < header.disk_size) {
    return fail(ErrorKind::malformed, "{}: is shorter than its disk of {} bytes", file.name(),
                header.disk_size);
  }
  return {};
}

Result<void> check_tables(const Header& header, BlockDevice& file) {
  const std::string& name = file.name();
  if (!std::has_single_bit(header.block_size) || header.block_size < kSector ||
      header.block_size > kMaxBlockSize) {
    return fail(ErrorKind::malformed, "{}: blocks of {} bytes are not possible", name,
                header.block_size);
  }
  if (header.disk_size > std::uint64_t{header.blocks} * header.block_size) {
    return fail(ErrorKind::malformed, "{}: {} blocks of {} bytes do not hold a disk of {} bytes",
                name, header.blocks, header.block_size, header.disk_size);
  }
  if (header.table_offset % kSector != 0 || header.table_offset > file.size() ||
      header.table_bytes() > file.size() - header.table_offset) {
    return fail(ErrorKind::malformed,
                "{}: the block table of {} entries at {:#x} is not in the file", name,
                header.blocks, header.table_offset);
  }
  return {};
}

Result<void> parse_dynamic(Header& header, BlockDevice& file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < kDynamicHeaderBytes) {
    return fail(ErrorKind::malformed, "{}: the dynamic header at {:#x} is not in the file",
                file.name(), offset);
  }
  Bytes raw(kDynamicHeaderBytes);
  CASSIA_TRY(file.read(offset, raw));
  if (as_text(raw).substr(0, 8) != kDynamicCookie || !checksum_right(raw, kDynamicChecksum)) {
    return fail(ErrorKind::malformed, "{}: the dynamic header at {:#x} is damaged", file.name(),
                offset);
  }
  header.table_offset = load_be64(&raw[kTableOffset]);
  header.blocks = load_be32(&raw[kTableEntries]);
  header.block_size = load_be32(&raw[kBlockSize]);
  std::copy_n(raw.begin() + kParentUuid, 16, header.parent_uuid.begin());
  CASSIA_TRY(check_tables(header, file));
  if (header.kind == Kind::differencing) {
    header.parent = CASSIA_TRY(parent_path(raw, file));
  }
  return {};
}

}  // namespace

bool is_footer(ByteView bytes) {
  return bytes.size() >= kFooterCookie.size() &&
         as_text(bytes.first(kFooterCookie.size())) == kFooterCookie;
}

ChsGeometry geometry_for(std::uint64_t sectors) {
  sectors = std::min(sectors, kMaxGeometry.total());
  std::uint64_t per_track = 17;
  std::uint64_t heads = 16;
  std::uint64_t tracks = 0;
  if (sectors >= std::uint64_t{65535} * 16 * 63) {
    per_track = 255;
    tracks = sectors / per_track;
  } else {
    tracks = sectors / per_track;
    heads = std::max<std::uint64_t>(4, (tracks + 1023) / 1024);
    if (tracks >= heads * 1024 || heads > 16) {
      per_track = 31;
      heads = 16;
      tracks = sectors / per_track;
    }
    if (tracks >= heads * 1024) {
      per_track = 63;
      heads = 16;
      tracks = sectors / per_track;
    }
  }
  return {static_cast<std::uint16_t>(tracks / heads), static_cast<std::uint8_t>(heads),
          static_cast<std::uint8_t>(per_track)};
}

ChsGeometry geometry_holding(std::uint64_t sectors) {
  if (sectors >= kMaxGeometry.total()) return kMaxGeometry;
  ChsGeometry found = geometry_for(sectors);
  for (std::uint64_t more = 1; found.total() < sectors; ++more) {
    found = geometry_for(sectors + more);
  }
  return found;
}

Result<Header> parse_header(BlockDevice& file) {
  const Bytes footer = CASSIA_TRY(find_footer(file));
  Header header;
  header.kind = static_cast<Kind>(load_be32(&footer[kDiskType]));
  header.disk_size = load_be64(&footer[kCurrentSize]);
  header.geometry = {load_be16(&footer[kGeometry]), footer[kGeometry + 2], footer[kGeometry + 3]};
  std::copy_n(footer.begin() + kUuid, 16, header.uuid.begin());
  header.exact_size = !goes_by_geometry(footer) || header.geometry.total() == kMaxGeometry.total();
  if (!header.exact_size) header.disk_size = header.geometry.total() * kSector;
  header.disk_size = header.disk_size / kSector * kSector;
  CASSIA_TRY(check_footer(header, footer, file));
  if (header.kind != Kind::fixed) {
    CASSIA_TRY(parse_dynamic(header, file, load_be64(&footer[kDataOffset])));
  }
  return header;
}

Bytes build_footer(const Header& header) {
  Bytes out(kFooterBytes);
  const auto put = [&](std::size_t at, std::string_view text) {
    std::copy(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  };
  constexpr std::int64_t kEpoch = 946684800;  // the year 2000
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  put(0, kFooterCookie);
  store_be32(&out[kFeatures], kReservedFeature);
  store_be32(&out[kFooterVersion], kVersion);
  store_be64(&out[kDataOffset], header.kind == Kind::fixed ? kNoOffset : kFooterBytes);
  store_be32(&out[kTimestamp], static_cast<std::uint32_t>(seconds - kEpoch));
  // The creator decides how QEMU reads the size: of these two names it knows the habits.
  put(kCreator, header.exact_size ? "qem2" : "qemu");
  store_be32(&out[kCreatorVersion], 0x00050003);
  put(kCreatorOs, "Wi2k");
  store_be64(&out[kOriginalSize], header.disk_size);
  store_be64(&out[kCurrentSize], header.disk_size);
  store_be16(&out[kGeometry], header.geometry.cylinders);
  out[kGeometry + 2] = header.geometry.heads;
  out[kGeometry + 3] = header.geometry.sectors;
  store_be32(&out[kDiskType], static_cast<std::uint32_t>(header.kind));
  std::copy(header.uuid.begin(), header.uuid.end(), out.begin() + kUuid);
  store_be32(&out[kFooterChecksum], checksum(out, kFooterChecksum));
  return out;
}

Bytes build_dynamic_header(const Header& header) {
  Bytes out(kDynamicHeaderBytes);
  std::copy(kDynamicCookie.begin(), kDynamicCookie.end(), out.begin());
  store_be64(&out[8], kNoOffset);
  store_be64(&out[kTableOffset], header.table_offset);
  store_be32(&out[kHeaderVersion], kVersion);
  store_be32(&out[kTableEntries], header.blocks);
  store_be32(&out[kBlockSize], header.block_size);
  store_be32(&out[kDynamicChecksum], checksum(out, kDynamicChecksum));
  return out;
}

}  // namespace cassia::storage::vpc
