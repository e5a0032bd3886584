// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/format/open.h"

namespace cassia::storage {

struct ConvertSpec {
  std::string source;
  std::string source_format;  ///< empty: probe
  bool force_share = false;   ///< read a source that is in use
  std::string snapshot;       ///< id or name of an internal snapshot to read; empty: the disk
  std::string target;
  std::string target_format = "raw";
  std::string backing_file;  ///< of the target, as it will stand in its header
  std::string backing_format;
  OptionMap options;  ///< of the target's format
  bool compress = false;
  std::uint64_t sparse_size = 4096;  ///< see CopyOptions
  bool into_existing = false;        ///< write into a target that exists (-n)
  bool only_new = false;             ///< refuse a target that exists
};

/// The whole check of a request that needs no file to be opened.
Result<void> check_convert(const ImageEnvironment& environment, const ConvertSpec& spec);

/// Copies an image into a new one, which appears under its name only when it is complete and synced
/// (unless the target is a block device or into_existing). Progress counts guest bytes; canceling
/// leaves nothing behind.
Result<void> convert_image(const ImageEnvironment& environment, const ConvertSpec& spec,
                           Progress& progress);

}  // namespace cassia::storage
