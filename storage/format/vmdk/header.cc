// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vmdk/header.h"

#include <algorithm>
#include <bit>

#include "storage/format/common/little_endian.h"

namespace cassia::storage::vmdk {
namespace {

constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kFlagsAt = 8;
constexpr std::size_t kCapacityAt = 12;
constexpr std::size_t kGrainAt = 20;
constexpr std::size_t kDescriptorAt = 28;
constexpr std::size_t kDescriptorSizeAt = 36;
constexpr std::size_t kEntriesAt = 44;
constexpr std::size_t kRedundantAt = 48;
constexpr std::size_t kDirectoryAt = 56;
constexpr std::size_t kDataAt = 64;
constexpr std::size_t kCheckBytesAt = 73;
constexpr std::size_t kCompressionAt = 77;

constexpr std::uint64_t kAtEnd = ~std::uint64_t{0};
constexpr std::uint64_t kMaxSectors = std::uint64_t{1} << 54;
constexpr std::uint64_t kMaxDescriptorBytes = 1u << 20;
constexpr std::uint8_t kCheckBytes[] = {'\n', ' ', '\r', '\n'};

Result<Bytes> read_sector(BlockDevice& file, std::uint64_t offset) {
  Bytes raw(kHeaderBytes);
  CASSIA_TRY(file.read(offset, raw));
  if (load_le32(raw.data()) == kMagic) return raw;
  return fail(ErrorKind::malformed, "{}: has no VMDK header at {:#x}", file.name(), offset);
}

/// The header itself, or what stands for it at the end of a stream.
Result<Bytes> find_header(BlockDevice& file, bool& at_end) {
  if (file.size() < kHeaderBytes) {
    return fail(ErrorKind::malformed, "{}: too short for a VMDK image", file.name());
  }
  const Bytes first = CASSIA_TRY(read_sector(file, 0));
  at_end = load_le64(&first[kDirectoryAt]) == kAtEnd;
  if (!at_end) return first;
  if (file.size() < 3 * kHeaderBytes) {
    return fail(ErrorKind::malformed, "{}: is cut off: a stream without its end", file.name());
  }
  // The footer comes before the end-of-stream marker, each in a sector.
  const std::uint64_t whole = file.size() / kSector * kSector;
  return read_sector(file, whole - 2 * kSector);
}

Result<void> refuse_unknown(ByteView raw, const Header& header, const std::string& name) {
  constexpr std::uint32_t known =
      kFlagNewline | kFlagRedundant | kFlagZeroGrain | kFlagCompressed | kFlagMarkers;
  if (header.version < 1 || header.version > 3) {
    return fail(ErrorKind::unsupported, "{}: VMDK version {}; Cassia knows 1 to 3", name,
                header.version);
  }
  if ((header.flags & ~known) != 0) {
    return fail(ErrorKind::unsupported, "{}: VMDK with unknown flags {:#x}", name, header.flags);
  }
  const bool newline = (header.flags & kFlagNewline) != 0;
  if (newline &&
      !std::equal(std::begin(kCheckBytes), std::end(kCheckBytes), raw.begin() + kCheckBytesAt)) {
    return fail(ErrorKind::malformed,
                "{}: its line ends were changed, by FTP in text mode for example; copy it again",
                name);
  }
  const bool deflate = load_le16(&raw[kCompressionAt]) == 1;
  if (header.compressed() && (!deflate || (header.flags & kFlagMarkers) == 0)) {
    return fail(ErrorKind::unsupported, "{}: VMDK compressed in an unknown way", name);
  }
  return {};
}

/// True if [offset, offset + bytes) lies in the file, behind the header.
bool in_file(const BlockDevice& file, std::uint64_t offset, std::uint64_t bytes) {
  return offset >= kHeaderBytes && offset <= file.size() && bytes <= file.size() - offset;
}

Result<void> check_places(const Header& header, BlockDevice& file) {
  const std::string& name = file.name();
  if (!std::has_single_bit(header.grain) || header.grain < 4096 || header.grain > kMaxGrain) {
    return fail(ErrorKind::malformed, "{}: grains of {} bytes; 4 KiB to 8 MiB are possible", name,
                header.grain);
  }
  if (header.entries_per_table == 0 || header.entries_per_table > kEntriesPerTable) {
    return fail(ErrorKind::malformed, "{}: grain tables of {} entries; 512 is the most", name,
                header.entries_per_table);
  }
  const std::uint64_t bytes = header.tables() * 4;
  if (!in_file(file, header.directory, bytes) ||
      (header.redundant && !in_file(file, *header.redundant, bytes))) {
    return fail(ErrorKind::malformed, "{}: the directory of {} grain tables is not in the file",
                name, header.tables());
  }
  if (header.descriptor_bytes > kMaxDescriptorBytes ||
      (header.descriptor_bytes > 0 &&
       !in_file(file, header.descriptor_offset, header.descriptor_bytes))) {
    return fail(ErrorKind::malformed, "{}: a descriptor of {} bytes at {:#x} is not possible", name,
                header.descriptor_bytes, header.descriptor_offset);
  }
  return {};
}

}  // namespace

Result<Header> parse_header(BlockDevice& file) {
  Header header;
  const Bytes raw = CASSIA_TRY(find_header(file, header.directory_at_end));
  header.version = load_le32(&raw[kVersionAt]);
  header.flags = load_le32(&raw[kFlagsAt]);
  CASSIA_TRY(refuse_unknown(raw, header, file.name()));
  for (const std::size_t at : {kCapacityAt, kGrainAt, kDescriptorAt, kDescriptorSizeAt,
                               kRedundantAt, kDirectoryAt, kDataAt}) {
    const std::uint64_t sectors = load_le64(&raw[at]);
    if (sectors > kMaxSectors && !(at == kRedundantAt && sectors == kAtEnd)) {
      return fail(ErrorKind::malformed, "{}: {} sectors are not possible (at {})", file.name(),
                  sectors, at);
    }
  }
  header.capacity = load_le64(&raw[kCapacityAt]) * kSector;
  header.grain = load_le64(&raw[kGrainAt]) * kSector;
  header.descriptor_offset = load_le64(&raw[kDescriptorAt]) * kSector;
  header.descriptor_bytes = load_le64(&raw[kDescriptorSizeAt]) * kSector;
  header.entries_per_table = load_le32(&raw[kEntriesAt]);
  header.directory = load_le64(&raw[kDirectoryAt]) * kSector;
  header.data_offset = load_le64(&raw[kDataAt]) * kSector;
  const std::uint64_t second = load_le64(&raw[kRedundantAt]);
  if ((header.flags & kFlagRedundant) != 0 && second != 0 && !header.directory_at_end) {
    header.redundant = second * kSector;
  }
  CASSIA_TRY(check_places(header, file));
  return header;
}

Bytes build_header(const Header& header) {
  Bytes out(kHeaderBytes);
  store_le32(out.data(), kMagic);
  store_le32(&out[kVersionAt], header.version);
  store_le32(&out[kFlagsAt], header.flags);
  store_le64(&out[kCapacityAt], header.capacity / kSector);
  store_le64(&out[kGrainAt], header.grain / kSector);
  store_le64(&out[kDescriptorAt], header.descriptor_offset / kSector);
  store_le64(&out[kDescriptorSizeAt], header.descriptor_bytes / kSector);
  store_le32(&out[kEntriesAt], header.entries_per_table);
  store_le64(&out[kRedundantAt], header.redundant.value_or(0) / kSector);
  store_le64(&out[kDirectoryAt], header.directory / kSector);
  store_le64(&out[kDataAt], header.data_offset / kSector);
  std::copy(std::begin(kCheckBytes), std::end(kCheckBytes), out.begin() + kCheckBytesAt);
  store_le16(&out[kCompressionAt], header.compressed() ? 1 : 0);
  return out;
}

}  // namespace cassia::storage::vmdk
