// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a running VM takes another disk.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/task.h"
#include "storage/live/vm_connection.h"

namespace cassia::storage {

/// One way to plug a disk: a driver and the bus it goes on.
struct Slot {
  std::string driver;  ///< virtio-blk-pci, scsi-hd
  std::string bus;     ///< name of QEMU's bus
};

/// The ways there are, best first, for `wanted` virtio, scsi or auto. If there is none, an
/// ErrorKind::unsupported that says what the VM lacks.
net::Task<Result<std::vector<Slot>>> find_slots(VmConnection& vm, std::string wanted);

}  // namespace cassia::storage
