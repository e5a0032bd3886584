// SPDX-License-Identifier: Apache-2.0
// Windows has neither memfds nor dma-bufs, and its sockets carry no descriptors: a server that
// offers its picture in shared memory is refused, in words.

#include "base/shared_memory.h"

namespace cassia {

Result<std::shared_ptr<SharedMemory>> SharedMemory::create(std::size_t, const char*) {
  return fail(ErrorKind::unsupported, "memory shared with a peer is not there on Windows");
}

Result<std::shared_ptr<const SharedMemory>> SharedMemory::map(std::shared_ptr<const FileDescriptor>,
                                                              std::size_t) {
  return fail(ErrorKind::unsupported, "memory shared with a peer is not there on Windows");
}

SharedMemory::~SharedMemory() = default;
SharedMemory::ReadAccess::ReadAccess(const SharedMemory& memory) : memory_(memory) {}
SharedMemory::ReadAccess::~ReadAccess() = default;

}  // namespace cassia
