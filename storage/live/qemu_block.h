// SPDX-License-Identifier: Apache-2.0
#pragma once

// The steps in QEMU's block layer that the live verbs are made of. All of them are coroutines of
// the connection's thread; names of nodes and jobs that we make begin with "cassia-".

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/task.h"
#include "storage/live/storage_root.h"
#include "storage/live/vm_connection.h"
#include "storage/live/vm_disks.h"

namespace cassia::storage {

inline constexpr std::string_view our_prefix = "cassia-";

/// A disk as QEMU describes it.
struct QemuDisk {
  DiskInfo info;
  std::string path;      ///< QOM path of the device that device_del takes
  std::string filename;  ///< of the top image, as QEMU opened it
  std::vector<SnapshotRecord> snapshots;
  /// File names and formats of the images below, nearest first.
  std::vector<std::pair<std::string, std::string>> backing;
};

/// One entry of query-block; `root` may be null. The bus is not known from it.
QemuDisk read_block_entry(const nlohmann::json& entry, const StorageRoot* root);

/// The file that a block node stands on: QEMU calls a node "json:{...}" when its header alone would
/// not open the same graph.
std::string plain_filename(const std::string& filename);

/// "virtio-blk-pci" is bus virtio, "scsi-hd" scsi, ...
std::string bus_of_type(std::string_view qom_type);

net::Task<Result<std::vector<QemuDisk>>> query_disks(VmConnection& vm, const StorageRoot* root);

/// {name, type} of the children of a QOM object.
struct QomItem {
  std::string name;
  std::string type;
};
net::Task<Result<std::vector<QomItem>>> qom_list(VmConnection& vm, std::string path);
net::Task<Result<nlohmann::json>> qom_get(VmConnection& vm, std::string path, std::string property);

/// A number N such that no node, job or file is called "cassia-N..." in QEMU.
net::Task<Result<unsigned>> free_number(VmConnection& vm);

net::Task<Result<void>> delete_node(VmConnection& vm, std::string node);
/// Removes every node of ours that nothing uses (QEMU refuses to remove one that is in use).
net::Task<> sweep_nodes(VmConnection& vm);

/// An image for QEMU to make.
struct NewImage {
  std::filesystem::path file;
  std::string format;        ///< raw, qcow2
  std::uint64_t size = 0;    ///< bytes
  std::string backing_file;  ///< as it shall stand in the header; empty: none
  std::string backing_format;
};
/// Creates the file and its format through QEMU's create jobs, so that it belongs to QEMU's user;
/// no node of it stays. `prefix` names the nodes and jobs used on the way. Removes the file again
/// if it fails.
net::Task<Result<void>> make_image(VmConnection& vm, NewImage image, std::string prefix);

/// The entry of query-jobs, or null if there is no such job.
net::Task<Result<nlohmann::json>> query_job(VmConnection& vm, std::string id);

/// Waits until the job is concluded and dismisses it; its error is the result's.
net::Task<Result<void>> finish_job(VmConnection& vm, std::string id);

}  // namespace cassia::storage
