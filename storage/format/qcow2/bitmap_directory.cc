// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/bitmap_directory.h"

#include <array>

namespace cassia::storage::qcow2 {
namespace {

// Offsets of the fields in an entry.
constexpr std::size_t kTableOffset = 0;
constexpr std::size_t kTableEntries = 8;
constexpr std::size_t kFlags = 12;
constexpr std::size_t kType = 16;
constexpr std::size_t kGranularity = 17;
constexpr std::size_t kNameBytes = 18;
constexpr std::size_t kExtraBytes = 20;
constexpr std::size_t kFixedBytes = 24;

constexpr unsigned kMinGranularityBits = 9;
constexpr unsigned kMaxGranularityBits = 31;

/// The entry at `at`, whose end is stored in `end`.
Result<BitmapEntry> parse_entry(ByteView directory, std::size_t at, std::size_t& end,
                                const std::string& name) {
  const auto broken = [&] {
    return fail(ErrorKind::malformed, "{}: the directory of bitmaps is damaged at byte {}", name,
                at);
  };
  if (directory.size() - at < kFixedBytes) return broken();
  const std::uint8_t* raw = &directory[at];
  BitmapEntry entry;
  entry.position = at;
  entry.table_offset = load_be64(raw + kTableOffset);
  entry.table_entries = load_be32(raw + kTableEntries);
  entry.flags = load_be32(raw + kFlags);
  entry.type = raw[kType];
  entry.granularity_bits = raw[kGranularity];
  const std::uint32_t name_bytes = load_be16(raw + kNameBytes);
  entry.extra_bytes = load_be32(raw + kExtraBytes);
  const std::uint64_t bytes = kFixedBytes + std::uint64_t{entry.extra_bytes} + name_bytes;
  if (bytes > directory.size() - at || name_bytes == 0 || name_bytes > kMaxBitmapName) {
    return broken();
  }
  const ByteView text = directory.subspan(at + kFixedBytes + entry.extra_bytes, name_bytes);
  entry.name = std::string(as_text(text));
  end = at + (bytes + 7) / 8 * 8;
  return entry;
}

Result<void> check_entry(const BitmapEntry& entry, const BlockDevice& file, const Header& header) {
  const Geometry& geometry = header.geometry;
  const std::uint64_t bytes = std::uint64_t{entry.table_entries} * 8;
  const bool placed = entry.table_offset != 0 && geometry.in_cluster(entry.table_offset) == 0 &&
                      entry.table_offset < file.size() && bytes <= file.size() - entry.table_offset;
  if (!placed || entry.table_entries == 0 || entry.table_entries > kMaxBitmapTableEntries) {
    return fail(ErrorKind::malformed,
                "{}: the table of bitmap '{}', {} entries at {:#x}, is not possible", file.name(),
                entry.name, entry.table_entries, entry.table_offset);
  }
  if (entry.granularity_bits < kMinGranularityBits ||
      entry.granularity_bits > kMaxGranularityBits) {
    return fail(ErrorKind::malformed, "{}: bitmap '{}' has a granularity of 2^{} bytes",
                file.name(), entry.name, entry.granularity_bits);
  }
  // One that was not closed may still have the size of before a resize.
  if (!entry.in_use() &&
      entry.table_entries < bitmap_table_entries(header.size, entry.granularity_bits, geometry)) {
    return fail(ErrorKind::malformed, "{}: bitmap '{}' is too small for the disk", file.name(),
                entry.name);
  }
  return {};
}

}  // namespace

std::uint64_t bitmap_table_entries(std::uint64_t size, unsigned granularity_bits,
                                   const Geometry& geometry) {
  const std::uint64_t granule = std::uint64_t{1} << granularity_bits;
  const std::uint64_t bits = size / granule + (size % granule != 0 ? 1 : 0);
  return geometry.clusters((bits + 7) / 8);
}

Result<std::vector<BitmapEntry>> read_bitmap_directory(BlockDevice& file, const Header& header) {
  std::vector<BitmapEntry> entries;
  const BitmapsExtension& where = header.bitmaps;
  if (where.count == 0 || (header.autoclear & kAutoclearBitmaps) == 0) return entries;
  if (where.count > kMaxBitmaps || where.directory_size > kMaxBitmapDirectoryBytes ||
      header.geometry.in_cluster(where.directory_offset) != 0 ||
      where.directory_offset >= file.size() ||
      where.directory_size > file.size() - where.directory_offset) {
    return fail(ErrorKind::malformed,
                "{}: a directory of {} bitmaps in {} bytes at {:#x} is not possible", file.name(),
                where.count, where.directory_size, where.directory_offset);
  }
  Bytes directory(where.directory_size);
  CASSIA_TRY(file.read(where.directory_offset, directory));
  for (std::size_t at = 0; at < directory.size();) {
    entries.push_back(CASSIA_TRY(parse_entry(directory, at, at, file.name())));
    CASSIA_TRY(check_entry(entries.back(), file, header));
    if (entries.size() > where.count) break;
  }
  if (entries.size() != where.count) {
    return fail(ErrorKind::malformed, "{}: holds another number of bitmaps than the header's {}",
                file.name(), where.count);
  }
  return entries;
}

std::vector<FactGroup> bitmap_facts(const std::vector<BitmapEntry>& directory) {
  std::vector<FactGroup> groups;
  for (const BitmapEntry& entry : directory) {
    std::vector<std::string> flags;
    if (entry.in_use()) flags.emplace_back("in-use");
    if (entry.enabled()) flags.emplace_back("auto");
    groups.push_back({{"flags", std::move(flags)},
                      {"name", entry.name},
                      {"granularity", std::int64_t{1} << entry.granularity_bits}});
  }
  return groups;
}

std::optional<std::string> bitmap_obstacle(const BitmapEntry& entry) {
  constexpr std::uint32_t known = kBitmapInUse | kBitmapAuto | kBitmapExtraCompatible;
  if (entry.type != kBitmapDirtyTracking) return fmt::format("is of unknown type {}", entry.type);
  if ((entry.flags & ~known) != 0) return fmt::format("has unknown flags {:#x}", entry.flags);
  if (entry.extra_bytes > 0 && (entry.flags & kBitmapExtraCompatible) == 0) {
    return "has data with it that only the program that made it understands";
  }
  return std::nullopt;
}

Result<void> patch_bitmap_flags(BlockDevice& file, std::uint64_t directory_offset,
                                const BitmapEntry& entry) {
  std::array<std::uint8_t, 4> field{};
  store_be32(field.data(), entry.flags);
  return file.write(directory_offset + entry.position + kFlags, field);
}

}  // namespace cassia::storage::qcow2
