// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to net/: file descriptors over a unix socket, as unix(7) has it (SCM_RIGHTS). Neither
// call waits; both return what the system call returned, -1 with errno included.

#include <sys/types.h>

#include <vector>

#include "base/bytes.h"
#include "base/file_descriptor.h"

namespace cassia::net {

/// What a peer can make us hold by one message; the system closes what is more.
inline constexpr std::size_t max_descriptors = 4;

ssize_t receive_with_descriptors(int socket, MutableByteView buffer,
                                 std::vector<FileDescriptor>& descriptors);
ssize_t send_with_descriptor(int socket, ByteView bytes, int descriptor);

}  // namespace cassia::net
