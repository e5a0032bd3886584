// SPDX-License-Identifier: Apache-2.0
#include "client/clipboard/uri_list.h"

#include <algorithm>
#include <cstdint>

namespace cassia::client {

using spice::FileList;

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The next line, without its end ("\n" or "\r\n").
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Some programs count a terminating zero.
std::string_view without_zero(std::string_view text) {
  while (text.ends_with('\0')) text.remove_suffix(1);
  return text;
}

Result<FileList> read_lines(std::string_view text, bool cut) {
  FileList list;
  list.cut = cut;
  while (!text.empty()) {
    std::string path = path_of_uri(take_line(text));
    if (path.empty()) continue;
    if (list.paths.size() == spice::most_listed_files) {
      return fail(ErrorKind::malformed, "a list of more than {} files", spice::most_listed_files);
    }
    list.paths.push_back(std::move(path));
  }
  if (list.paths.empty()) return fail(ErrorKind::not_found, "a list of no files of this machine");
  return list;
}

}  // namespace

std::string path_of_uri(std::string_view uri) {
  constexpr std::string_view scheme = "file:";
  if (!uri.starts_with(scheme)) return {};
  uri.remove_prefix(scheme.size());
  if (uri.starts_with("//")) {
    uri.remove_prefix(2);
    const std::string_view host = uri.substr(0, uri.find('/'));
    if (!host.empty() && host != "localhost") return {};
    uri.remove_prefix(host.size());
  }
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '?' || uri[i] == '#') return {};
    if (uri[i] != '%') {
      path += uri[i];
      continue;
    }
    if (uri.size() - i < 3) return {};
    const int high = hex_digit(uri[i + 1]), low = hex_digit(uri[i + 2]);
    if (high < 0 || low < 0) return {};
    path += static_cast<char>(high << 4 | low);
    i += 2;
  }
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();  // a folder
  return spice::is_plain_path(path) ? path : std::string();
}

std::string uri_of_path(std::string_view path) {
  constexpr std::string_view plain = "-._~/!$&'()*+,;=:@";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file://";
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || plain.find(c) != std::string_view::npos) {
      uri += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    uri += '%';
    uri += digits[byte >> 4];
    uri += digits[byte & 15];
  }
  return uri;
}

Result<FileList> read_uri_list(std::string_view text) {
  return read_lines(without_zero(text), false);  // "#..." is a comment, and no file: URI either
}

Result<FileList> read_copied_files(std::string_view text) {
  text = without_zero(text);
  const std::string_view action = take_line(text);
  if (action != "cut" && action != "copy") {
    return fail(ErrorKind::malformed, "a list of files that are neither to be copied nor cut");
  }
  return read_lines(text, action == "cut");
}

std::string write_uri_list(const FileList& list) {
  std::string out;
  for (const std::string& path : list.paths) out += uri_of_path(path) + "\r\n";
  return out;
}

std::string write_copied_files(const FileList& list) {
  std::string out = list.cut ? "cut" : "copy";  // no line end after the last: Nautilus takes it for a file
  for (const std::string& path : list.paths) out += "\n" + uri_of_path(path);
  return out;
}

}  // namespace cassia::client
