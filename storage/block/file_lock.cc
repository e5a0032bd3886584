// SPDX-License-Identifier: Apache-2.0
#include "storage/block/file_lock.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>

namespace cassia::storage {
namespace {

constexpr off_t kUsedBase = 100;
constexpr off_t kUnsharedBase = 200;
constexpr int kPermissionBits = 4;
constexpr unsigned kConsistentRead = 1u << 0;
constexpr unsigned kWrite = 1u << 1;
constexpr unsigned kResize = 1u << 3;

struct Permissions {
  unsigned used = 0;
  unsigned unshared = 0;
};

Permissions permissions_of(LockMode mode) {
  switch (mode) {
    case LockMode::none:
      return {};
    case LockMode::shared_read:
      return {kConsistentRead, 0};
    case LockMode::stable_read:
      return {kConsistentRead, kWrite | kResize};
    case LockMode::write:
      return {kConsistentRead | kWrite | kResize, kWrite | kResize};
  }
  return {};
}

struct flock byte_lock(short type, off_t byte) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

Result<void> set_byte(int fd, off_t byte, bool locked, const std::string& name) {
  struct flock lock = byte_lock(locked ? F_RDLCK : F_UNLCK, byte);
  if (::fcntl(fd, F_OFD_SETLK, &lock) == 0) return {};
  return fail_errno(errno, name + ": lock");
}

Result<void> set_all(int fd, Permissions permissions, const std::string& name) {
  for (int bit = 0; bit < kPermissionBits; ++bit) {
    const unsigned mask = 1u << bit;
    CASSIA_TRY(set_byte(fd, kUsedBase + bit, (permissions.used & mask) != 0, name));
    CASSIA_TRY(set_byte(fd, kUnsharedBase + bit, (permissions.unshared & mask) != 0, name));
  }
  return {};
}

Result<bool> held_by_other(int fd, off_t byte, const std::string& name) {
  struct flock lock = byte_lock(F_WRLCK, byte);
  if (::fcntl(fd, F_OFD_GETLK, &lock) != 0) return fail_errno(errno, name + ": lock");
  return lock.l_type != F_UNLCK;
}

Result<bool> in_conflict(int fd, Permissions permissions, const std::string& name) {
  for (int bit = 0; bit < kPermissionBits; ++bit) {
    const unsigned mask = 1u << bit;
    if ((permissions.used & mask) != 0 &&
        CASSIA_TRY(held_by_other(fd, kUnsharedBase + bit, name))) {
      return true;
    }
    if ((permissions.unshared & mask) != 0 &&
        CASSIA_TRY(held_by_other(fd, kUsedBase + bit, name))) {
      return true;
    }
  }
  return false;
}

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

bool holds_lock(const std::string& fdinfo) {
  std::ifstream in(fdinfo);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("lock:", 0) == 0 && line.find("OFDLCK") != std::string::npos) return true;
  }
  return false;
}

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

bool process_holds(const std::string& process, const struct stat& file, int own_fd) {
  Directory fds(::opendir((process + "/fd").c_str()), ::closedir);
  if (!fds) return false;
  while (const dirent* entry = ::readdir(fds.get())) {
    struct stat other {};
    const std::string number = entry->d_name;
    if (number.empty() || number[0] == '.') continue;
    if (::stat((process + "/fd/" + number).c_str(), &other) != 0) continue;
    if (other.st_dev != file.st_dev || other.st_ino != file.st_ino) continue;
    if (own_fd >= 0 && std::atoi(number.c_str()) == own_fd) continue;
    if (holds_lock(process + "/fdinfo/" + number)) return true;
  }
  return false;
}

/// "pid 1234, qemu-system-x86", if we may look. The kernel gives no pid for OFD locks (F_OFD_GETLK
/// says -1), but a process's fdinfo lists those of each of its descriptors.
std::optional<std::string> holder_of(int fd) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return std::nullopt;
  Directory proc(::opendir("/proc"), ::closedir);
  if (!proc) return std::nullopt;
  while (const dirent* entry = ::readdir(proc.get())) {
    const int pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    const std::string process = std::string("/proc/") + entry->d_name;
    if (process_holds(process, file, pid == ::getpid() ? fd : -1)) {
      return fmt::format("pid {}, {}", pid, first_line(process + "/comm"));
    }
  }
  return std::nullopt;
}

}  // namespace

Result<void> lock_file(int fd, LockMode mode, const std::string& name) {
  const Permissions wanted = permissions_of(mode);
  // Take first, look afterwards: of two that start at once, at least one sees the other.
  CASSIA_TRY(set_all(fd, wanted, name));
  auto conflict = in_conflict(fd, wanted, name);
  if (conflict && !*conflict) return {};
  const auto holder = conflict ? holder_of(fd) : std::nullopt;
  (void)set_all(fd, {}, name);
  if (!conflict) return fail(conflict.error());
  return fail(ErrorKind::busy, "{}: in use by another process{}; stop it{}", name,
              holder ? " (" + *holder + ")" : "",
              mode == LockMode::write ? " or only read it, with -U" : " or read with -U");
}

}  // namespace cassia::storage
