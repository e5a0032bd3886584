// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/agent_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace cassia::spice {
namespace {

constexpr std::string_view group_name = "[vdagent-file-xfer]";
constexpr std::size_t longest_name = 255;

std::string escaped(std::string_view text) {
  std::string out;
  bool leading = true;
  for (const char c : text) {
    if (c != ' ') leading = false;
    switch (c) {
      case ' ':
        out += leading ? "\\s" : " ";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    constexpr std::string_view codes = "sntr\\", values = " \n\t\r\\";
    const auto at = codes.find(text[++i]);
    if (at == std::string_view::npos) out += '\\';
    out += at == std::string_view::npos ? text[i] : values[at];
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

Bytes to_crlf(ByteView text) {
  Bytes out;
  out.reserve(text.size() + text.size() / 16);
  std::uint8_t before = 0;
  for (const std::uint8_t c : text) {
    if (c == '\n' && before != '\r') out.push_back('\r');
    out.push_back(c);
    before = c;
  }
  return out;
}

Bytes to_lf(ByteView text) {
  Bytes out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out.push_back(text[i]);
  }
  return out;
}

std::string write_file_metadata(const FileMetadata& file) {
  return fmt::format("{}\nname={}\nsize={}\n", group_name, escaped(file.name), file.size);
}

Result<FileMetadata> read_file_metadata(std::string_view text) {
  std::optional<std::string> name;
  std::optional<std::uint64_t> size;
  bool ours = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view bare = trimmed(line);
    if (bare.starts_with('[')) ours = bare == group_name;
    const auto equals = line.find('=');
    if (!ours || equals == std::string_view::npos) continue;
    const std::string_view key = trimmed(line.substr(0, equals));
    std::string_view value = line.substr(equals + 1);
    if (value.ends_with('\r')) value.remove_suffix(1);
    if (key == "name") name = unescaped(value);
    if (key != "size") continue;
    const std::string_view digits = trimmed(value);
    std::uint64_t number = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc{} && stop == digits.data() + digits.size()) size = number;
  }
  if (!name || name->empty() || !size) {
    return fail(ErrorKind::malformed, "a file transfer without a name and a size");
  }
  return FileMetadata{std::move(*name), *size};
}

std::string safe_file_name(std::string_view name) {
  if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  const bool odd = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (name.empty() || name == "." || name == ".." || odd || name.size() > longest_name) return {};
  return std::string(name);
}

}  // namespace cassia::spice
