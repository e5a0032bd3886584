// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace cassia {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t cap) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno(errno, path.string());
  Bytes bytes;
  std::size_t used = 0;
  for (;;) {
    bytes.resize(used + 65536);
    const ssize_t n = ::read(file.get(), bytes.data() + used, bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, path.string());
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (used > cap) {
      return fail(ErrorKind::invalid_argument, "{}: larger than {} bytes", path.string(), cap);
    }
  }
  bytes.resize(used);
  return bytes;
}

namespace {
Result<void> write_all(int fd, ByteView bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, name);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0) return fail_errno(errno, name);
  return {};
}
}  // namespace

Result<void> write_file_atomically(const std::filesystem::path& path, ByteView bytes,
                                   unsigned mode) {
  const std::string temporary = fmt::format("{}.tmp-{}", path.string(), ::getpid());
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!file) return fail_errno(errno, path.string());
  auto written = write_all(file.get(), bytes, path.string());
  file.reset();
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
    written = fail_errno(errno, path.string());
  }
  if (!written) ::unlink(temporary.c_str());
  return written;
}

}  // namespace cassia
