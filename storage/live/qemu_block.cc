// SPDX-License-Identifier: Apache-2.0
#include "storage/live/qemu_block.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "protocol/json/json_text.h"
#include "storage/live/signal.h"

namespace cassia::storage {
namespace {

using nlohmann::json;

constexpr std::string_view backend_suffix = "/virtio-backend";
constexpr std::string_view peripheral = "/machine/peripheral/";

std::uint64_t size_at(const json& value, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_at(value, key)));
}

/// How callers see a file of QEMU's: below the root its path, elsewhere the name alone.
std::string shown(const std::string& filename, const StorageRoot* root, bool* inside = nullptr) {
  const std::string relative = root != nullptr ? root->relative(filename) : std::string();
  if (inside != nullptr) *inside = !relative.empty();
  return relative.empty() ? std::filesystem::path(filename).filename().string() : relative;
}

/// The id by which verbs call a disk: its device's, else its drive's, else its path's last part.
std::string disk_id(const std::string& path, const std::string& device) {
  if (path.starts_with(peripheral)) return path.substr(peripheral.size());
  if (!device.empty()) return device;
  return path.substr(path.rfind('/') + 1);
}

SnapshotRecord read_snapshot(const json& entry) {
  SnapshotRecord record;
  record.name = text_at(entry, "name");
  record.id = text_at(entry, "id");
  record.kind = "internal";
  record.date = number_at(entry, "date-sec");
  record.vm_state_size = size_at(entry, "vm-state-size");
  return record;
}

json file_node(const std::filesystem::path& file, const std::string& name) {
  return {{"driver", "file"}, {"node-name", name}, {"filename", file.string()}};
}

}  // namespace

QemuDisk read_block_entry(const json& entry, const StorageRoot* root) {
  QemuDisk disk;
  DiskInfo& info = disk.info;
  info.device = text_at(entry, "device");
  info.qdev = text_at(entry, "qdev");
  info.removable = flag_at(entry, "removable");
  disk.path = info.qdev;
  if (disk.path.ends_with(backend_suffix)) {
    disk.path.resize(disk.path.size() - backend_suffix.size());
  } else if (!disk.path.empty() && disk.path.find('/') == std::string::npos) {
    disk.path.insert(0, peripheral);
  }
  info.id = disk_id(disk.path, info.device);
  const json& inserted = member(entry, "inserted");
  if (!inserted.is_object()) {
    info.state = "empty";
    return disk;
  }
  info.node = text_at(inserted, "node-name");
  info.format = text_at(inserted, "drv");
  info.read_only = flag_at(inserted, "ro");
  const json& image = member(inserted, "image");
  info.virtual_size = size_at(image, "virtual-size");
  info.actual_size = size_at(image, "actual-size");
  disk.filename = plain_filename(text_at(image, "filename"));
  info.image = shown(disk.filename, root, &info.in_root);
  for (const json& snapshot : member(image, "snapshots")) {
    disk.snapshots.push_back(read_snapshot(snapshot));
    disk.snapshots.back().disk = info.id;
    disk.snapshots.back().image = info.image;
  }
  info.snapshots = disk.snapshots.size();
  for (const json* below = &member(image, "backing-image"); below->is_object();
       below = &member(*below, "backing-image")) {
    disk.backing.emplace_back(plain_filename(text_at(*below, "filename")),
                              text_at(*below, "format"));
    info.chain.push_back(shown(disk.backing.back().first, root));
  }
  return disk;
}

std::string plain_filename(const std::string& filename) {
  if (!filename.starts_with("json:")) return filename;
  const auto graph = parse_json(std::string_view(filename).substr(5));
  if (!graph) return filename;
  const json* node = &*graph;
  while (member(*node, "file").is_object()) node = &member(*node, "file");
  return text_at(*node, "filename", filename);
}

std::string bus_of_type(std::string_view type) {
  const auto has = [type](std::string_view part) { return type.find(part) != type.npos; };
  if (has("virtio")) return "virtio";
  if (has("scsi")) return "scsi";
  if (has("ide")) return "ide";
  if (has("usb")) return "usb";
  if (has("nvme")) return "nvme";
  if (has("floppy")) return "floppy";
  return "other";
}

net::Task<Result<std::vector<QomItem>>> qom_list(VmConnection& vm, std::string path) {
  const json arguments = {{"path", path}};
  const auto reply = co_await vm.execute("qom-list", arguments);
  if (!reply) co_return fail(reply.error());
  std::vector<QomItem> items;
  for (const json& item : *reply) items.push_back({text_at(item, "name"), text_at(item, "type")});
  co_return items;
}

net::Task<Result<json>> qom_get(VmConnection& vm, std::string path, std::string property) {
  const json arguments = {{"path", path}, {"property", property}};
  co_return co_await vm.execute("qom-get", arguments);
}

net::Task<Result<std::vector<QemuDisk>>> query_disks(VmConnection& vm, const StorageRoot* root) {
  const auto reply = co_await vm.execute("query-block");
  if (!reply) co_return fail(reply.error());
  std::vector<QemuDisk> disks;
  for (const json& entry : *reply) {
    QemuDisk disk = read_block_entry(entry, root);
    // A drive without a device (if=none, not used) is nobody's disk.
    if (disk.path.empty()) continue;
    const auto type = co_await qom_get(vm, disk.path, "type");
    if (!type && type.error().kind() == ErrorKind::closed) co_return fail(type.error());
    disk.info.bus = type && type->is_string() ? bus_of_type(type->get<std::string>()) : "other";
    disks.push_back(std::move(disk));
  }
  co_return disks;
}

net::Task<Result<unsigned>> free_number(VmConnection& vm) {
  const json flat = {{"flat", true}};
  const auto nodes = co_await vm.execute("query-named-block-nodes", flat);
  if (!nodes) co_return fail(nodes.error());
  const auto jobs = co_await vm.execute("query-jobs");
  if (!jobs) co_return fail(jobs.error());
  std::set<unsigned> taken;
  const auto note = [&taken](const std::string& name) {
    if (!name.starts_with(our_prefix)) return;
    unsigned number = 0;
    for (std::size_t i = our_prefix.size(); i < name.size() && name[i] >= '0' && name[i] <= '9';
         ++i) {
      number = number * 10 + static_cast<unsigned>(name[i] - '0');
    }
    taken.insert(number);
  };
  for (const json& node : *nodes) note(text_at(node, "node-name"));
  for (const json& job : *jobs) note(text_at(job, "id"));
  unsigned number = 1;
  while (taken.contains(number)) ++number;
  co_return number;
}

net::Task<Result<void>> delete_node(VmConnection& vm, std::string node) {
  const json arguments = {{"node-name", node}};
  const auto reply = co_await vm.execute("blockdev-del", arguments);
  if (!reply) co_return fail(reply.error());
  co_return Result<void>();
}

net::Task<> sweep_nodes(VmConnection& vm) {
  for (bool removed = true; removed && vm.ready();) {
    removed = false;
    const json flat = {{"flat", true}};
    const auto nodes = co_await vm.execute("query-named-block-nodes", flat);
    if (!nodes) co_return;
    for (const json& node : *nodes) {
      const std::string name = text_at(node, "node-name");
      if (!name.starts_with(our_prefix)) continue;
      const auto gone = co_await delete_node(vm, name);
      if (gone) removed = true;
    }
  }
}

net::Task<Result<json>> query_job(VmConnection& vm, std::string id) {
  const auto jobs = co_await vm.execute("query-jobs");
  if (!jobs) co_return fail(jobs.error());
  for (const json& job : *jobs) {
    if (text_at(job, "id") == id) co_return job;
  }
  co_return json();
}

net::Task<Result<void>> finish_job(VmConnection& vm, std::string id) {
  Signal news(vm.executor());
  const auto subscription = vm.on_event([&](const qmp::Event& event) {
    if (event.name == "JOB_STATUS_CHANGE" && text_at(event.data, "id") == id) news.set();
  });
  for (;;) {
    news.reset();
    const auto job = co_await query_job(vm, id);
    if (!job) co_return fail(job.error());
    if (job->is_null()) co_return fail(ErrorKind::internal, "QEMU's job {} vanished", id);
    if (text_at(*job, "status") == "concluded") {
      const json arguments = {{"id", id}};
      const auto dismissed = co_await vm.execute("job-dismiss", arguments);
      const std::string error = text_at(*job, "error");
      if (!error.empty()) co_return fail(ErrorKind::io, "{}", error);
      if (!dismissed) co_return fail(dismissed.error());
      co_return Result<void>();
    }
    co_await news.wait(std::chrono::seconds(1));
  }
}

namespace {

net::Task<Result<void>> create_step(VmConnection& vm, json options, std::string job) {
  const json arguments = {{"job-id", job}, {"options", std::move(options)}};
  const auto begun = co_await vm.execute("blockdev-create", arguments);
  if (!begun) co_return fail(begun.error());
  co_return co_await finish_job(vm, job);
}

net::Task<Result<void>> create_steps(VmConnection& vm, const NewImage& image,
                                     const std::string& prefix) {
  const std::string job = prefix + "-create";
  const bool raw = image.format == "raw";
  json file = {{"driver", "file"},
               {"filename", image.file.string()},
               {"size", raw ? image.size : std::uint64_t{0}}};
  auto done = co_await create_step(vm, std::move(file), job);
  if (!done || raw) co_return done;
  const std::string node = prefix + "-new";
  json open = file_node(image.file, node);
  const auto opened = co_await vm.execute("blockdev-add", open);
  if (!opened) co_return fail(opened.error());
  json format = {{"driver", image.format}, {"file", node}, {"size", image.size}};
  if (!image.backing_file.empty()) {
    format["backing-file"] = image.backing_file;
    format["backing-fmt"] = image.backing_format;
  }
  done = co_await create_step(vm, std::move(format), job);
  const auto closed = co_await delete_node(vm, node);
  if (done && !closed) done = closed;
  co_return done;
}

}  // namespace

net::Task<Result<void>> make_image(VmConnection& vm, NewImage image, std::string prefix) {
  const auto done = co_await create_steps(vm, image, prefix);
  if (!done) {
    std::error_code ignored;
    std::filesystem::remove(image.file, ignored);
    co_return fail(done.error().in("cannot make " + image.file.filename().string()));
  }
  co_return done;
}

}  // namespace cassia::storage
