// SPDX-License-Identifier: Apache-2.0
#pragma once

// VmDisks: the disks of one VM and what can be done with them while it runs. QemuDisks does it
// through QMP; LocalDisks serves a guest that has no QEMU (the demo guest).

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/task.h"

namespace cassia::storage {

/// The record "Vm" of the storage schema.
struct VmInfo {
  std::string name;
  bool connected = false;
  std::string status;
  std::string machine;
  std::string qemu;
  std::string problem;
};
nlohmann::json to_json(const VmInfo& info);

/// The record "Disk".
struct DiskInfo {
  std::string id;
  std::string state = "attached";  ///< attached, detach pending, empty
  std::string bus;
  std::string device;
  std::string qdev;
  std::string node;
  std::string format;
  std::uint64_t virtual_size = 0;  ///< bytes
  std::uint64_t actual_size = 0;   ///< bytes
  std::size_t snapshots = 0;
  bool removable = false;
  bool read_only = false;
  std::string image;  ///< as callers see it
  bool in_root = false;
  std::vector<std::string> chain;  ///< the images below, as callers see them, nearest first
};
nlohmann::json to_json(const DiskInfo& info);

/// The record "Snapshot".
struct SnapshotRecord {
  std::string name;
  std::string id;
  std::string kind;  ///< internal, overlay
  std::string disk;
  std::string image;
  std::int64_t date = 0;
  std::uint64_t vm_state_size = 0;
};
nlohmann::json to_json(const SnapshotRecord& record);

struct AttachSpec {
  std::string image;   ///< below the storage root
  std::string format;  ///< empty: probe
  std::string bus = "auto";
  bool read_only = false;
  std::string id;  ///< empty: chosen
};

struct LiveSnapshotSpec {
  std::string disk;
  std::string name;
  bool overlay = false;
  std::string target;  ///< of an overlay; empty: named after disk and snapshot
};

struct LiveConvertSpec {
  std::string disk;
  std::string target;
  std::string format = "qcow2";
  bool compress = false;
  std::string owner;
};

enum class DetachState { detached, pending };

/// One thread, that of the executor. Parameters are taken by value: they outlive the coroutine's
/// caller.
class VmDisks {
 public:
  virtual ~VmDisks() = default;
  virtual net::Task<VmInfo> show() = 0;
  virtual net::Task<Result<std::vector<DiskInfo>>> list() = 0;
  virtual net::Task<Result<DiskInfo>> attach(AttachSpec spec) = 0;
  /// Waits for the guest at most `wait`; the disk then stays "detach pending" until the guest lets
  /// go, however late.
  virtual net::Task<Result<DetachState>> detach(std::string disk, Duration wait) = 0;
  virtual net::Task<Result<SnapshotRecord>> create_snapshot(LiveSnapshotSpec spec) = 0;
  virtual net::Task<Result<std::vector<SnapshotRecord>>> list_snapshots(std::string disk) = 0;
  virtual net::Task<Result<void>> delete_snapshot(std::string disk, std::string name) = 0;
  /// Answers the id of a job in the engine.
  virtual net::Task<Result<std::string>> convert(LiveConvertSpec spec) = 0;
};

/// "a letter, then letters, digits, '-' or '_'", 19 at most: what QEMU and its node names take.
Result<void> check_disk_id(const std::string& id);

/// At most 128 bytes that can stand in a file name and on a command line.
Result<void> check_snapshot_name(const std::string& name);

/// Where an overlay goes if nobody says: DISK-SNAPSHOT.qcow2 beside the disk's image.
std::string default_overlay_name(const DiskInfo& disk, const std::string& snapshot);

/// A disk's chain as snapshots, oldest first: each image below holds the content of the moment at
/// which the one above it was made.
std::vector<SnapshotRecord> overlay_records(const DiskInfo& disk);

}  // namespace cassia::storage
