// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/format/open.h"

namespace cassia::storage {

struct InfoSpec {
  std::string path;
  std::string format;  ///< empty: probe
  bool force_share = false;
  bool backing_chain = false;  ///< the images below as well
};

struct InfoEntry {
  std::string filename;
  std::uint64_t actual_size = 0;  ///< bytes on the host's disk
  ImageInfo image;
  std::string full_backing_filename;  ///< resolved; empty: no backing image
};

/// Facts about an image, and about the images below it if asked (topmost first).
Result<std::vector<InfoEntry>> image_info(const ImageEnvironment& environment,
                                          const InfoSpec& spec);

}  // namespace cassia::storage
