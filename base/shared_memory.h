// SPDX-License-Identifier: Apache-2.0
#pragma once

// Memory that two processes map: a memfd of ours, or what a peer has sent over a unix socket (a
// memfd of its own or a dma-buf). Sources: memfd_create(2), fcntl(2) (seals), linux/dma-buf.h.

#include <memory>

#include "base/bytes.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace cassia {

/// Any thread; what the bytes hold is for the two processes to agree on.
class SharedMemory {
 public:
  /// `size` zeroes. Nobody can change the size any more, and no other process can write.
  static Result<std::shared_ptr<SharedMemory>> create(std::size_t size, const char* name);

  /// The first `size` bytes of what a peer has sent, for reading. Refused if the peer could make it
  /// shorter while we read, which would kill the process: it has to be sealed, or a dma-buf.
  static Result<std::shared_ptr<const SharedMemory>> map(
      std::shared_ptr<const FileDescriptor> descriptor, std::size_t size);

  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  const std::uint8_t* data() const { return bytes_.data(); }
  std::uint8_t* data() { return bytes_.data(); }  ///< only of create()
  std::size_t size() const { return bytes_.size(); }
  const std::shared_ptr<const FileDescriptor>& descriptor() const { return descriptor_; }

  /// While it lives, the processor sees what a device has written (DMA_BUF_IOCTL_SYNC); of other
  /// memory it does nothing.
  class ReadAccess {
   public:
    explicit ReadAccess(const SharedMemory& memory);
    ~ReadAccess();
    ReadAccess(const ReadAccess&) = delete;
    ReadAccess& operator=(const ReadAccess&) = delete;

   private:
    const SharedMemory& memory_;
  };

 private:
  SharedMemory(std::shared_ptr<const FileDescriptor> descriptor, MutableByteView bytes, bool device)
      : descriptor_(std::move(descriptor)), bytes_(bytes), device_(device) {}

  std::shared_ptr<const FileDescriptor> descriptor_;
  MutableByteView bytes_;
  bool device_;
};

}  // namespace cassia
