// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vpc/parent.h"

#include <algorithm>

#include "storage/format/common/big_endian.h"

namespace cassia::storage::vpc {
namespace {

constexpr std::size_t kParentName = 64;
constexpr std::size_t kParentNameBytes = 512;
constexpr std::size_t kLocators = 576;
constexpr std::size_t kLocatorBytes = 24;
constexpr std::size_t kLocatorCount = 8;
constexpr std::uint32_t kRelativePath = 0x57327275;  // "W2ru": UTF-16, little-endian
constexpr std::uint32_t kMaxPathBytes = 8192;

void append_utf8(std::string& text, std::uint32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xc0 | c >> 6);
    text += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xe0 | c >> 12);
    text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    text += static_cast<char>(0xf0 | c >> 18);
    text += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (c & 0x3f));
  }
}

/// UTF-16 up to a zero, with slashes; empty if it is not well-formed.
std::string from_utf16(ByteView raw, bool big_endian) {
  const auto unit = [&](std::size_t i) -> std::uint32_t {
    return big_endian ? raw[i] << 8 | raw[i + 1] : raw[i] | raw[i + 1] << 8;
  };
  std::string text;
  for (std::size_t i = 0; i + 1 < raw.size(); i += 2) {
    std::uint32_t c = unit(i);
    if (c == 0) break;
    if (c >= 0xd800 && c < 0xe000) {
      if (c >= 0xdc00 || i + 3 >= raw.size()) return {};
      const std::uint32_t low = unit(i += 2);
      if (low < 0xdc00 || low >= 0xe000) return {};
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(text, c == '\\' ? '/' : c);
  }
  return text;
}

Result<std::string> relative_locator(ByteView header, BlockDevice& file) {
  for (std::size_t i = 0; i < kLocatorCount; ++i) {
    const std::uint8_t* entry = &header[kLocators + i * kLocatorBytes];
    if (load_be32(entry) != kRelativePath) continue;
    const std::uint32_t length = load_be32(entry + 8);
    const std::uint64_t offset = load_be64(entry + 16);
    if (length > kMaxPathBytes || offset > file.size() || length > file.size() - offset) {
      return fail(ErrorKind::malformed,
                  "{}: the path of its parent, {} bytes at {:#x}, is not in "
                  "the file",
                  file.name(), length, offset);
    }
    Bytes raw(length);
    CASSIA_TRY(file.read(offset, raw));
    return from_utf16(raw, false);
  }
  return std::string();
}

}  // namespace

Result<std::string> parent_path(ByteView header, BlockDevice& file) {
  std::string path = CASSIA_TRY(relative_locator(header, file));
  if (path.empty()) {
    path = from_utf16(header.subspan(kParentName, kParentNameBytes), true);
    path.erase(0, path.rfind('/') + 1);
  }
  if (path.empty()) {
    return fail(ErrorKind::malformed, "{}: is a differencing VHD that does not name its parent",
                file.name());
  }
  return path;
}

}  // namespace cassia::storage::vpc
