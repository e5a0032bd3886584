// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/listener.h"

#include <sys/socket.h>

namespace cassia::server::dbus {

Result<std::pair<FileDescriptor, FileDescriptor>> socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    return fail_errno(errno, "socketpair");
  }
  return std::pair(FileDescriptor(ends[0]), FileDescriptor(ends[1]));
}

Result<std::shared_ptr<Bus>> open_listener(net::Executor executor, Bus& bus,
                                           const Method& registration,
                                           std::function<void(const Error&)> refused) {
  auto [ours, theirs] = CASSIA_TRY(socket_pair());
  auto listener = CASSIA_TRY(Bus::create(std::move(executor), std::move(ours)));
  // The message holds a duplicate of the descriptor.
  const int fd = theirs.get();
  bus.call(
      registration, [fd](sd_bus_message* m) { return sd_bus_message_append(m, "h", fd); },
      [weak = std::weak_ptr(listener),
       refused = std::move(refused)](const Result<sd_bus_message*>& reply) {
        if (reply) return;
        const auto still = weak.lock();
        if (!still || !still->open()) return;
        still->close();
        refused(reply.error());
      });
  return listener;
}

}  // namespace cassia::server::dbus
