// SPDX-License-Identifier: Apache-2.0
#pragma once

// Clipboard contents of the type VD_AGENT_CLIPBOARD_FILE_LIST (spice/vd_agent.h): UTF-8 strings,
// each with its terminating zero: "copy" or "cut", then absolute paths. On the wire they are paths
// in the folder that the viewer serves on its webdav channel.

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::spice {

struct FileList {
  bool cut = false;  ///< to be moved to where they are pasted; else copied
  std::vector<std::string> paths;
  bool operator==(const FileList&) const = default;
};

/// More than anybody selects; no list is longer.
inline constexpr std::size_t most_listed_files = 10000;

Bytes write_file_list(const FileList& list);
/// Errors: malformed: another first word, no path, too many, or one that is not absolute and plain
/// (see is_plain_path()). The last zero may be missing.
Result<FileList> read_file_list(ByteView data);

/// Absolute, without "." and ".." and empty parts, without control characters; at most 4095 bytes.
bool is_plain_path(std::string_view path);

}  // namespace cassia::spice
