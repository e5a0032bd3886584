// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/snapshot_table.h"

#include <algorithm>
#include <array>

namespace cassia::storage::qcow2 {
namespace {

constexpr std::size_t kFixedBytes = 40;
constexpr std::size_t kKnownExtra = 24;  // VM state size, disk size, instruction count

void parse_extra(Snapshot& snapshot, ByteView extra) {
  if (extra.size() >= 8) snapshot.info.vm_state_size = load_be64(&extra[0]);
  if (extra.size() >= 16) snapshot.info.disk_size = load_be64(&extra[8]);
  if (extra.size() >= 24) snapshot.info.icount = static_cast<std::int64_t>(load_be64(&extra[16]));
  if (extra.size() > kKnownExtra) snapshot.unknown_extra = to_bytes(extra.subspan(kKnownExtra));
}

/// Reads one entry at `offset`; returns its length, padding included.
Result<std::uint64_t> read_entry(BlockDevice& file, const Header& header, std::uint64_t offset,
                                 Snapshot& out) {
  std::array<std::uint8_t, kFixedBytes> fixed{};
  CASSIA_TRY(read_padded(file, offset, fixed));
  out.l1_offset = load_be64(&fixed[0]);
  out.l1_size = load_be32(&fixed[8]);
  const std::size_t id_length = load_be16(&fixed[12]);
  const std::size_t name_length = load_be16(&fixed[14]);
  out.info.date_sec = load_be32(&fixed[16]);
  out.info.date_nsec = load_be32(&fixed[20]);
  out.info.vm_clock_nsec = load_be64(&fixed[24]);
  out.info.vm_state_size = load_be32(&fixed[32]);
  out.info.disk_size = header.size;
  const std::size_t extra_length = load_be32(&fixed[36]);
  if (extra_length > kMaxSnapshotExtraBytes) {
    return fail(ErrorKind::malformed, "{}: a snapshot has {} bytes of extra data", file.name(),
                extra_length);
  }
  Bytes rest(extra_length + id_length + name_length);
  CASSIA_TRY(read_padded(file, offset + kFixedBytes, rest));
  const ByteView view(rest);
  parse_extra(out, view.first(extra_length));
  out.info.id = std::string(as_text(view.subspan(extra_length, id_length)));
  out.info.name = std::string(as_text(view.subspan(extra_length + id_length)));
  if (out.l1_size > 0) {
    CASSIA_TRY(check_table(file.name(), "L1 table of a snapshot", out.l1_offset,
                           std::uint64_t{out.l1_size} * 8, kMaxL1Bytes, header.geometry));
  }
  if (header.geometry.l1_entries_for(out.info.disk_size) > kMaxL1Bytes / 8) {
    return fail(ErrorKind::malformed, "{}: a snapshot of {} bytes is not possible", file.name(),
                out.info.disk_size);
  }
  return (kFixedBytes + rest.size() + 7) / 8 * 8;
}

}  // namespace

Result<SnapshotTable> read_snapshot_table(BlockDevice& file, const Header& header) {
  SnapshotTable table;
  std::uint64_t l1_bytes = 0;
  for (std::uint32_t i = 0; i < header.snapshot_count; ++i) {
    if (header.snapshots_offset + table.bytes >= file.size()) {
      return fail(ErrorKind::malformed, "{}: the snapshot table reaches past the end of the file",
                  file.name());
    }
    Snapshot snapshot;
    table.bytes +=
        CASSIA_TRY(read_entry(file, header, header.snapshots_offset + table.bytes, snapshot));
    if (table.bytes > kMaxSnapshotTableBytes) {
      return fail(ErrorKind::malformed, "{}: the snapshot table is larger than {} bytes",
                  file.name(), kMaxSnapshotTableBytes);
    }
    l1_bytes += std::uint64_t{snapshot.l1_size} * 8;
    if (l1_bytes > file.size()) {
      return fail(ErrorKind::malformed, "{}: the L1 tables of the snapshots exceed the file",
                  file.name());
    }
    table.snapshots.push_back(std::move(snapshot));
  }
  return table;
}

Bytes build_snapshot_table(const std::vector<Snapshot>& snapshots) {
  Bytes out;
  for (const Snapshot& snapshot : snapshots) {
    const std::size_t at = out.size();
    out.resize(at + kFixedBytes + kKnownExtra);
    std::uint8_t* p = &out[at];
    store_be64(p, snapshot.l1_offset);
    store_be32(p + 8, snapshot.l1_size);
    store_be16(p + 12, static_cast<std::uint16_t>(snapshot.info.id.size()));
    store_be16(p + 14, static_cast<std::uint16_t>(snapshot.info.name.size()));
    store_be32(p + 16, snapshot.info.date_sec);
    store_be32(p + 20, snapshot.info.date_nsec);
    store_be64(p + 24, snapshot.info.vm_clock_nsec);
    const std::uint64_t state = snapshot.info.vm_state_size;
    store_be32(p + 32, state > 0xffffffff ? 0 : static_cast<std::uint32_t>(state));
    store_be32(p + 36, static_cast<std::uint32_t>(kKnownExtra + snapshot.unknown_extra.size()));
    store_be64(p + 40, state);
    store_be64(p + 48, snapshot.info.disk_size);
    store_be64(p + 56, static_cast<std::uint64_t>(snapshot.info.icount));
    out.insert(out.end(), snapshot.unknown_extra.begin(), snapshot.unknown_extra.end());
    out.insert(out.end(), snapshot.info.id.begin(), snapshot.info.id.end());
    out.insert(out.end(), snapshot.info.name.begin(), snapshot.info.name.end());
    out.resize((out.size() + 7) / 8 * 8);
  }
  return out;
}

}  // namespace cassia::storage::qcow2
