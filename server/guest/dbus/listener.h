// SPDX-License-Identifier: Apache-2.0
#pragma once

// A listener's own connection: QEMU calls it over a socket that it is handed for that.

#include "server/guest/dbus/bus.h"

namespace cassia::server::dbus {

/// Hands one end of a socket pair over with `registration` (a method with one argument, a
/// descriptor), and gives the connection over the other: add objects before the loop runs again.
/// If QEMU refuses the registration, the connection closes and `refused` is called.
Result<std::shared_ptr<Bus>> open_listener(net::Executor executor, Bus& bus,
                                           const Method& registration,
                                           std::function<void(const Error&)> refused);

/// A connected pair of unix sockets that do not block.
Result<std::pair<FileDescriptor, FileDescriptor>> socket_pair();

}  // namespace cassia::server::dbus
