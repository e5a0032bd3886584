// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/header.h"

#include <algorithm>
#include <array>
#include <limits>

namespace cassia::storage::qcow2 {
namespace {

// Offsets of the fields in the file.
constexpr std::size_t kBackingOffset = 8;
constexpr std::size_t kBackingSize = 16;
constexpr std::size_t kClusterBits = 20;
constexpr std::size_t kSize = 24;
constexpr std::size_t kCryptMethod = 32;
constexpr std::size_t kL1Size = 36;
constexpr std::size_t kL1Offset = 40;
constexpr std::size_t kRefcountTableOffset = 48;
constexpr std::size_t kRefcountTableClusters = 56;
constexpr std::size_t kSnapshotCount = 60;
constexpr std::size_t kSnapshotsOffset = 64;
constexpr std::size_t kIncompatible = 72;
constexpr std::size_t kCompatible = 80;
constexpr std::size_t kAutoclear = 88;
constexpr std::size_t kRefcountOrder = 96;
constexpr std::size_t kHeaderLength = 100;
constexpr std::size_t kCompressionType = 104;
constexpr std::uint32_t kOurHeaderLength = 112;

struct FeatureName {
  std::uint8_t type;
  std::uint8_t bit;
  const char* name;
};
constexpr std::array<FeatureName, 7> kFeatureNames{{{0, 0, "dirty bit"},
                                                    {0, 1, "corrupt bit"},
                                                    {0, 2, "external data file"},
                                                    {0, 3, "compression type"},
                                                    {0, 4, "extended L2 entries"},
                                                    {1, 0, "lazy refcounts"},
                                                    {2, 0, "bitmaps"}}};

/// The file's own name of an incompatible feature, or "feature bit N".
std::string feature_name(unsigned bit, ByteView table) {
  for (std::size_t at = 0; at + 48 <= table.size(); at += 48) {
    if (table[at] != 0 || table[at + 1] != bit) continue;
    const std::string text(as_text(table.subspan(at + 2, 46)));
    std::string clean;
    for (const char c : text.substr(0, text.find('\0'))) {
      clean += c >= 0x20 && c < 0x7f ? c : '?';
    }
    if (!clean.empty()) return clean;
  }
  return fmt::format("feature bit {}", bit);
}

Result<void> refuse_features(const Header& header, ByteView feature_table,
                             const std::string& name) {
  constexpr std::uint64_t known =
      kIncompatibleDirty | kIncompatibleCorrupt | kIncompatibleCompression;
  const std::uint64_t missing = header.incompatible & ~known;
  if (missing == 0) return {};
  std::string list;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((missing >> bit & 1) == 0) continue;
    if (!list.empty()) list += ", ";
    list += bit == 2   ? "external data file"
            : bit == 4 ? "extended L2 entries"
                       : feature_name(bit, feature_table);
  }
  return fail(ErrorKind::unsupported, "{}: uses qcow2 features that Cassia cannot handle: {}", name,
              list);
}

Result<void> parse_extensions(Header& header, ByteView cluster, std::size_t at, std::size_t end,
                              const std::string& name) {
  ByteView feature_table;
  while (at + 8 <= end) {
    const std::uint32_t type = load_be32(&cluster[at]);
    const std::uint32_t length = load_be32(&cluster[at + 4]);
    at += 8;
    if (type == kExtensionEnd) break;
    if (length > end - at) {
      return fail(ErrorKind::malformed, "{}: header extension {:#010x} reaches out of the header",
                  name, type);
    }
    const ByteView body = cluster.subspan(at, length);
    if (type == kExtensionBackingFormat) {
      header.backing_format = std::string(as_text(body.first(std::min<std::size_t>(length, 64))));
    } else if (type == kExtensionFeatureNames) {
      feature_table = body;
    } else if (type == kExtensionBitmaps && length >= 24) {
      header.bitmaps = {load_be32(&body[0]), load_be64(&body[8]), load_be64(&body[16]), at};
    }
    at += std::min<std::size_t>((std::size_t{length} + 7) / 8 * 8, end - at);
  }
  return refuse_features(header, feature_table, name);
}

Result<std::uint32_t> parse_v3_fields(Header& header, ByteView head, const std::string& name) {
  header.incompatible = load_be64(&head[kIncompatible]);
  header.compatible = load_be64(&head[kCompatible]);
  header.autoclear = load_be64(&head[kAutoclear]);
  const std::uint32_t order = load_be32(&head[kRefcountOrder]);
  const std::uint32_t length = load_be32(&head[kHeaderLength]);
  if (order > 6) {
    return fail(ErrorKind::malformed, "{}: refcounts of 2^{} bits; 64 bits is the most", name,
                order);
  }
  header.geometry.refcount_order = order;
  if (length < kHeaderLengthV3 || length % 8 != 0 || length > header.geometry.cluster_size()) {
    return fail(ErrorKind::malformed, "{}: header length {} is not possible", name, length);
  }
  std::uint8_t compression = 0;
  if (length > kCompressionType && head.size() > kCompressionType) {
    compression = head[kCompressionType];
  }
  if (((header.incompatible & kIncompatibleCompression) != 0) != (compression != 0)) {
    return fail(ErrorKind::malformed, "{}: compression type {} and its feature bit disagree", name,
                compression);
  }
  if (compression > 1) {
    return fail(ErrorKind::unsupported, "{}: compression type {} is not known", name, compression);
  }
  header.compression = static_cast<Compression>(compression);
  return length;
}

Result<void> parse_backing(Header& header, BlockDevice& file, ByteView head) {
  const std::uint64_t offset = load_be64(&head[kBackingOffset]);
  const std::uint32_t length = load_be32(&head[kBackingSize]);
  if (offset == 0) return {};
  const std::uint64_t cluster = header.geometry.cluster_size();
  if (length > kMaxBackingName || offset > cluster || length > cluster - offset) {
    return fail(ErrorKind::malformed, "{}: backing file name of {} bytes at {} is not possible",
                file.name(), length, offset);
  }
  Bytes text(length);
  CASSIA_TRY(file.read(offset, text));
  header.backing_file = std::string(as_text(text));
  if (header.backing_file.find('\0') != std::string::npos) {
    return fail(ErrorKind::malformed, "{}: backing file name holds a zero byte", file.name());
  }
  return {};
}

Result<void> check_tables(const Header& header, const std::string& name) {
  const Geometry& g = header.geometry;
  if (header.l1_size > 0) {
    CASSIA_TRY(check_table(name, "L1 table", header.l1_offset, std::uint64_t{header.l1_size} * 8,
                           kMaxL1Bytes, g));
  }
  if (g.l1_entries_for(header.size) > header.l1_size) {
    return fail(ErrorKind::malformed, "{}: L1 table of {} entries is too small for {} bytes", name,
                header.l1_size, header.size);
  }
  if (header.refcount_table_clusters == 0) {
    return fail(ErrorKind::malformed, "{}: has no refcount table", name);
  }
  CASSIA_TRY(check_table(name, "refcount table", header.refcount_table_offset,
                         std::uint64_t{header.refcount_table_clusters} << g.cluster_bits,
                         std::max(kMaxRefcountTableBytes, g.cluster_size()), g));
  if (header.snapshot_count > kMaxSnapshots) {
    return fail(ErrorKind::malformed, "{}: {} snapshots are more than {}", name,
                header.snapshot_count, kMaxSnapshots);
  }
  if (header.snapshot_count == 0) return {};
  return check_table(name, "snapshot table", header.snapshots_offset,
                     std::uint64_t{header.snapshot_count} * 40, kMaxSnapshotTableBytes, g);
}

void put_extension(Bytes& out, std::uint32_t type, ByteView body) {
  const std::size_t at = out.size();
  out.resize(at + 8 + (body.size() + 7) / 8 * 8);
  store_be32(&out[at], type);
  store_be32(&out[at + 4], static_cast<std::uint32_t>(body.size()));
  std::copy(body.begin(), body.end(), out.begin() + static_cast<std::ptrdiff_t>(at + 8));
}

Bytes feature_name_table() {
  Bytes table(kFeatureNames.size() * 48);
  for (std::size_t i = 0; i < kFeatureNames.size(); ++i) {
    table[i * 48] = kFeatureNames[i].type;
    table[i * 48 + 1] = kFeatureNames[i].bit;
    const ByteView text = as_bytes(kFeatureNames[i].name);
    std::copy(text.begin(), text.end(), table.begin() + static_cast<std::ptrdiff_t>(i * 48 + 2));
  }
  return table;
}

void put_fields(Bytes& out, const Header& header) {
  store_be32(&out[0], kMagic);
  store_be32(&out[4], header.version);
  store_be32(&out[kClusterBits], header.geometry.cluster_bits);
  store_be64(&out[kSize], header.size);
  store_be32(&out[kL1Size], header.l1_size);
  store_be64(&out[kL1Offset], header.l1_offset);
  store_be64(&out[kRefcountTableOffset], header.refcount_table_offset);
  store_be32(&out[kRefcountTableClusters], header.refcount_table_clusters);
  store_be32(&out[kSnapshotCount], header.snapshot_count);
  store_be64(&out[kSnapshotsOffset], header.snapshots_offset);
  if (header.version < 3) return;
  store_be64(&out[kIncompatible], header.incompatible);
  store_be64(&out[kCompatible], header.compatible);
  store_be64(&out[kAutoclear], header.autoclear);
  store_be32(&out[kRefcountOrder], header.geometry.refcount_order);
  store_be32(&out[kHeaderLength], kOurHeaderLength);
  out[kCompressionType] = static_cast<std::uint8_t>(header.compression);
}

}  // namespace

Result<void> check_table(const std::string& name, const char* what, std::uint64_t offset,
                         std::uint64_t bytes, std::uint64_t cap, const Geometry& geometry) {
  if (bytes > cap) {
    return fail(ErrorKind::malformed, "{}: {} of {} bytes is larger than the {} allowed", name,
                what, bytes, cap);
  }
  if (offset == 0 || geometry.in_cluster(offset) != 0 || offset >= kMaxHostOffset) {
    return fail(ErrorKind::malformed, "{}: {} at {:#x}, which is not a place for it", name, what,
                offset);
  }
  return {};
}

Result<Header> parse_header(BlockDevice& file) {
  const std::string& name = file.name();
  Bytes head(std::min<std::uint64_t>(file.size(), kOurHeaderLength));
  CASSIA_TRY(file.read(0, head));
  if (head.size() < kHeaderLengthV2 || load_be32(&head[0]) != kMagic) {
    return fail(ErrorKind::malformed, "{}: Image is not in qcow2 format", name);
  }
  Header header;
  header.version = load_be32(&head[4]);
  if (header.version != 2 && header.version != 3) {
    return fail(ErrorKind::unsupported, "{}: Unsupported qcow2 version {}", name, header.version);
  }
  const std::uint32_t bits = load_be32(&head[kClusterBits]);
  if (bits < kMinClusterBits || bits > kMaxClusterBits) {
    return fail(ErrorKind::malformed, "{}: cluster size of 2^{} bytes is outside 2^{} to 2^{}",
                name, bits, kMinClusterBits, kMaxClusterBits);
  }
  header.geometry.cluster_bits = bits;
  if (const std::uint32_t method = load_be32(&head[kCryptMethod]); method != 0) {
    return fail(ErrorKind::unsupported, "{}: is encrypted ({}), which Cassia cannot open", name,
                method == 1   ? "AES"
                : method == 2 ? "LUKS"
                              : "unknown method");
  }
  header.size = load_be64(&head[kSize]);
  if (header.size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return fail(ErrorKind::malformed, "{}: virtual size {} is too large", name, header.size);
  }
  header.l1_size = load_be32(&head[kL1Size]);
  header.l1_offset = load_be64(&head[kL1Offset]);
  header.refcount_table_offset = load_be64(&head[kRefcountTableOffset]);
  header.refcount_table_clusters = load_be32(&head[kRefcountTableClusters]);
  header.snapshot_count = load_be32(&head[kSnapshotCount]);
  header.snapshots_offset = load_be64(&head[kSnapshotsOffset]);
  std::uint32_t length = kHeaderLengthV2;
  if (header.version >= 3) {
    if (head.size() < kHeaderLengthV3) {
      return fail(ErrorKind::malformed, "{}: ends inside the qcow2 header", name);
    }
    length = CASSIA_TRY(parse_v3_fields(header, head, name));
  }
  Bytes cluster(std::min(file.size(), header.geometry.cluster_size()));
  CASSIA_TRY(file.read(0, cluster));
  std::size_t end = cluster.size();
  if (const std::uint64_t backing = load_be64(&head[kBackingOffset]); backing != 0) {
    end = std::min<std::uint64_t>(end, std::max<std::uint64_t>(backing, length));
  }
  CASSIA_TRY(parse_extensions(header, cluster, std::min<std::size_t>(length, end), end, name));
  CASSIA_TRY(parse_backing(header, file, head));
  CASSIA_TRY(check_tables(header, name));
  return header;
}

Result<Bytes> build_header(const Header& header) {
  Bytes out(header.version >= 3 ? kOurHeaderLength : kHeaderLengthV2);
  put_fields(out, header);
  if (!header.backing_format.empty()) {
    put_extension(out, kExtensionBackingFormat, as_bytes(header.backing_format));
  }
  if (header.version >= 3) {
    const Bytes names = feature_name_table();
    // The table is a courtesy: the smallest clusters may have no room for it.
    const std::size_t rest = names.size() + 16 + header.backing_file.size();
    if (out.size() + rest <= header.geometry.cluster_size()) {
      put_extension(out, kExtensionFeatureNames, names);
    }
  }
  put_extension(out, kExtensionEnd, {});
  if (!header.backing_file.empty()) {
    store_be64(&out[kBackingOffset], out.size());
    store_be32(&out[kBackingSize], static_cast<std::uint32_t>(header.backing_file.size()));
    const ByteView text = as_bytes(header.backing_file);
    out.insert(out.end(), text.begin(), text.end());
  }
  if (header.backing_file.size() > kMaxBackingName || out.size() > header.geometry.cluster_size()) {
    return fail(ErrorKind::invalid_argument,
                "Backing file name too long for the image header: '{}'", header.backing_file);
  }
  out.resize(header.geometry.cluster_size());
  return out;
}

Result<void> patch_size_and_l1(BlockDevice& file, const Header& header) {
  std::array<std::uint8_t, kRefcountTableOffset - kSize> field{};
  store_be64(&field[0], header.size);
  store_be32(&field[kL1Size - kSize], header.l1_size);
  store_be64(&field[kL1Offset - kSize], header.l1_offset);
  return file.write(kSize, field);
}

Result<void> patch_refcount_table(BlockDevice& file, const Header& header) {
  std::array<std::uint8_t, 12> field{};
  store_be64(&field[0], header.refcount_table_offset);
  store_be32(&field[8], header.refcount_table_clusters);
  return file.write(kRefcountTableOffset, field);
}

Result<void> patch_snapshots(BlockDevice& file, const Header& header) {
  std::array<std::uint8_t, 12> field{};
  store_be32(&field[0], header.snapshot_count);
  store_be64(&field[4], header.snapshots_offset);
  return file.write(kSnapshotCount, field);
}

Result<void> patch_features(BlockDevice& file, const Header& header) {
  if (header.version < 3) return {};
  std::array<std::uint8_t, 24> field{};
  store_be64(&field[0], header.incompatible);
  store_be64(&field[8], header.compatible);
  store_be64(&field[16], header.autoclear);
  return file.write(kIncompatible, field);
}

/// The directory keeps its length when it moves, so one field says it all.
Result<void> patch_bitmap_directory(BlockDevice& file, const Header& header) {
  std::array<std::uint8_t, 8> field{};
  store_be64(field.data(), header.bitmaps.directory_offset);
  return file.write(header.bitmaps.position + 16, field);
}

}  // namespace cassia::storage::qcow2
