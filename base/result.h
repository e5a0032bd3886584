// SPDX-License-Identifier: Apache-2.0
#pragma once

// Result<T>: a value or an Error. An Error has a kind, for programs, and one sentence, for people;
// it becomes an exit status or a wire code once, at the edge (see exit_code()).

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace cassia {

enum class ErrorKind {
  invalid_argument,  ///< the caller or the user asked for something that makes no sense
  malformed,         ///< bytes from a peer or an image break the rules of their format
  unsupported,       ///< well formed, but not something we (or the peer) can do
  not_found,         ///< the named thing does not exist
  exists,            ///< the named thing is there already
  busy,              ///< in use by somebody else (locks, jobs, single-client sockets)
  permission,        ///< the operating system or a policy says no
  auth,              ///< wrong password, wrong certificate
  io,                ///< the operating system failed to read, write or connect
  no_space,          ///< disk full
  closed,            ///< the other side went away
  timeout,           ///< it did not happen in time
  canceled,          ///< somebody asked us to stop
  internal,          ///< a bug of ours
};

class [[nodiscard]] Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  ErrorKind kind() const { return kind_; }
  /// One line without a full stop; names the thing and, where it can, what to do.
  const std::string& message() const { return message_; }

  /// The same error seen from one level up: "while doing X: message".
  Error in(std::string_view context) const { return {kind_, fmt::format("{}: {}", context, message_)}; }

 private:
  ErrorKind kind_;
  std::string message_;
};

template <class T = void>
using Result = tl::expected<T, Error>;

/// return fail(ErrorKind::malformed, "surface {} does not exist", id);
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format,
                                         Args&&... args) {
  return tl::unexpected<Error>(Error(kind, fmt::format(format, std::forward<Args>(args)...)));
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

/// An io error (or permission, not_found, no_space by errno): "what: strerror(err)".
[[nodiscard]] tl::unexpected<Error> fail_errno(int err, std::string_view what);
Error errno_error(int err, std::string_view what);

/// sysexits-like status of a program that ends with this error (0 is success, 1 is "any failure").
int exit_code(const Error& error);

/// The name of a kind as it stands in JSON and logs, e.g. "not_found".
std::string_view to_string(ErrorKind kind);

}  // namespace cassia

// CASSIA_TRY(expression): the value of a Result, or return its error from this function.
// Not for coroutines: there, write `if (!r) co_return fail(r.error());`.
#define CASSIA_TRY(...)                                                         \
  __extension__({                                                               \
    auto cassia_try_result_ = (__VA_ARGS__);                                    \
    if (!cassia_try_result_) return ::cassia::fail(cassia_try_result_.error()); \
    ::cassia::detail::unwrap(std::move(cassia_try_result_));                    \
  })

namespace cassia::detail {
template <class T>
T unwrap(Result<T>&& r) {
  return std::move(*r);
}
inline void unwrap(Result<void>&&) {}
}  // namespace cassia::detail
