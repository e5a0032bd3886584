// SPDX-License-Identifier: Apache-2.0
#include "net/descriptor_passing.h"

#include <sys/socket.h>

#include <array>
#include <cstring>

namespace cassia::net {
namespace {

template <std::size_t count>
struct alignas(cmsghdr) Control {
  std::array<char, CMSG_SPACE(count * sizeof(int))> bytes{};
};

/// Takes over every descriptor of one control message.
void take(const cmsghdr& control, std::vector<FileDescriptor>& out) {
  const std::size_t count = (control.cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(&control) + i * sizeof(int), sizeof descriptor);
    out.emplace_back(descriptor);
  }
}

}  // namespace

ssize_t receive_with_descriptors(int socket, MutableByteView buffer,
                                 std::vector<FileDescriptor>& descriptors) {
  iovec into{buffer.data(), buffer.size()};
  Control<max_descriptors> control;
  msghdr message{};
  message.msg_iov = &into;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t got = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return got;
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_RIGHTS) take(*at, descriptors);
  }
  return got;
}

ssize_t send_with_descriptor(int socket, ByteView bytes, int descriptor) {
  iovec from{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  Control<1> control;
  msghdr message{};
  message.msg_iov = &from;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace cassia::net
