// SPDX-License-Identifier: Apache-2.0
#pragma once

// VmDisks of a guest that has no QEMU behind it (the built-in demo guest): its disks are image
// files below the storage root, and the verbs work on them through the engine.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "storage/format/open.h"
#include "storage/jobs/job_engine.h"
#include "storage/live/storage_root.h"
#include "storage/live/vm_disks.h"

namespace cassia::storage {

/// A disk that such a guest has from the start.
struct LocalDisk {
  std::string id;
  std::string image;  ///< below the storage root
};

class LocalDisks final : public VmDisks {
 public:
  /// All of it must outlive the object.
  struct Context {
    const StorageRoot& root;
    const ImageEnvironment& images;
    JobEngine& jobs;
    std::string vm_name;
  };

  static Result<std::shared_ptr<LocalDisks>> create(Context context,
                                                    const std::vector<LocalDisk>& disks);

  net::Task<VmInfo> show() override;
  net::Task<Result<std::vector<DiskInfo>>> list() override;
  net::Task<Result<DiskInfo>> attach(AttachSpec spec) override;
  net::Task<Result<DetachState>> detach(std::string disk, Duration wait) override;
  net::Task<Result<SnapshotRecord>> create_snapshot(LiveSnapshotSpec spec) override;
  net::Task<Result<std::vector<SnapshotRecord>>> list_snapshots(std::string disk) override;
  net::Task<Result<void>> delete_snapshot(std::string disk, std::string name) override;
  net::Task<Result<std::string>> convert(LiveConvertSpec spec) override;

 private:
  struct Disk {
    std::string id;
    std::filesystem::path path;
    std::string bus;
    bool read_only = false;
  };

  explicit LocalDisks(Context context) : context_(std::move(context)) {}
  Result<DiskInfo> describe(const Disk& disk) const;
  Result<Disk*> find(const std::string& id);
  Result<Disk*> find_idle(const std::string& id);
  Result<DiskInfo> attach_now(const AttachSpec& spec);
  Result<SnapshotRecord> snapshot_now(const LiveSnapshotSpec& spec);
  Result<SnapshotRecord> overlay_now(Disk& disk, const LiveSnapshotSpec& spec);
  Result<std::vector<SnapshotRecord>> snapshots_of(const Disk& disk) const;
  Result<void> delete_now(const std::string& id, const std::string& name);
  Result<std::string> convert_now(const LiveConvertSpec& spec);
  std::string free_id() const;

  Context context_;
  std::vector<Disk> disks_;
};

}  // namespace cassia::storage
