// SPDX-License-Identifier: Apache-2.0
#pragma once

// Text inside agent messages: line ends of clipboard text, and the key file that describes a file
// (group "vdagent-file-xfer", keys "name" and "size"; format: GLib's key files).

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::spice {

/// Each line end becomes "\r\n"; those that are already stay.
Bytes to_crlf(ByteView text);
/// Each "\r\n" becomes "\n"; a lone "\r" stays.
Bytes to_lf(ByteView text);

struct FileMetadata {
  std::string name;  ///< as the sender gave it: not to be used as a path (see safe_file_name())
  std::uint64_t size = 0;
};

/// The text of FileStart::metadata, without a terminating zero.
std::string write_file_metadata(const FileMetadata& file);
/// Errors: no name, or no size.
Result<FileMetadata> read_file_metadata(std::string_view text);

/// The last part of `name`, fit to be a file's name in a folder; empty if there is none: "", ".",
/// "..", or with control characters.
std::string safe_file_name(std::string_view name);

}  // namespace cassia::spice
