// SPDX-License-Identifier: Apache-2.0
#include "storage/live/qemu_disks.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "protocol/json/json_text.h"
#include "storage/live/image_chain.h"
#include "storage/live/signal.h"

namespace cassia::storage {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

Error detach_error(const std::string& id, const Error& error) {
  if (error.message().find("does not support hotplugging") == std::string::npos) return error;
  return {ErrorKind::unsupported,
          fmt::format(
              "disk {} cannot be detached while the VM runs: it was plugged where the machine has "
              "no hot-plug ({})",
              id, error.message())};
}

}  // namespace

std::shared_ptr<QemuDisks> QemuDisks::create(Context context) {
  std::shared_ptr<QemuDisks> disks(new QemuDisks(std::move(context)));
  disks->watch();
  return disks;
}

QemuDisks::QemuDisks(Context context)
    : context_(std::move(context)),
      vm_(*context_.vm),
      changing_(std::make_unique<AsyncLock>(vm_.executor())) {}

QemuDisks::~QemuDisks() = default;

void QemuDisks::watch() {
  events_ = vm_.on_event([weak = weak_from_this()](const qmp::Event& event) {
    if (const auto self = weak.lock()) self->on_event(event);
  });
  ready_ = vm_.on_ready([weak = weak_from_this()](bool ready) {
    const auto self = weak.lock();
    if (self && ready) asio::co_spawn(self->vm_.executor(), self->came_back(), asio::detached);
  });
}

Result<const StorageRoot*> QemuDisks::root() const {
  if (context_.root == nullptr) {
    return fail(
        ErrorKind::unsupported,
        "the gateway has no storage root, so no image can be named (start it with --storage-root)");
  }
  return context_.root;
}

void QemuDisks::on_event(const qmp::Event& event) {
  const bool gone = event.name == "DEVICE_DELETED";
  const bool refused = event.name == "DEVICE_UNPLUG_GUEST_ERROR";
  if (!gone && !refused) return;
  const std::string path = text_at(event.data, "path");
  const std::string device = text_at(event.data, "device");
  for (auto& [id, pending] : pending_) {
    if (pending.path != path && (device.empty() || id != device)) continue;
    if (gone) {
      asio::co_spawn(vm_.executor(), release(id), asio::detached);
    } else {
      pending.settled->set();
      pending_.erase(id);
    }
    return;
  }
}

/// The device is gone; its nodes follow.
net::Task<> QemuDisks::release(std::string id) {
  const auto self = shared_from_this();
  const auto guard = co_await changing_->acquire();
  const auto found = pending_.find(id);
  if (found == pending_.end()) co_return;
  const Pending pending = found->second;
  // A node that came with -drive goes with its device; one of -blockdev or ours is removed here.
  if (!pending.node.empty() && !pending.node.starts_with('#')) {
    co_await delete_node(vm_, pending.node);
  }
  co_await sweep_nodes(vm_);
  pending_.erase(id);
  pending.settled->set();
  log_info("storage", "disk {} is detached", id);
}

/// After every connection: events may have passed unheard, or it is another QEMU altogether.
net::Task<> QemuDisks::came_back() {
  const auto self = shared_from_this();
  const auto now = co_await query_disks(vm_, context_.root);
  if (!now) co_return;
  std::vector<std::string> gone;
  for (const auto& [id, pending] : pending_) {
    if (pending.peer != vm_.peer()) {  // a new QEMU, which nobody asked for anything
      gone.push_back(id);
      continue;
    }
    const bool there = std::any_of(now->begin(), now->end(),
                                   [&](const QemuDisk& disk) { return disk.path == pending.path; });
    if (!there) gone.push_back(id);
  }
  for (const std::string& id : gone) co_await release(id);
  co_await drop_orphans();
}

net::Task<VmInfo> QemuDisks::show() {
  VmInfo info;
  info.connected = vm_.ready();
  info.problem = vm_.problem();
  if (!info.connected) co_return info;
  const auto& version = vm_.greeting();
  info.qemu = fmt::format("{}.{}.{}", version.major, version.minor, version.micro);
  const auto name = co_await vm_.execute("query-name");
  if (name) info.name = text_at(*name, "name");
  const auto status = co_await vm_.execute("query-status");
  if (status) info.status = text_at(*status, "status");
  const auto type = co_await qom_get(vm_, "/machine", "type");
  if (type && type->is_string()) info.machine = type->get<std::string>();
  if (info.machine.ends_with("-machine")) info.machine.resize(info.machine.size() - 8);
  co_return info;
}

net::Task<Result<std::vector<QemuDisk>>> QemuDisks::disks() {
  auto found = co_await query_disks(vm_, context_.root);
  if (found) {
    for (QemuDisk& disk : *found) {
      if (pending_.contains(disk.info.id)) disk.info.state = "detach pending";
    }
  }
  co_return found;
}

net::Task<Result<std::vector<DiskInfo>>> QemuDisks::list() {
  const auto found = co_await disks();
  if (!found) co_return fail(found.error());
  std::vector<DiskInfo> infos;
  for (const QemuDisk& disk : *found) infos.push_back(disk.info);
  co_return infos;
}

net::Task<Result<QemuDisk>> QemuDisks::find(std::string id) {
  const auto all = co_await disks();
  if (!all) co_return fail(all.error());
  for (const QemuDisk& disk : *all) {
    if (disk.info.id == id || (!disk.info.device.empty() && disk.info.device == id)) co_return disk;
  }
  co_return fail(ErrorKind::not_found, "there is no disk '{}'", id);
}

/// A disk with a medium that no job works on and that is to stay.
net::Task<Result<QemuDisk>> QemuDisks::find_idle(std::string id) {
  auto disk = co_await find(id);
  if (!disk) co_return disk;
  if (disk->info.state != "attached") {
    co_return fail(ErrorKind::busy, "disk {} is not usable: {}", disk->info.id, disk->info.state);
  }
  if (const auto job = context_.jobs->job_on(disk->info.id)) {
    co_return fail(ErrorKind::busy, "disk {} is busy: job {} ({}) by {}", disk->info.id, job->id,
                   job->about.verb, job->about.owner);
  }
  co_return disk;
}

net::Task<Result<std::string>> QemuDisks::choose_id(std::string wanted) {
  if (!wanted.empty()) {
    if (const auto fits = check_disk_id(wanted); !fits) co_return fail(fits.error());
  }
  const auto devices = co_await qom_list(vm_, "/machine/peripheral");
  if (!devices) co_return fail(devices.error());
  const auto taken = [&](const std::string& id) {
    return pending_.contains(id) ||
           std::any_of(devices->begin(), devices->end(),
                       [&](const QomItem& item) { return item.name == id; });
  };
  if (!wanted.empty() && taken(wanted)) {
    co_return fail(ErrorKind::exists, "the VM has a device '{}' already", wanted);
  }
  for (unsigned i = 1; wanted.empty(); ++i) {
    if (std::string id = fmt::format("disk{}", i); !taken(id)) wanted = std::move(id);
  }
  co_return wanted;
}

net::Task<Result<void>> QemuDisks::check_attach(const AttachSpec& spec,
                                                const std::filesystem::path& image) {
  const auto all = co_await disks();
  if (!all) co_return fail(all.error());
  for (const QemuDisk& disk : *all) {
    if (disk.filename == image.string()) {
      co_return fail(ErrorKind::busy, "{} is attached already, as disk {}", spec.image,
                     disk.info.id);
    }
  }
  if (const auto job = context_.jobs->job_on(spec.image)) {
    co_return fail(ErrorKind::busy, "{} is busy: job {} ({}) by {}", spec.image, job->id,
                   job->about.verb, job->about.owner);
  }
  co_return Result<void>();
}

net::Task<Result<void>> QemuDisks::plug(std::vector<Slot> slots, std::string id, std::string node) {
  Result<void> last = fail(ErrorKind::internal, "no slot was tried");
  for (const Slot& slot : slots) {
    json arguments = {{"driver", slot.driver}, {"id", id}, {"drive", node}, {"serial", id}};
    arguments["bus"] = slot.bus;
    const auto added = co_await vm_.execute("device_add", arguments);
    if (added) co_return Result<void>();
    last = fail(added.error());
    if (added.error().kind() == ErrorKind::closed) break;
  }
  co_return last;
}

net::Task<Result<DiskInfo>> QemuDisks::attach(AttachSpec spec) {
  const auto self = shared_from_this();
  const auto where = root();
  if (!where) co_return fail(where.error());
  const auto guard = co_await changing_->acquire();
  const auto chain = inspect_chain(**where, *context_.images, spec.image, spec.format);
  if (!chain) co_return fail(chain.error());
  const auto fits = co_await check_attach(spec, chain->front().path);
  if (!fits) co_return fail(fits.error());
  const auto slots = co_await find_slots(vm_, spec.bus);
  if (!slots) co_return fail(slots.error());
  const auto id = co_await choose_id(spec.id);
  if (!id) co_return fail(id.error());
  const auto number = co_await free_number(vm_);
  if (!number) co_return fail(number.error());

  const std::string prefix = fmt::format("{}{}", our_prefix, *number);
  const json graph = node_graph(*chain, prefix, spec.read_only);
  const auto opened = co_await vm_.execute("blockdev-add", graph);
  if (!opened) co_return fail(opened.error().in(spec.image));
  const auto plugged = co_await plug(*slots, *id, prefix + "-fmt");
  if (!plugged) {
    co_await delete_node(vm_, prefix + "-fmt");
    co_return fail(plugged.error().in(spec.image));
  }
  log_info("storage", "{} is attached as disk {}", spec.image, *id);
  const auto disk = co_await find(*id);
  if (!disk) co_return fail(disk.error());
  co_return disk->info;
}

net::Task<Result<DetachState>> QemuDisks::detach(std::string name, Duration wait) {
  const auto self = shared_from_this();
  std::shared_ptr<Signal> settled;
  std::string id;
  {
    const auto guard = co_await changing_->acquire();
    const auto disk = co_await find(name);
    if (!disk) co_return fail(disk.error());
    id = disk->info.id;
    if (const auto job = context_.jobs->job_on(id)) {
      co_return fail(ErrorKind::busy, "disk {} is busy: job {} ({}) by {}", id, job->id,
                     job->about.verb, job->about.owner);
    }
    if (!pending_.contains(id)) {
      pending_[id] = {disk->path, disk->info.node, vm_.peer(),
                      std::make_shared<Signal>(vm_.executor())};
    }
    settled = pending_[id].settled;
    json arguments;
    arguments["id"] = disk->path;
    const auto sent = co_await vm_.execute("device_del", arguments);
    // "already in the process of unplug" is what it is when asked a second time.
    if (!sent && sent.error().kind() != ErrorKind::busy && pending_.contains(id)) {
      if (sent.error().kind() != ErrorKind::closed) pending_.erase(id);
      co_return fail(detach_error(id, sent.error()));
    }
  }
  const bool done = co_await settled->wait(wait);
  if (!done) co_return DetachState::pending;
  const auto left = co_await find(id);
  if (left) {
    co_return fail(ErrorKind::busy, "disk {} is still there: the guest refused to let go of it",
                   id);
  }
  co_return DetachState::detached;
}

}  // namespace cassia::storage
