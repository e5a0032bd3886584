// SPDX-License-Identifier: Apache-2.0
#pragma once

// The descriptor of a VMDK: lines of text inside the image that say what it consists of.

#include <string>
#include <string_view>

#include "base/result.h"

namespace cassia::storage::vmdk {

constexpr std::uint32_t kNoParent = 0xffffffff;

struct Descriptor {
  std::uint32_t cid = 0xfffffffe;  ///< changes with the content; a child remembers its parent's
  std::uint32_t parent_cid = kNoParent;
  std::string create_type;  ///< "monolithicSparse", ...
  std::string parent;       ///< file name of the parent, if there is one
  std::size_t cid_at = 0;   ///< where the eight digits of the CID stand in the text; 0: nowhere
};

/// Reads what of the text concerns us; `name` is for messages.
Result<Descriptor> parse_descriptor(std::string_view text, const std::string& name);

/// What a new image's descriptor says beyond its size.
struct DescriptorChoices {
  std::string create_type;
  std::string file;  ///< name of the extent, without folder
  std::string adapter = "ide";
  std::string hardware_version = "4";
  std::string tools_version = "2147483647";
};
std::string build_descriptor(const DescriptorChoices& choices, std::uint64_t size,
                             std::uint32_t cid);

}  // namespace cassia::storage::vmdk
