// SPDX-License-Identifier: Apache-2.0
#include "storage/live/qemu_slots.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "storage/live/qemu_block.h"

namespace cassia::storage {
namespace {

using nlohmann::json;

constexpr std::string_view peripheral = "/machine/peripheral";

bool is_root_port(std::string_view type) {
  return type == "child<pcie-root-port>" || type == "child<ioh3420>" ||
         type == "child<xio3130-downstream>";
}

bool is_scsi_controller(std::string_view type) { return type.starts_with("child<virtio-scsi-"); }

bool has_child(const std::vector<QomItem>& items) {
  return std::any_of(items.begin(), items.end(),
                     [](const QomItem& item) { return item.name.starts_with("child["); });
}

/// The bus of that type among the children of `path`; empty if there is none.
net::Task<std::string> bus_below(VmConnection& vm, std::string path, std::string type) {
  const auto items = co_await qom_list(vm, std::move(path));
  if (!items) co_return std::string();
  const auto bus = std::find_if(items->begin(), items->end(),
                                [&](const QomItem& item) { return item.type == type; });
  co_return bus == items->end() ? std::string() : bus->name;
}

/// What a search found, and what it passed over.
struct Ports {
  std::vector<Slot> free;
  unsigned taken = 0;
};

// A port without an id has a bus whose name another bus may have too; QEMU could not tell them
// apart, so only named ports count.
net::Task<Result<Ports>> free_root_ports(VmConnection& vm) {
  Ports ports;
  const auto devices = co_await qom_list(vm, std::string(peripheral));
  if (!devices) co_return fail(devices.error());
  for (const QomItem& device : *devices) {
    if (!is_root_port(device.type)) continue;
    const std::string path = fmt::format("{}/{}", peripheral, device.name);
    const auto hotplug = co_await qom_get(vm, path, "hotplug");
    if (hotplug && hotplug->is_boolean() && !hotplug->get<bool>()) continue;
    const std::string bus = co_await bus_below(vm, path, "child<PCIE>");
    if (bus.empty()) continue;
    const auto plugged = co_await qom_list(vm, fmt::format("{}/{}", path, bus));
    if (!plugged) continue;
    if (has_child(*plugged)) {
      ++ports.taken;
    } else {
      ports.free.push_back({"virtio-blk-pci", bus});
    }
  }
  co_return ports;
}

net::Task<Result<std::vector<Slot>>> scsi_buses(VmConnection& vm) {
  std::vector<Slot> slots;
  const std::array<std::string, 2> folders{std::string(peripheral),
                                           std::string(peripheral) + "-anon"};
  for (const std::string& folder : folders) {
    const auto devices = co_await qom_list(vm, folder);
    if (!devices) co_return fail(devices.error());
    for (const QomItem& device : *devices) {
      if (!is_scsi_controller(device.type)) continue;
      const std::string path = fmt::format("{}/{}/virtio-backend", folder, device.name);
      const std::string bus = co_await bus_below(vm, path, "child<SCSI>");
      const bool known = std::any_of(slots.begin(), slots.end(),
                                     [&](const Slot& slot) { return slot.bus == bus; });
      if (!bus.empty() && !known) slots.push_back({"scsi-hd", bus});
    }
  }
  co_return slots;
}

}  // namespace

net::Task<Result<std::vector<Slot>>> find_slots(VmConnection& vm, std::string wanted) {
  const auto type = co_await qom_get(vm, "/machine", "type");
  if (!type) co_return fail(type.error());
  std::string machine = type->is_string() ? type->get<std::string>() : std::string();
  if (machine.ends_with("-machine")) machine.resize(machine.size() - 8);
  std::vector<Slot> slots;
  std::string lacks;
  if (wanted != "scsi") {
    if (machine.starts_with("pc-i440fx")) {
      slots.push_back({"virtio-blk-pci", "pci.0"});
    } else {
      const auto ports = co_await free_root_ports(vm);
      if (!ports) co_return fail(ports.error());
      slots = ports->free;
      lacks = ports->taken == 0
                  ? "a hot-plug PCIe root port (start it with -device "
                    "pcie-root-port,id=port1,chassis=1)"
                  : fmt::format("a free hot-plug PCIe root port (all {} are taken)", ports->taken);
    }
  }
  if (wanted != "virtio") {
    const auto buses = co_await scsi_buses(vm);
    if (!buses) co_return fail(buses.error());
    slots.insert(slots.end(), buses->begin(), buses->end());
    lacks += lacks.empty() ? "" : " and ";
    lacks += "a virtio-scsi controller (start it with -device virtio-scsi-pci)";
  }
  if (slots.empty()) {
    co_return fail(ErrorKind::unsupported,
                   "this VM ({}) has no place for another disk: it lacks {}", machine, lacks);
  }
  co_return slots;
}

}  // namespace cassia::storage
