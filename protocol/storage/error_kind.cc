// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/error_kind.h"

#include <algorithm>
#include <array>

namespace cassia::storage {

ErrorKind error_kind_named(std::string_view name) {
  using enum ErrorKind;
  constexpr std::array kinds{invalid_argument, malformed, unsupported, not_found, exists, busy,
                             permission,       auth,      io,          no_space,  closed, timeout,
                             canceled,         internal};
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](ErrorKind kind) { return to_string(kind) == name; });
  return found == kinds.end() ? io : *found;
}

}  // namespace cassia::storage
