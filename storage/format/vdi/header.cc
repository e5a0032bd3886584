// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vdi/header.h"

#include <algorithm>
#include <array>

#include "storage/format/common/little_endian.h"

namespace cassia::storage::vdi {
namespace {

constexpr std::size_t kVersionAt = 0x44;
constexpr std::size_t kHeaderSizeAt = 0x48;
constexpr std::size_t kTypeAt = 0x4c;
constexpr std::size_t kTableOffsetAt = 0x154;
constexpr std::size_t kDataOffsetAt = 0x158;
constexpr std::size_t kSectorSizeAt = 0x168;
constexpr std::size_t kDiskSizeAt = 0x170;
constexpr std::size_t kBlockSizeAt = 0x178;
constexpr std::size_t kBlockExtraAt = 0x17c;
constexpr std::size_t kBlocksAt = 0x180;
constexpr std::size_t kAllocatedAt = 0x184;
constexpr std::size_t kImageUuidAt = 0x188;
constexpr std::size_t kSnapshotUuidAt = 0x198;
constexpr std::size_t kLinkUuidAt = 0x1a8;
constexpr std::size_t kParentUuidAt = 0x1b8;

constexpr std::uint32_t kSectorSize = 512;
constexpr std::uint32_t kHeaderSizeField = 0x180;

bool uuid_at(ByteView head, std::size_t at) { return !all_zero(head.subspan(at, 16)); }

Result<void> check_kind(ByteView head, const std::string& name) {
  const std::uint32_t version = load_le32(&head[kVersionAt]);
  if (version != kVersion11) {
    return fail(ErrorKind::unsupported, "{}: VDI version {}.{}; Cassia knows 1.1", name,
                version >> 16, version & 0xffff);
  }
  const std::uint32_t type = load_le32(&head[kTypeAt]);
  if (type == 4 || uuid_at(head, kLinkUuidAt) || uuid_at(head, kParentUuidAt)) {
    return fail(ErrorKind::unsupported,
                "{}: is a differencing VDI, whose parent only VirtualBox can find; merge it there "
                "first",
                name);
  }
  if (type != 1 && type != 2) {
    return fail(ErrorKind::unsupported, "{}: VDI of unknown type {}", name, type);
  }
  if (load_le32(&head[kSectorSizeAt]) != kSectorSize ||
      load_le32(&head[kBlockSizeAt]) != kBlockSize || load_le32(&head[kBlockExtraAt]) != 0) {
    return fail(
        ErrorKind::unsupported,
        "{}: VDI with sectors of {} and blocks of {} + {} bytes; only 512 and 1048576 are in "
        "use",
        name, load_le32(&head[kSectorSizeAt]), load_le32(&head[kBlockSizeAt]),
        load_le32(&head[kBlockExtraAt]));
  }
  return {};
}

Result<void> check_places(const Header& header, BlockDevice& file) {
  const std::string& name = file.name();
  if (header.blocks > kMaxBlocks || header.disk_size > std::uint64_t{header.blocks} * kBlockSize) {
    return fail(ErrorKind::malformed, "{}: {} blocks of 1 MiB do not hold a disk of {} bytes", name,
                header.blocks, header.disk_size);
  }
  const std::uint64_t table_end = header.table_offset + header.table_bytes();
  if (header.table_offset < kHeaderBytes || header.table_offset % kSectorSize != 0 ||
      header.data_offset % kSectorSize != 0 || table_end > header.data_offset) {
    return fail(ErrorKind::malformed, "{}: the block table at {:#x} and the data at {:#x} overlap",
                name, header.table_offset, header.data_offset);
  }
  if (table_end > file.size()) {
    return fail(ErrorKind::malformed, "{}: ends inside its block table", name);
  }
  if (header.allocated > header.blocks) {
    return fail(ErrorKind::malformed, "{}: says that {} of {} blocks are allocated", name,
                header.allocated, header.blocks);
  }
  return {};
}

}  // namespace

Result<Header> parse_header(BlockDevice& file) {
  if (file.size() < kHeaderBytes) {
    return fail(ErrorKind::malformed, "{}: too short for a VDI image", file.name());
  }
  Bytes head(kHeaderBytes);
  CASSIA_TRY(file.read(0, head));
  if (load_le32(&head[kSignatureAt]) != kSignature) {
    return fail(ErrorKind::malformed, "{}: Image not in VDI format", file.name());
  }
  CASSIA_TRY(check_kind(head, file.name()));
  Header header;
  header.kind = static_cast<Kind>(load_le32(&head[kTypeAt]));
  header.table_offset = load_le32(&head[kTableOffsetAt]);
  header.data_offset = load_le32(&head[kDataOffsetAt]);
  header.disk_size = load_le64(&head[kDiskSizeAt]);
  header.blocks = load_le32(&head[kBlocksAt]);
  header.allocated = load_le32(&head[kAllocatedAt]);
  CASSIA_TRY(check_places(header, file));
  return header;
}

Bytes build_header(const Header& header) {
  Bytes out(kHeaderBytes);
  const ByteView text = as_bytes("<<< Cassia VM Virtual Disk Image >>>\n");
  std::copy(text.begin(), text.end(), out.begin());
  store_le32(&out[kSignatureAt], kSignature);
  store_le32(&out[kVersionAt], kVersion11);
  store_le32(&out[kHeaderSizeAt], kHeaderSizeField);
  store_le32(&out[kTypeAt], static_cast<std::uint32_t>(header.kind));
  store_le32(&out[kTableOffsetAt], header.table_offset);
  store_le32(&out[kDataOffsetAt], header.data_offset);
  store_le32(&out[kSectorSizeAt], kSectorSize);
  store_le64(&out[kDiskSizeAt], header.disk_size);
  store_le32(&out[kBlockSizeAt], kBlockSize);
  store_le32(&out[kBlocksAt], header.blocks);
  store_le32(&out[kAllocatedAt], header.allocated);
  for (const std::size_t at : {kImageUuidAt, kSnapshotUuidAt}) {
    const Uuid uuid = random_uuid();
    std::copy(uuid.begin(), uuid.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return out;
}

Result<void> patch_allocated(BlockDevice& file, std::uint32_t allocated) {
  std::array<std::uint8_t, 4> field{};
  store_le32(field.data(), allocated);
  return file.write(kAllocatedAt, field);
}

}  // namespace cassia::storage::vdi
