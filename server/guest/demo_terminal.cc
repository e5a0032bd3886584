// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_terminal.h"

#include "server/display/console_font.h"

namespace cassia::server {
namespace {

constexpr raster::Color ink = 0xd8e4d8;
constexpr raster::Color paper = 0x10181c;
constexpr std::string_view prompt_text = "demo$ ";

}  // namespace

raster::Size DemoTerminal::size() { return {columns * glyph_width, rows * glyph_height}; }

raster::Rect DemoTerminal::cell(std::int32_t column, std::int32_t row) const {
  return raster::Rect::of({column * glyph_width, row * glyph_height}, {glyph_width, glyph_height});
}

void DemoTerminal::start() {
  painter_.fill(surface_, raster::Rect::of(size()), paper);
  column_ = row_ = 0;
  line_.clear();
  print("Cassia demo guest. Type help for what it knows.\n");
  prompt();
}

void DemoTerminal::prompt() {
  print(prompt_text);
  cursor(true);
}

void DemoTerminal::cursor(bool shown) {
  painter_.fill(surface_, cell(column_, row_), shown ? ink : paper);
}

void DemoTerminal::put(char character) {
  if (column_ == columns) new_line();
  painter_.text(surface_, cell(column_, row_).origin(), std::string_view(&character, 1), ink,
                paper);
  ++column_;
}

void DemoTerminal::new_line() {
  column_ = 0;
  if (++row_ < rows) return;
  --row_;
  const raster::Rect all = raster::Rect::of(size());
  painter_.copy_bits(surface_, {0, 0, all.right, all.bottom - glyph_height}, {0, glyph_height});
  painter_.fill(surface_, {0, all.bottom - glyph_height, all.right, all.bottom}, paper);
}

void DemoTerminal::print(std::string_view text) {
  for (const char character : text) {
    if (character == '\n') {
      new_line();
    } else {
      put(character);
    }
  }
}

void DemoTerminal::type(char character) {
  if (character == '\t') character = ' ';
  if (character == '\b') {
    if (line_.empty() || column_ == 0) return;
    cursor(false);
    --column_;
    line_.pop_back();
    cursor(true);
    return;
  }
  // One line of input at most: the cursor needs a cell of its own.
  const auto room = static_cast<std::size_t>(columns) - prompt_text.size() - 1;
  if (character != '\n' && line_.size() >= room) return;
  cursor(false);
  if (character != '\n') {
    line_ += character;
    put(character);
    cursor(true);
    return;
  }
  new_line();
  run(std::exchange(line_, {}));
  prompt();
}

void DemoTerminal::run(const std::string& line) {
  if (line.empty()) return;
  if (line == "help") {
    print(
        "help         this\nlines        a screenful, to see it scroll\nclear        an empty "
        "screen\n");
    if (command_) print(command_(line).value_or(""));
  } else if (line == "clear") {
    painter_.fill(surface_, raster::Rect::of(size()), paper);
    column_ = row_ = 0;
  } else if (line == "lines") {
    for (int i = 1; i <= 2 * rows; ++i) print(fmt::format("line {} of {}\n", i, 2 * rows));
  } else if (const auto answer = command_ ? command_(line) : std::nullopt) {
    print(*answer);
  } else {
    print(fmt::format("you typed: {}\n", line));
  }
}

}  // namespace cassia::server
