// SPDX-License-Identifier: Apache-2.0
#include "storage/block/file_device.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

namespace cassia::storage {
namespace {

constexpr std::uint64_t kMaxOffset = std::numeric_limits<off_t>::max();

Result<void> refuse_other_kinds(mode_t mode, const std::string& name) {
  if (S_ISREG(mode) || S_ISBLK(mode)) return {};
  const char* kind = S_ISDIR(mode)    ? "a directory"
                     : S_ISFIFO(mode) ? "a pipe"
                     : S_ISSOCK(mode) ? "a socket"
                     : S_ISCHR(mode)  ? "a character device"
                                      : "something";
  return fail(ErrorKind::invalid_argument, "{}: is {}, not a disk image or block device", name,
              kind);
}

bool means_unsupported(int err) {
  return err == EOPNOTSUPP || err == ENOTSUP || err == ENOSYS || err == EINVAL || err == ENODEV ||
         err == ENOTTY;
}

}  // namespace

FileDevice::FileDevice(FileDescriptor fd, std::string name, bool writable)
    : fd_(std::move(fd)), name_(std::move(name)), writable_(writable) {}

Result<std::shared_ptr<FileDevice>> FileDevice::open(const std::filesystem::path& path,
                                                     Options options) {
  const std::string name = path.string();
  struct stat status {};
  // Looked at before it is opened: opening a FIFO or a device can wait or have side effects.
  if (::stat(path.c_str(), &status) != 0) return fail_errno(errno, name);
  CASSIA_TRY(refuse_other_kinds(status.st_mode, name));
  const int flags = (options.writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  FileDescriptor fd(::open(path.c_str(), flags));
  if (!fd) return fail_errno(errno, name);
  auto device = CASSIA_TRY(adopt(std::move(fd), name, options.writable));
  CASSIA_TRY(device->lock(options.lock));
  return device;
}

Result<std::shared_ptr<FileDevice>> FileDevice::adopt(FileDescriptor fd, std::string name,
                                                      bool writable) {
  std::shared_ptr<FileDevice> device(new FileDevice(std::move(fd), std::move(name), writable));
  CASSIA_TRY(device->inspect());
  return device;
}

Result<void> FileDevice::inspect() {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return fail_errno(errno, name_);
  CASSIA_TRY(refuse_other_kinds(status.st_mode, name_));
  is_block_device_ = S_ISBLK(status.st_mode);
  identity_ = {status.st_dev, status.st_ino};
  std::uint64_t bytes = static_cast<std::uint64_t>(status.st_size);
  if (is_block_device_ && ::ioctl(fd_.get(), BLKGETSIZE64, &bytes) != 0) {
    return fail_errno(errno, name_);
  }
  size_.store(bytes);
  return {};
}

Result<void> FileDevice::read(std::uint64_t offset, MutableByteView into) {
  CASSIA_TRY(check_range(offset, into.size()));
  while (!into.empty()) {
    const ssize_t got = ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, name_ + ": read");
    if (got == 0) return fail(ErrorKind::io, "{}: became shorter while it was read", name_);
    into = into.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<void> FileDevice::check_writable(std::uint64_t offset, std::uint64_t length) const {
  if (!writable_) return fail(ErrorKind::permission, "{}: opened read-only", name_);
  if (offset > kMaxOffset || length > kMaxOffset - offset) {
    return fail(ErrorKind::invalid_argument, "{}: offset {} is too large for a file", name_,
                offset);
  }
  return growable() ? Result<void>{} : check_range(offset, length);
}

void FileDevice::grown_to(std::uint64_t end) {
  std::uint64_t known = size_.load();
  while (end > known && !size_.compare_exchange_weak(known, end)) {
  }
}

Result<void> FileDevice::write(std::uint64_t offset, ByteView from) {
  CASSIA_TRY(check_writable(offset, from.size()));
  while (!from.empty()) {
    const ssize_t put = ::pwrite(fd_.get(), from.data(), from.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno(errno, name_ + ": write");
    from = from.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
    grown_to(offset);
  }
  return {};
}

Result<void> FileDevice::write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) {
  CASSIA_TRY(check_writable(offset, length));
  if (length == 0) return {};
  const bool past_end = offset + length > size();
  if (past_end) CASSIA_TRY(resize(offset + length));
  if (mode == ZeroMode::unmap && can_punch_.load()) {
    if (::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(offset), static_cast<off_t>(length)) == 0) {
      return {};
    }
    if (!means_unsupported(errno)) return fail_errno(errno, name_ + ": punch hole");
    can_punch_.store(false);
  }
  if (can_zero_.load()) {
    if (::fallocate(fd_.get(), FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(offset), static_cast<off_t>(length)) == 0) {
      return {};
    }
    if (!means_unsupported(errno)) return fail_errno(errno, name_ + ": zero range");
    can_zero_.store(false);
  }
  return write_zero_bytes(offset, length);
}

Result<void> FileDevice::write_zero_bytes(std::uint64_t offset, std::uint64_t length) {
  static constexpr std::array<std::uint8_t, 64 * 1024> zeroes{};
  while (length > 0) {
    const std::size_t step = std::min<std::uint64_t>(length, zeroes.size());
    CASSIA_TRY(write(offset, ByteView(zeroes).first(step)));
    offset += step;
    length -= step;
  }
  return {};
}

Result<void> FileDevice::discard(std::uint64_t offset, std::uint64_t length) {
  CASSIA_TRY(check_writable(offset, length));
  const std::uint64_t end = std::min(size(), offset + length);
  if (end <= offset || !can_punch_.load()) return {};
  if (::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                  static_cast<off_t>(end - offset)) == 0) {
    return {};
  }
  if (!means_unsupported(errno)) return fail_errno(errno, name_ + ": discard");
  can_punch_.store(false);
  return {};
}

Result<void> FileDevice::flush() {
  if (!writable_) return {};
  while (::fdatasync(fd_.get()) != 0) {
    if (errno != EINTR) return fail_errno(errno, name_ + ": flush");
  }
  return {};
}

Result<Extent> FileDevice::extent(std::uint64_t offset, std::uint64_t max_length) {
  Extent found = CASSIA_TRY(BlockDevice::extent(offset, max_length));
  if (is_block_device_) return found;
  const off_t start = static_cast<off_t>(offset);
  off_t next = ::lseek(fd_.get(), start, SEEK_DATA);
  if (next < 0 && errno != ENXIO) return found;  // no SEEK_DATA here: all of it counts as data
  if (next != start) {
    found.zero = true;
    found.data = false;
    if (next > start) {
      found.length = std::min(found.length, static_cast<std::uint64_t>(next - start));
    }
    return found;
  }
  next = ::lseek(fd_.get(), start, SEEK_HOLE);
  if (next > start) found.length = std::min(found.length, static_cast<std::uint64_t>(next - start));
  return found;
}

Result<void> FileDevice::resize(std::uint64_t new_size) {
  if (is_block_device_) return BlockDevice::resize(new_size);
  CASSIA_TRY(check_writable(0, new_size));
  if (::ftruncate(fd_.get(), static_cast<off_t>(new_size)) != 0) {
    return fail_errno(errno, name_ + ": resize");
  }
  size_.store(new_size);
  return {};
}

Result<void> FileDevice::lock(LockMode mode) {
  CASSIA_TRY(lock_file(fd_.get(), mode, name_));
  // Until now another process may have changed the size.
  return inspect();
}

Result<void> FileDevice::allocate(std::uint64_t length) {
  CASSIA_TRY(check_writable(0, length));
  if (length == 0 || is_block_device_) return {};
  const int err = ::posix_fallocate(fd_.get(), 0, static_cast<off_t>(length));
  if (err != 0) return fail_errno(err, name_ + ": allocate");
  grown_to(length);
  return {};
}

Result<std::uint64_t> FileDevice::allocated_bytes() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return fail_errno(errno, name_);
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

}  // namespace cassia::storage
