// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/file_list.h"

#include <algorithm>

namespace cassia::spice {
namespace {

constexpr std::size_t longest_path = 4095;

}  // namespace

bool is_plain_path(std::string_view path) {
  if (path.size() > longest_path || path.size() < 2 || path.front() != '/') return false;
  const bool odd = std::any_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (odd) return false;
  for (path.remove_prefix(1);;) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    if (part.empty() || part == "." || part == "..") return false;
    if (end == path.size()) return true;
    path.remove_prefix(end + 1);
  }
}

Bytes write_file_list(const FileList& list) {
  std::string out = list.cut ? "cut" : "copy";
  out += '\0';
  for (const std::string& path : list.paths) {
    out += path;
    out += '\0';
  }
  return to_bytes(std::string_view(out));
}

Result<FileList> read_file_list(ByteView data) {
  std::string_view text = as_text(data);
  if (text.ends_with('\0')) text.remove_suffix(1);
  const auto next = [&text] {
    const std::string_view item = text.substr(0, text.find('\0'));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    return item;
  };
  FileList list;
  const std::string_view action = next();
  list.cut = action == "cut";
  if (!list.cut && action != "copy") {
    return fail(ErrorKind::malformed, "a list of files that are neither to be copied nor cut");
  }
  while (!text.empty()) {
    const std::string_view path = next();
    if (list.paths.size() == most_listed_files) {
      return fail(ErrorKind::malformed, "a list of more than {} files", most_listed_files);
    }
    if (!is_plain_path(path)) {
      return fail(ErrorKind::malformed, "a list of files with a path that is no absolute one");
    }
    list.paths.emplace_back(path);
  }
  if (list.paths.empty()) return fail(ErrorKind::malformed, "a list of no files");
  return list;
}

}  // namespace cassia::spice
