// SPDX-License-Identifier: Apache-2.0
#pragma once

// The demo guest's terminal: lines of text on a surface of its own, which scrolls with copy_bits.

#include <functional>
#include <optional>
#include <string>

#include "server/guest/demo_painter.h"

namespace cassia::server {

class DemoTerminal {
 public:
  static constexpr std::int32_t columns = 60;
  static constexpr std::int32_t rows = 18;

  DemoTerminal(DemoPainter& painter, raster::SurfaceId surface)
      : painter_(painter), surface_(surface) {}

  static raster::Size size();
  /// Asked for each line that the terminal does not know itself: what to print, or nothing.
  using Command = std::function<std::optional<std::string>(const std::string& line)>;
  void set_command(Command command) { command_ = std::move(command); }
  /// Clears the surface and greets.
  void start();
  /// Echoes one typed character; '\n' runs the line.
  void type(char character);

 private:
  void print(std::string_view text);
  void put(char character);
  void new_line();
  void prompt();
  void cursor(bool shown);
  void run(const std::string& line);
  raster::Rect cell(std::int32_t column, std::int32_t row) const;

  DemoPainter& painter_;
  raster::SurfaceId surface_;
  std::int32_t column_ = 0;
  std::int32_t row_ = 0;
  std::string line_;
  Command command_;
};

}  // namespace cassia::server
