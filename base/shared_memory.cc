// SPDX-License-Identifier: Apache-2.0
#include "base/shared_memory.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace cassia {
namespace {

Result<MutableByteView> map_bytes(int descriptor, std::size_t size, int protection) {
  void* const at = ::mmap(nullptr, size, protection, MAP_SHARED, descriptor, 0);
  if (at == MAP_FAILED)
    return fail_errno(errno, fmt::format("mapping {} bytes of shared memory", size));
  return MutableByteView(static_cast<std::uint8_t*>(at), size);
}

bool is_dma_buf(int descriptor) {
  struct statfs about {};
  return ::fstatfs(descriptor, &about) == 0 && about.f_type == DMA_BUF_MAGIC;
}

/// A dma-buf has its size by seeking; stat() does not tell it.
std::int64_t size_of(int descriptor) { return ::lseek(descriptor, 0, SEEK_END); }

void sync_device(int descriptor, std::uint64_t flags) {
  dma_buf_sync sync{flags};
  while (::ioctl(descriptor, DMA_BUF_IOCTL_SYNC, &sync) != 0 &&
         (errno == EINTR || errno == EAGAIN)) {
  }
}

}  // namespace

Result<std::shared_ptr<SharedMemory>> SharedMemory::create(std::size_t size, const char* name) {
  auto descriptor =
      std::make_shared<FileDescriptor>(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!*descriptor || ::ftruncate(descriptor->get(), static_cast<off_t>(size)) != 0) {
    return fail_errno(errno, fmt::format("{} bytes of shared memory", size));
  }
  const MutableByteView bytes =
      CASSIA_TRY(map_bytes(descriptor->get(), size, PROT_READ | PROT_WRITE));
  std::shared_ptr<SharedMemory> memory(new SharedMemory(descriptor, bytes, false));
  // Kernels before 5.1 do not know the last of them: there the peer can spoil its own picture.
  if (::fcntl(descriptor->get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE) != 0 && errno != EINVAL) {
    return fail_errno(errno, "sealing shared memory");
  }
  if (::fcntl(descriptor->get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return fail_errno(errno, "sealing shared memory");
  }
  return memory;
}

Result<std::shared_ptr<const SharedMemory>> SharedMemory::map(
    std::shared_ptr<const FileDescriptor> descriptor, std::size_t size) {
  const int fd = descriptor->get();
  const bool device = is_dma_buf(fd);
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (!device && (seals < 0 || (seals & F_SEAL_SHRINK) == 0)) {
    return fail(ErrorKind::permission,
                "the peer's memory can shrink while it is read (no F_SEAL_SHRINK, no dma-buf)");
  }
  if (const std::int64_t has = size_of(fd); has < 0 || static_cast<std::uint64_t>(has) < size) {
    return fail(ErrorKind::malformed, "the peer's memory has {} bytes where {} are needed", has,
                size);
  }
  const MutableByteView bytes = CASSIA_TRY(map_bytes(fd, size, PROT_READ));
  return std::shared_ptr<const SharedMemory>(
      new SharedMemory(std::move(descriptor), bytes, device));
}

SharedMemory::~SharedMemory() { ::munmap(bytes_.data(), bytes_.size()); }

SharedMemory::ReadAccess::ReadAccess(const SharedMemory& memory) : memory_(memory) {
  if (memory_.device_)
    sync_device(memory_.descriptor_->get(), DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
}

SharedMemory::ReadAccess::~ReadAccess() {
  if (memory_.device_)
    sync_device(memory_.descriptor_->get(), DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
}

}  // namespace cassia
