// SPDX-License-Identifier: Apache-2.0
#include "storage/block/temporary_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace cassia::storage {
namespace {

namespace fs = std::filesystem;

std::string hidden_pattern(const fs::path& target) {
  return (target.parent_path() / ("." + target.filename().string() + ".cassia-XXXXXX")).string();
}

Result<void> sync_folder(const fs::path& folder) {
  FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno(errno, folder.string());
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return fail_errno(errno, folder.string());
  return {};
}

}  // namespace

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : target_(std::move(other.target_)),
      hidden_name_(std::exchange(other.hidden_name_, {})),
      fd_(std::exchange(other.fd_, -1)),
      device_(std::move(other.device_)),
      replaced_(std::move(other.replaced_)) {}

TemporaryFile::~TemporaryFile() {
  if (!hidden_name_.empty()) ::unlink(hidden_name_.c_str());
}

Result<TemporaryFile> TemporaryFile::create(const fs::path& target) {
  TemporaryFile made;
  std::error_code ec;
  made.target_ = fs::weakly_canonical(fs::absolute(target, ec), ec);
  if (ec || made.target_.empty()) return fail_errno(ec ? ec.value() : EINVAL, target.string());
  mode_t mode = 0644;
  struct stat status {};
  if (fs::exists(made.target_, ec)) {
    made.replaced_ =
        CASSIA_TRY(FileDevice::open(made.target_, {.writable = true, .lock = LockMode::write}));
    if (made.replaced_->is_block_device()) {
      return fail(ErrorKind::invalid_argument, "{}: is a block device; it cannot be replaced",
                  target.string());
    }
    if (::stat(made.target_.c_str(), &status) != 0) return fail_errno(errno, target.string());
    mode = status.st_mode & 0777;
  }
  const fs::path folder = made.target_.parent_path();
  FileDescriptor fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
  if (!fd && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    std::string name = hidden_pattern(made.target_);
    fd = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (fd) {
      made.hidden_name_ = name;
      (void)::fchmod(fd.get(), mode);
    }
  }
  if (!fd) return fail_errno(errno, target.string());
  made.fd_ = fd.get();
  if (made.replaces()) {
    // As if the old file had been overwritten, as far as we may: the VM's user is to open it still.
    (void)!::fchown(fd.get(), status.st_uid, status.st_gid);
    (void)::fchmod(fd.get(), mode);
  }
  made.device_ = CASSIA_TRY(FileDevice::adopt(std::move(fd), target.string(), true));
  CASSIA_TRY(made.device_->lock(LockMode::write));
  return made;
}

Result<std::uint64_t> TemporaryFile::free_space() const {
  struct statvfs status {};
  if (::fstatvfs(fd_, &status) != 0) return fail_errno(errno, target_.string());
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

/// A file without a name cannot be renamed over another: it first gets a hidden one.
Result<void> TemporaryFile::link_unnamed() {
  const std::string self = fmt::format("/proc/self/fd/{}", fd_);
  for (unsigned attempt = 0;; ++attempt) {
    const fs::path name =
        target_.parent_path() /
        fmt::format(".{}.cassia-{}-{}", target_.filename().string(), ::getpid(), attempt);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      hidden_name_ = name;
      return {};
    }
    if (errno != EEXIST || attempt == 100) return fail_errno(errno, target_.string());
  }
}

Result<void> TemporaryFile::take_name() {
  const char* hidden = hidden_name_.c_str();
  if (replaces()) {
    if (::rename(hidden, target_.c_str()) == 0) return {};
    return fail_errno(errno, target_.string());
  }
  if (::renameat2(AT_FDCWD, hidden, AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) return {};
  // A file system without RENAME_NOREPLACE still has link(2), which never replaces either.
  if ((errno == EINVAL || errno == ENOSYS) && ::link(hidden, target_.c_str()) == 0) {
    ::unlink(hidden);
    return {};
  }
  if (errno != EEXIST) return fail_errno(errno, target_.string());
  return fail(ErrorKind::exists, "{}: was made by somebody else meanwhile", target_.string());
}

Result<void> TemporaryFile::commit() {
  if (::fsync(fd_) != 0) return fail_errno(errno, target_.string());
  if (hidden_name_.empty()) CASSIA_TRY(link_unnamed());
  CASSIA_TRY(take_name());
  hidden_name_.clear();
  return sync_folder(target_.parent_path());
}

}  // namespace cassia::storage
