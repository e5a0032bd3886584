// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace cassia {

Error errno_error(int err, std::string_view what) {
  ErrorKind kind = ErrorKind::io;
  switch (err) {
    case ENOENT:
    case ENOTDIR:
      kind = ErrorKind::not_found;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      kind = ErrorKind::permission;
      break;
    case EEXIST:
      kind = ErrorKind::exists;
      break;
    case ENOSPC:
#ifdef EDQUOT  // not in every system's C library: Windows has no such error
    case EDQUOT:
#endif
      kind = ErrorKind::no_space;
      break;
    case EPIPE:
    case ECONNRESET:
      kind = ErrorKind::closed;
      break;
    case ETIMEDOUT:
      kind = ErrorKind::timeout;
      break;
    default:
      break;
  }
  return {kind, fmt::format("{}: {}", what, std::strerror(err))};
}

tl::unexpected<Error> fail_errno(int err, std::string_view what) {
  return tl::unexpected<Error>(errno_error(err, what));
}

int exit_code(const Error& error) { return error.kind() == ErrorKind::invalid_argument ? 2 : 1; }

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return "invalid_argument";
    case ErrorKind::malformed:
      return "malformed";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::exists:
      return "exists";
    case ErrorKind::busy:
      return "busy";
    case ErrorKind::permission:
      return "permission";
    case ErrorKind::auth:
      return "auth";
    case ErrorKind::io:
      return "io";
    case ErrorKind::no_space:
      return "no_space";
    case ErrorKind::closed:
      return "closed";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::canceled:
      return "canceled";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace cassia
