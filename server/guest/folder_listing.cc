// SPDX-License-Identifier: Apache-2.0
#include "server/guest/folder_listing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cassia::server {
namespace {

constexpr std::size_t longest_answer = std::size_t{256} << 10;
constexpr std::string_view body_end = "multistatus>";
constexpr std::size_t most_names = 20;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// "%20" and its like; control characters become '?': the text goes to a log.
std::string readable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      c = static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    }
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return out;
}

}  // namespace

std::string FolderListing::request() {
  return "PROPFIND / HTTP/1.1\r\nHost: localhost\r\nDepth: 1\r\nContent-Length: 0\r\n\r\n";
}

bool FolderListing::receive(ByteView data) {
  text_ += as_text(data);
  if (text_.size() >= longest_answer) return true;
  const auto head = text_.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const bool multi_status = text_.starts_with("HTTP/1.1 207");
  return !multi_status || text_.find(body_end, text_.find(body_end, head) + 1) != std::string::npos;
}

std::vector<std::string> FolderListing::names() const {
  std::vector<std::string> out;
  constexpr std::string_view open = "href>";
  std::size_t at = 0;
  while (out.size() < most_names && (at = text_.find(open, at)) != std::string::npos) {
    at += open.size();
    const auto end = text_.find('<', at);
    if (end == std::string::npos) break;
    std::string_view path = std::string_view(text_).substr(at, end - at);
    at = text_.find(open, end);  // the closing tag
    if (at == std::string::npos) break;
    at += open.size();
    // A path, or a whole URI: of that what follows the host.
    if (const auto host = path.find("://"); host != std::string_view::npos) {
      path.remove_prefix(std::min(path.find('/', host + 3), path.size()));
    }
    if (path.ends_with('/')) path.remove_suffix(1);
    path = path.substr(path.rfind('/') + 1);
    if (!path.empty()) out.push_back(readable(path));
  }
  return out;
}

std::string FolderListing::sentence() const {
  if (!text_.starts_with("HTTP/1.1 207")) {
    return fmt::format("the viewer's shared folder cannot be read: {}",
                       readable(std::string_view(text_).substr(0, text_.find('\r'))));
  }
  const auto found = names();
  if (found.empty()) return "the viewer shares an empty folder";
  return fmt::format("the viewer shares {}", fmt::join(found, ", "));
}

}  // namespace cassia::server
