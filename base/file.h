// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whole files, and files that appear under their name only when they are complete.

#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace cassia {

/// The whole file, or an error that names it; a file larger than `cap` bytes is refused.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t cap = 64u << 20);

/// Writes `path.tmp-<pid>`, syncs it and renames it over `path`: readers see the old or the new file.
Result<void> write_file_atomically(const std::filesystem::path& path, ByteView bytes,
                                   unsigned mode = 0644);

}  // namespace cassia
