// SPDX-License-Identifier: Apache-2.0
#pragma once

// The way to a private D-Bus connection with a QEMU that runs with -display dbus,p2p=on: through
// its monitor (QMP getfd, add_client). The monitor is left as soon as that is done.

#include <functional>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "net/stream.h"

namespace cassia::server::dbus {

/// Our end of the connection. QEMU serves one client a monitor socket: `limit` is how long another
/// one may hold it. Errors: io, not_found, permission of the socket; busy; unsupported if that QEMU
/// has no such display. `qmp` is a unix socket; `clock` must outlive the task, and so must
/// `interrupt`: while it is set, calling it ends the task soon.
net::Task<Result<FileDescriptor>> open_display(net::Address qmp, const Clock& clock, Duration limit,
                                               std::function<void()>& interrupt);

}  // namespace cassia::server::dbus
