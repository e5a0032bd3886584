// SPDX-License-Identifier: Apache-2.0
#include "storage/live/vm_disks.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace cassia::storage {

using nlohmann::json;

json to_json(const VmInfo& info) {
  return {{"name", info.name},       {"connected", info.connected}, {"status", info.status},
          {"machine", info.machine}, {"qemu", info.qemu},           {"problem", info.problem}};
}

json to_json(const DiskInfo& info) {
  return {{"id", info.id},
          {"state", info.state},
          {"bus", info.bus},
          {"device", info.device},
          {"qdev", info.qdev},
          {"node", info.node},
          {"format", info.format},
          {"virtual_size", info.virtual_size},
          {"actual_size", info.actual_size},
          {"snapshots", info.snapshots},
          {"removable", info.removable},
          {"read_only", info.read_only},
          {"image", info.image},
          {"in_root", info.in_root},
          {"chain", info.chain}};
}

json to_json(const SnapshotRecord& record) {
  return {{"name", record.name},
          {"id", record.id},
          {"kind", record.kind},
          {"disk", record.disk},
          {"image", record.image},
          {"date", record.date},
          {"vm_state_size", record.vm_state_size}};
}

Result<void> check_disk_id(const std::string& id) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto allowed = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (id.empty() || id.size() > 19 || !letter(id.front()) ||
      !std::all_of(id.begin(), id.end(), allowed)) {
    return fail(ErrorKind::invalid_argument,
                "'{}' cannot be a disk's id: a letter, then at most 18 letters, digits, '-' or '_'",
                id);
  }
  return {};
}

Result<void> check_snapshot_name(const std::string& name) {
  const bool plain =
      name.find('/') == std::string::npos && name.front() != '.' && name.front() != '-';
  if (!plain || name.size() > 128) {
    return fail(ErrorKind::invalid_argument,
                "'{}' cannot be a snapshot's name: at most 128 bytes, no '/', not beginning with "
                "'.' or '-'",
                name);
  }
  return {};
}

std::string default_overlay_name(const DiskInfo& disk, const std::string& snapshot) {
  const std::filesystem::path base(disk.image);
  const std::filesystem::path folder = disk.in_root ? base.parent_path() : std::filesystem::path();
  return (folder / fmt::format("{}-{}.qcow2", base.stem().string(), snapshot)).string();
}

std::vector<SnapshotRecord> overlay_records(const DiskInfo& disk) {
  std::vector<SnapshotRecord> records;
  std::string above = disk.image;
  for (const std::string& below : disk.chain) {
    SnapshotRecord record;
    record.name = std::filesystem::path(above).filename().string();
    record.kind = "overlay";
    record.disk = disk.id;
    record.image = below;
    records.insert(records.begin(), std::move(record));
    above = below;
  }
  return records;
}

}  // namespace cassia::storage
