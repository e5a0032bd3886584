// SPDX-License-Identifier: Apache-2.0
#pragma once

// VmDisks of a VM that runs in QEMU, through its QMP socket.

#include <map>
#include <memory>
#include <set>
#include <string>

#include "storage/format/open.h"
#include "storage/jobs/job_engine.h"
#include "storage/live/qemu_block.h"
#include "storage/live/qemu_slots.h"
#include "storage/live/storage_root.h"
#include "storage/live/vm_connection.h"
#include "storage/live/vm_disks.h"

namespace cassia::storage {

class AsyncLock;
class Signal;

class QemuDisks final : public VmDisks, public std::enable_shared_from_this<QemuDisks> {
 public:
  /// What it works with; all of it must outlive it. Without a root no path can be named.
  struct Context {
    std::shared_ptr<VmConnection> vm;
    const StorageRoot* root = nullptr;
    const ImageEnvironment* images = nullptr;
    JobEngine* jobs = nullptr;
  };

  static std::shared_ptr<QemuDisks> create(Context context);
  ~QemuDisks() override;

  net::Task<VmInfo> show() override;
  net::Task<Result<std::vector<DiskInfo>>> list() override;
  net::Task<Result<DiskInfo>> attach(AttachSpec spec) override;
  net::Task<Result<DetachState>> detach(std::string disk, Duration wait) override;
  net::Task<Result<SnapshotRecord>> create_snapshot(LiveSnapshotSpec spec) override;
  net::Task<Result<std::vector<SnapshotRecord>>> list_snapshots(std::string disk) override;
  net::Task<Result<void>> delete_snapshot(std::string disk, std::string name) override;
  net::Task<Result<std::string>> convert(LiveConvertSpec spec) override;

 private:
  /// A disk whose device_del was sent.
  struct Pending {
    std::string path;  ///< of the device
    std::string node;  ///< its top node, to be removed afterwards
    std::string peer;  ///< the QEMU process that was asked
    std::shared_ptr<Signal> settled;
  };

  explicit QemuDisks(Context context);
  void watch();
  void on_event(const qmp::Event& event);
  net::Task<> came_back();
  net::Task<> drop_orphans();
  net::Task<> release(std::string id);

  net::Task<Result<std::vector<QemuDisk>>> disks();
  net::Task<Result<QemuDisk>> find(std::string id);
  net::Task<Result<QemuDisk>> find_idle(std::string id);
  net::Task<Result<void>> check_attach(const AttachSpec& spec, const std::filesystem::path& image);
  net::Task<Result<std::string>> choose_id(std::string wanted);
  net::Task<Result<void>> plug(std::vector<Slot> slots, std::string id, std::string node);
  net::Task<Result<SnapshotRecord>> internal_snapshot(QemuDisk disk, std::string name);
  net::Task<Result<SnapshotRecord>> overlay_snapshot(QemuDisk disk, LiveSnapshotSpec spec);
  net::Task<Result<void>> put_overlay(QemuDisk disk, NewImage image, std::string prefix);
  struct Copy;
  net::Task<Result<void>> begin_copy(std::shared_ptr<Copy> copy, QemuDisk disk,
                                     LiveConvertSpec spec);
  net::Task<> follow_copy(std::shared_ptr<Copy> copy);
  net::Task<Result<void>> watch_copy(std::shared_ptr<Copy> copy);
  net::Task<> tell_copy(std::shared_ptr<Copy> copy, std::string command);
  JobControls controls(const std::shared_ptr<Copy>& copy);
  Result<const StorageRoot*> root() const;

  Context context_;
  VmConnection& vm_;
  std::unique_ptr<AsyncLock> changing_;  ///< one change to the block graph at a time
  std::map<std::string, Pending> pending_;
  std::set<std::string> copies_;  ///< QEMU's names of the copies that are followed
  VmConnection::Subscription events_;
  VmConnection::Subscription ready_;
};

}  // namespace cassia::storage
