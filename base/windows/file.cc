// SPDX-License-Identifier: Apache-2.0
// Whole files on Windows. Only reading: nothing that is built there writes a file yet.

#include "base/file.h"

#include <unistd.h>

#include <fstream>

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
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file.tellg();
  if (!file || size < 0) return fail(ErrorKind::io, "{}: cannot be opened", path.string());
  if (static_cast<std::uint64_t>(size) > cap) {
    return fail(ErrorKind::invalid_argument, "{}: larger than {} bytes", path.string(), cap);
  }
  Bytes bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), size);
  if (!file) return fail(ErrorKind::io, "{}: cannot be read", path.string());
  return bytes;
}

}  // namespace cassia
