// SPDX-License-Identifier: Apache-2.0
#pragma once

// Lists of files as programs of a desktop put them into its clipboards: text/uri-list (RFC 2483) and
// x-special/gnome-copied-files ("copy" or "cut", then a URI a line; MATE's is the same). URIs: RFC
// 8089; only files of this machine count.

#include <string>
#include <string_view>

#include "protocol/spice/file_list.h"

namespace cassia::client {

/// Entries that are no files of this machine are left out. Errors: malformed or not_found if none
/// is left.
Result<spice::FileList> read_uri_list(std::string_view text);
Result<spice::FileList> read_copied_files(std::string_view text);

std::string write_uri_list(const spice::FileList& list);
std::string write_copied_files(const spice::FileList& list);

/// "/a b" for "file:///a%20b"; empty for anything that is not a plain path on this machine.
std::string path_of_uri(std::string_view uri);
std::string uri_of_path(std::string_view path);

}  // namespace cassia::client
