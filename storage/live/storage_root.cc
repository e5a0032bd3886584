// SPDX-License-Identifier: Apache-2.0
#include "storage/live/storage_root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cassia::storage {
namespace fs = std::filesystem;

namespace {

Result<fs::path> path_of(const FileDescriptor& fd, std::string_view name) {
  std::error_code error;
  fs::path path = fs::read_symlink(fmt::format("/proc/self/fd/{}", fd.get()), error);
  if (error) return fail_errno(error.value(), name);
  return path;
}

tl::unexpected<Error> refuse(int err, std::string_view name) {
  if (err == EXDEV) {
    return fail(ErrorKind::permission, "{}: leads out of the storage root", name);
  }
  return fail_errno(err, name);
}

Result<void> sync_path(const fs::path& path, int flags) {
  const FileDescriptor fd(::open(path.c_str(), flags | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return fail_errno(errno, path.filename().string());
  return {};
}

}  // namespace

Result<StorageRoot> StorageRoot::open(const fs::path& folder) {
  FileDescriptor fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail(errno_error(errno, folder.string()).in("storage root"));
  fs::path path = CASSIA_TRY(path_of(fd, folder.string()));
  return StorageRoot(std::move(path), std::move(fd));
}

Result<FileDescriptor> StorageRoot::open_beneath(const fs::path& relative, int flags) const {
  if (relative.is_absolute()) {
    return fail(ErrorKind::permission, "{}: paths are relative to the storage root",
                relative.string());
  }
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const std::string name = relative.empty() ? "." : relative.string();
  long fd = -1;
  do {
    fd = ::syscall(SYS_openat2, fd_.get(), name.c_str(), &how, sizeof how);
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  if (fd < 0) return refuse(errno, name);
  return FileDescriptor(static_cast<int>(fd));
}

Result<fs::path> StorageRoot::existing(std::string_view relative) const {
  const FileDescriptor fd = CASSIA_TRY(open_beneath(relative, O_PATH));
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return fail_errno(errno, relative);
  if (!S_ISREG(facts.st_mode)) {
    return fail(ErrorKind::invalid_argument, "{}: not a regular file", relative);
  }
  return path_of(fd, relative);
}

Result<fs::path> StorageRoot::fresh(std::string_view relative) const {
  const fs::path wanted(relative);
  const std::string name = wanted.filename().string();
  if (name.empty() || name.front() == '.') {
    return fail(ErrorKind::invalid_argument, "{}: not a name for a new image", relative);
  }
  if (name.size() > 200) {
    return fail(ErrorKind::invalid_argument, "{}: the name is longer than 200 bytes", relative);
  }
  const FileDescriptor folder =
      CASSIA_TRY(open_beneath(wanted.parent_path(), O_PATH | O_DIRECTORY));
  struct stat facts {};
  if (::fstatat(folder.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
    return fail(ErrorKind::exists, "{}: exists already", relative);
  }
  if (errno != ENOENT) return fail_errno(errno, relative);
  const fs::path parent = CASSIA_TRY(path_of(folder, relative));
  return parent / name;
}

std::string StorageRoot::relative(const fs::path& absolute) const {
  const fs::path inside = absolute.lexically_normal().lexically_relative(path_);
  if (!absolute.is_absolute() || inside.empty() || *inside.begin() == ".." || inside == ".")
    return {};
  return inside.string();
}

Result<std::vector<std::string>> StorageRoot::files(std::string_view folder,
                                                    std::size_t max) const {
  const FileDescriptor start = CASSIA_TRY(open_beneath(folder, O_PATH | O_DIRECTORY));
  const fs::path top = CASSIA_TRY(path_of(start, folder));
  std::vector<std::string> names;
  std::error_code error;
  // Symbolic links to folders are not followed: each file is listed once.
  fs::recursive_directory_iterator at(top, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator() && names.size() < max;
       at.increment(error)) {
    if (at->path().filename().string().front() == '.') {
      at.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    if (at->symlink_status(ignored).type() == fs::file_type::regular) {
      names.push_back(relative(at->path()));
    }
  }
  if (error)
    return fail_errno(error.value(), folder.empty() ? path_.string() : std::string(folder));
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> publish(const fs::path& temporary, const fs::path& target) {
  CASSIA_TRY(sync_path(temporary, O_RDONLY));
  const std::string name = target.filename().string();
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return fail(ErrorKind::exists, "{}: exists already", name);
    // A file system without RENAME_NOREPLACE still has link(2), which never replaces either.
    if (errno != EINVAL && errno != ENOSYS) return fail_errno(errno, name);
    if (::link(temporary.c_str(), target.c_str()) != 0) return fail_errno(errno, name);
    ::unlink(temporary.c_str());
  }
  return sync_path(target.parent_path(), O_RDONLY | O_DIRECTORY);
}

}  // namespace cassia::storage
