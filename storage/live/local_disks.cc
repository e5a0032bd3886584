// SPDX-License-Identifier: Apache-2.0
#include "storage/live/local_disks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "storage/live/image_chain.h"
#include "storage/live/image_files.h"
#include "storage/ops/convert.h"
#include "storage/ops/create.h"
#include "storage/ops/snapshot.h"

namespace cassia::storage {
namespace fs = std::filesystem;

Result<std::shared_ptr<LocalDisks>> LocalDisks::create(Context context,
                                                       const std::vector<LocalDisk>& disks) {
  std::shared_ptr<LocalDisks> made(new LocalDisks(std::move(context)));
  for (const LocalDisk& disk : disks) {
    const fs::path path = CASSIA_TRY(made->context_.root.existing(disk.image));
    made->disks_.push_back({disk.id, path, "virtio", false});
  }
  return made;
}

Result<DiskInfo> LocalDisks::describe(const Disk& disk) const {
  DiskInfo info = CASSIA_TRY(describe_image(context_.root, context_.images, disk.path));
  info.id = disk.id;
  info.bus = disk.bus;
  info.read_only = disk.read_only;
  return info;
}

Result<LocalDisks::Disk*> LocalDisks::find(const std::string& id) {
  const auto found =
      std::find_if(disks_.begin(), disks_.end(), [&](const Disk& disk) { return disk.id == id; });
  if (found == disks_.end()) return fail(ErrorKind::not_found, "there is no disk '{}'", id);
  return &*found;
}

Result<LocalDisks::Disk*> LocalDisks::find_idle(const std::string& id) {
  Disk* disk = CASSIA_TRY(find(id));
  if (const auto job = context_.jobs.job_on(id)) {
    return fail(ErrorKind::busy, "disk {} is busy: job {} ({}) by {}", id, job->id, job->about.verb,
                job->about.owner);
  }
  return disk;
}

std::string LocalDisks::free_id() const {
  for (unsigned i = 1;; ++i) {
    const std::string id = fmt::format("disk{}", i);
    if (std::none_of(disks_.begin(), disks_.end(),
                     [&](const Disk& disk) { return disk.id == id; })) {
      return id;
    }
  }
}

Result<DiskInfo> LocalDisks::attach_now(const AttachSpec& spec) {
  const auto chain =
      CASSIA_TRY(inspect_chain(context_.root, context_.images, spec.image, spec.format));
  for (const Disk& disk : disks_) {
    if (disk.path == chain.front().path) {
      return fail(ErrorKind::busy, "{} is attached already, as disk {}", spec.image, disk.id);
    }
    if (disk.id == spec.id) {
      return fail(ErrorKind::exists, "the VM has a device '{}' already", spec.id);
    }
  }
  if (!spec.id.empty()) CASSIA_TRY(check_disk_id(spec.id));
  Disk disk{spec.id.empty() ? free_id() : spec.id, chain.front().path,
            spec.bus == "scsi" ? "scsi" : "virtio", spec.read_only};
  DiskInfo info = CASSIA_TRY(describe(disk));
  disks_.push_back(std::move(disk));
  return info;
}

Result<SnapshotRecord> LocalDisks::snapshot_now(const LiveSnapshotSpec& spec) {
  CASSIA_TRY(check_snapshot_name(spec.name));
  Disk* disk = CASSIA_TRY(find_idle(spec.disk));
  if (spec.overlay) return overlay_now(*disk, spec);
  const auto before = CASSIA_TRY(snapshots_of(*disk));
  for (const SnapshotRecord& record : before) {
    if (record.name == spec.name) {
      return fail(ErrorKind::exists, "disk {} has a snapshot '{}' already", disk->id, spec.name);
    }
  }
  SnapshotSpec snapshot;
  snapshot.path = disk->path.string();
  snapshot.action = SnapshotAction::create;
  snapshot.name = spec.name;
  CASSIA_TRY(snapshot_image(context_.images, snapshot));
  auto after = CASSIA_TRY(snapshots_of(*disk));
  return std::move(after.back());
}

Result<SnapshotRecord> LocalDisks::overlay_now(Disk& disk, const LiveSnapshotSpec& spec) {
  const DiskInfo info = CASSIA_TRY(describe(disk));
  const std::string name =
      spec.target.empty() ? default_overlay_name(info, spec.name) : spec.target;
  const fs::path target = CASSIA_TRY(context_.root.fresh(name));
  CreateImageSpec image;
  image.path = target.string();
  image.format = "qcow2";
  image.backing_file = disk.path.lexically_relative(target.parent_path()).string();
  image.backing_format = info.format;
  CASSIA_TRY(create_image(CASSIA_TRY(plan_create(context_.images, image))));
  disk.path = target;
  return SnapshotRecord{
      .name = target.filename().string(), .kind = "overlay", .disk = disk.id, .image = info.image};
}

Result<std::vector<SnapshotRecord>> LocalDisks::snapshots_of(const Disk& disk) const {
  const DiskInfo info = CASSIA_TRY(describe(disk));
  std::vector<SnapshotRecord> records = overlay_records(info);
  SnapshotSpec spec;
  spec.path = disk.path.string();
  spec.force_share = true;
  if (info.snapshots == 0) return records;
  for (const SnapshotInfo& snapshot : CASSIA_TRY(snapshot_image(context_.images, spec))) {
    records.push_back({.name = snapshot.name,
                       .id = snapshot.id,
                       .kind = "internal",
                       .disk = disk.id,
                       .image = info.image,
                       .date = snapshot.date_sec,
                       .vm_state_size = snapshot.vm_state_size});
  }
  return records;
}

Result<void> LocalDisks::delete_now(const std::string& id, const std::string& name) {
  const Disk* disk = CASSIA_TRY(find_idle(id));
  for (const SnapshotRecord& record : CASSIA_TRY(snapshots_of(*disk))) {
    if (record.name != name || record.kind != "internal") continue;
    SnapshotSpec spec;
    spec.path = disk->path.string();
    spec.action = SnapshotAction::remove;
    spec.name = record.name;
    CASSIA_TRY(snapshot_image(context_.images, spec));
    return {};
  }
  return fail(ErrorKind::not_found, "disk {} has no internal snapshot '{}'", id, name);
}

Result<std::string> LocalDisks::convert_now(const LiveConvertSpec& spec) {
  const Disk* disk = CASSIA_TRY(find_idle(spec.disk));
  const fs::path target = CASSIA_TRY(context_.root.fresh(spec.target));
  if (const auto job = context_.jobs.job_on(spec.target)) {
    return fail(ErrorKind::busy, "{} is being made by job {}", spec.target, job->id);
  }
  ConvertSpec convert;
  convert.source = disk->path.string();
  convert.target = target.string();
  convert.target_format = spec.format;
  convert.compress = spec.compress;
  convert.only_new = true;
  CASSIA_TRY(check_convert(context_.images, convert));
  return context_.jobs.start({"disk.convert", disk->id, spec.target, spec.owner},
                             [&images = context_.images, convert](Progress& progress) {
                               return convert_image(images, convert, progress);
                             });
}

net::Task<VmInfo> LocalDisks::show() {
  VmInfo info;
  info.name = context_.vm_name;
  info.connected = true;
  info.status = "running";
  info.machine = "none";
  co_return info;
}

net::Task<Result<std::vector<DiskInfo>>> LocalDisks::list() {
  std::vector<DiskInfo> infos;
  for (const Disk& disk : disks_) {
    auto info = describe(disk);
    if (!info) co_return fail(info.error());
    infos.push_back(std::move(*info));
  }
  co_return infos;
}

net::Task<Result<DiskInfo>> LocalDisks::attach(AttachSpec spec) { co_return attach_now(spec); }

net::Task<Result<DetachState>> LocalDisks::detach(std::string id, Duration) {
  const auto disk = find_idle(id);
  if (!disk) co_return fail(disk.error());
  disks_.erase(disks_.begin() + (*disk - disks_.data()));
  co_return DetachState::detached;
}

net::Task<Result<SnapshotRecord>> LocalDisks::create_snapshot(LiveSnapshotSpec spec) {
  co_return snapshot_now(spec);
}

net::Task<Result<std::vector<SnapshotRecord>>> LocalDisks::list_snapshots(std::string id) {
  const auto disk = find(id);
  if (!disk) co_return fail(disk.error());
  co_return snapshots_of(**disk);
}

net::Task<Result<void>> LocalDisks::delete_snapshot(std::string id, std::string name) {
  co_return delete_now(id, name);
}

net::Task<Result<std::string>> LocalDisks::convert(LiveConvertSpec spec) {
  co_return convert_now(spec);
}

}  // namespace cassia::storage
