// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vmdk/descriptor.h"

#include <charconv>

namespace cassia::storage::vmdk {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

Result<std::uint32_t> parse_cid(std::string_view text, const std::string& name) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  return fail(ErrorKind::malformed, "{}: its descriptor has an ID that is no number", name);
}

}  // namespace

Result<Descriptor> parse_descriptor(std::string_view text, const std::string& name) {
  Descriptor found;
  text = text.substr(0, text.find('\0'));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) {
      const std::string_view key = trimmed(line.substr(0, equals));
      const std::string_view value = trimmed(line.substr(equals + 1));
      if (key == "CID") {
        found.cid = CASSIA_TRY(parse_cid(value, name));
        const auto where = static_cast<std::size_t>(value.data() - text.data());
        found.cid_at = value.size() == 8 ? where : 0;
      } else if (key == "parentCID") {
        found.parent_cid = CASSIA_TRY(parse_cid(value, name));
      } else if (key == "createType") {
        found.create_type = unquoted(value);
      } else if (key == "parentFileNameHint") {
        found.parent = unquoted(value);
      }
    }
    at = end + 1;
  }
  if (found.parent_cid != kNoParent && found.parent.empty()) {
    return fail(ErrorKind::malformed, "{}: has a parent that its descriptor does not name", name);
  }
  if (found.parent_cid == kNoParent) found.parent.clear();
  return found;
}

std::string build_descriptor(const DescriptorChoices& choices, std::uint64_t size,
                             std::uint32_t cid) {
  const std::uint64_t heads = choices.adapter == "ide" ? 16 : 255;
  constexpr std::uint64_t kSectorsPerTrack = 63;
  constexpr std::uint64_t kSector = 512;
  return fmt::format(
      "# Disk DescriptorFile\nversion=1\nCID={:08x}\nparentCID=ffffffff\ncreateType=\"{}\"\n\n"
      "# Extent description\nRW {} SPARSE \"{}\"\n\n# The Disk Data Base\n#DDB\n\n"
      "ddb.virtualHWVersion = \"{}\"\nddb.geometry.cylinders = \"{}\"\n"
      "ddb.geometry.heads = \"{}\"\nddb.geometry.sectors = \"{}\"\nddb.adapterType = \"{}\"\n"
      "ddb.toolsVersion = \"{}\"\n",
      cid, choices.create_type, size / kSector, choices.file, choices.hardware_version,
      size / kSector / heads / kSectorsPerTrack, heads, kSectorsPerTrack, choices.adapter,
      choices.tools_version);
}

}  // namespace cassia::storage::vmdk
