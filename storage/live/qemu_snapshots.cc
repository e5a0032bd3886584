// SPDX-License-Identifier: Apache-2.0
// The snapshot verbs of QemuDisks.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "storage/live/qemu_disks.h"
#include "storage/live/signal.h"

namespace cassia::storage {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// How the header of `overlay` shall name `base`.
Result<std::string> backing_reference(const StorageRoot& root, const fs::path& base,
                                      const fs::path& overlay) {
  if (!base.is_absolute()) {
    return fail(
        ErrorKind::unsupported,
        "QEMU opened {} by a relative path, which an overlay elsewhere could not name: start it "
        "with an absolute one",
        base.string());
  }
  // Inside the root a relative name survives moving the root.
  if (root.relative(base).empty()) return base.string();
  return base.lexically_relative(overlay.parent_path()).string();
}

json overlay_node(const fs::path& file, const std::string& prefix) {
  json node = {{"driver", "qcow2"}, {"node-name", prefix + "-fmt"}, {"backing", nullptr}};
  node["file"] = {{"driver", "file"},
                  {"node-name", prefix + "-file"},
                  {"filename", file.string()},
                  {"discard", "unmap"}};
  node["discard"] = "unmap";
  node["detect-zeroes"] = "unmap";
  return node;
}

}  // namespace

net::Task<Result<SnapshotRecord>> QemuDisks::create_snapshot(LiveSnapshotSpec spec) {
  const auto self = shared_from_this();
  if (const auto fits = check_snapshot_name(spec.name); !fits) co_return fail(fits.error());
  const auto guard = co_await changing_->acquire();
  const auto disk = co_await find_idle(spec.disk);
  if (!disk) co_return fail(disk.error());
  if (disk->info.read_only) {
    co_return fail(ErrorKind::unsupported,
                   "disk {} is read-only: it cannot change, so there is nothing "
                   "to keep",
                   disk->info.id);
  }
  if (spec.overlay) co_return co_await overlay_snapshot(*disk, std::move(spec));
  if (!spec.target.empty()) {
    co_return fail(ErrorKind::invalid_argument,
                   "an internal snapshot has no target: it lies inside the image");
  }
  co_return co_await internal_snapshot(*disk, std::move(spec.name));
}

net::Task<Result<SnapshotRecord>> QemuDisks::internal_snapshot(QemuDisk disk, std::string name) {
  if (disk.info.format != "qcow2") {
    co_return fail(
        ErrorKind::unsupported,
        "disk {} is {}: only qcow2 holds internal snapshots; take an overlay (kind overlay)",
        disk.info.id, disk.info.format);
  }
  const auto same = [&](const SnapshotRecord& record) { return record.name == name; };
  if (std::any_of(disk.snapshots.begin(), disk.snapshots.end(), same)) {
    co_return fail(ErrorKind::exists, "disk {} has a snapshot '{}' already", disk.info.id, name);
  }
  const json arguments = {{"device", disk.info.node}, {"name", name}};
  const auto taken = co_await vm_.execute("blockdev-snapshot-internal-sync", arguments);
  if (!taken) co_return fail(taken.error());
  log_info("storage", "disk {}: snapshot '{}' taken", disk.info.id, name);
  const auto after = co_await find(disk.info.id);
  if (!after) co_return fail(after.error());
  const auto record = std::find_if(after->snapshots.begin(), after->snapshots.end(), same);
  if (record == after->snapshots.end()) {
    co_return fail(ErrorKind::internal, "disk {}: QEMU does not list the new snapshot",
                   disk.info.id);
  }
  co_return *record;
}

net::Task<Result<SnapshotRecord>> QemuDisks::overlay_snapshot(QemuDisk disk,
                                                              LiveSnapshotSpec spec) {
  const auto where = root();
  if (!where) co_return fail(where.error());
  if (spec.target.empty()) spec.target = default_overlay_name(disk.info, spec.name);
  NewImage image;
  const auto target = (*where)->fresh(spec.target);
  if (!target) co_return fail(target.error());
  const auto reference = backing_reference(**where, disk.filename, *target);
  if (!reference) co_return fail(reference.error());
  const auto number = co_await free_number(vm_);
  if (!number) co_return fail(number.error());
  image.file = *target;
  image.format = "qcow2";
  image.size = disk.info.virtual_size;
  image.backing_file = *reference;
  image.backing_format = disk.info.format;
  const auto done = co_await put_overlay(disk, image, fmt::format("{}{}", our_prefix, *number));
  if (!done) co_return fail(done.error());
  log_info("storage", "disk {}: goes on in overlay {}", disk.info.id, spec.target);
  SnapshotRecord record;
  record.name = target->filename().string();
  record.kind = "overlay";
  record.disk = disk.info.id;
  record.image = disk.info.image;
  co_return record;
}

/// Makes the overlay and puts the disk on it. If anything fails the disk stays as it was and the
/// overlay is removed.
net::Task<Result<void>> QemuDisks::put_overlay(QemuDisk disk, NewImage image, std::string prefix) {
  const fs::path target = image.file;
  image.file = target.parent_path() / fmt::format(".{}.{}", target.filename().string(), prefix);
  const auto made = co_await make_image(vm_, image, prefix);
  if (!made) co_return made;
  std::error_code ignored;
  if (const auto named = publish(image.file, target); !named) {
    fs::remove(image.file, ignored);
    co_return named;
  }
  const json node = overlay_node(target, prefix);
  auto done = co_await vm_.execute("blockdev-add", node);
  if (done) {
    const json arguments = {{"node", disk.info.node}, {"overlay", prefix + "-fmt"}};
    done = co_await vm_.execute("blockdev-snapshot", arguments);
    if (!done) co_await delete_node(vm_, prefix + "-fmt");
  }
  if (done) co_return Result<void>();
  // If the connection went away QEMU may have switched: then the overlay is the disk and must stay.
  if (done.error().kind() != ErrorKind::closed && done.error().kind() != ErrorKind::timeout) {
    fs::remove(target, ignored);
  }
  co_return fail(done.error());
}

net::Task<Result<std::vector<SnapshotRecord>>> QemuDisks::list_snapshots(std::string name) {
  const auto disk = co_await find(name);
  if (!disk) co_return fail(disk.error());
  std::vector<SnapshotRecord> records = overlay_records(disk->info);
  records.insert(records.end(), disk->snapshots.begin(), disk->snapshots.end());
  co_return records;
}

net::Task<Result<void>> QemuDisks::delete_snapshot(std::string name, std::string snapshot) {
  const auto self = shared_from_this();
  const auto guard = co_await changing_->acquire();
  const auto disk = co_await find_idle(name);
  if (!disk) co_return fail(disk.error());
  const auto found =
      std::find_if(disk->snapshots.begin(), disk->snapshots.end(),
                   [&](const SnapshotRecord& record) { return record.name == snapshot; });
  if (found == disk->snapshots.end()) {
    co_return fail(ErrorKind::not_found, "disk {} has no internal snapshot '{}'", disk->info.id,
                   snapshot);
  }
  const json arguments = {{"device", disk->info.node}, {"id", found->id}, {"name", snapshot}};
  const auto deleted = co_await vm_.execute("blockdev-snapshot-delete-internal-sync", arguments);
  if (!deleted) co_return fail(deleted.error());
  co_return Result<void>();
}

}  // namespace cassia::storage
