// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/window/desk.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/paths.h"
#include "tests/support/wait.h"
#include "tests/support/xdnd_source.h"

namespace cassia::test {

Result<std::unique_ptr<Desk>> Desk::open(const std::string& uri, int width, int height,
                                         const std::vector<std::string>& options) {
  std::unique_ptr<Desk> desk(new Desk);
  desk->x_ = CASSIA_TRY(XServer::start_xvfb(1400, 1000));
  std::vector<std::string> command = {program("cassia-viewer"), uri};
  command.insert(command.end(), options.begin(), options.end());
  desk->viewer_ = CASSIA_TRY(desk->x_->client(std::move(command)));
  const auto ready = [&] {
    const auto found = desk->x_->ask({"xdotool", "search", "--onlyvisible", "--name", "Cassia"});
    if (!found) return !desk->viewer_->running();
    std::istringstream(*found) >> desk->window_;
    const auto is = desk->geometry();
    return is && is->width == width && is->height == height && is->x >= 0 && is->y >= 0 &&
           desk->title().find("connect") == std::string::npos;
  };
  if (!wait_until(ready) || desk->window_.empty()) {
    return fail(ErrorKind::timeout, "cassia-viewer shows no window of {}x{}: {}", width, height,
                desk->viewer_->errors());
  }
  // Without a window manager the focus is ours to give.
  CASSIA_TRY(desk->xdotool({"windowfocus", "--sync", desk->window_}));
  return desk;
}

Result<void> Desk::xdotool(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "xdotool");
  CASSIA_TRY(x_->ask(std::move(arguments), std::chrono::minutes(1)));
  return {};
}

Result<Desk::Geometry> Desk::geometry() const {
  std::istringstream lines(
      CASSIA_TRY(x_->ask({"xdotool", "getwindowgeometry", "--shell", window_})));
  Geometry out;
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = line.substr(0, equals);
    int* const value = name == "X"        ? &out.x
                       : name == "Y"      ? &out.y
                       : name == "WIDTH"  ? &out.width
                       : name == "HEIGHT" ? &out.height
                                          : nullptr;
    if (value != nullptr) std::istringstream(line.substr(equals + 1)) >> *value;
  }
  return out;
}

Result<void> Desk::point(int x, int y) {
  const Geometry window = CASSIA_TRY(geometry());
  return xdotool({"mousemove", std::to_string(window.x + x), std::to_string(window.y + y)});
}

Result<void> Desk::move(int dx, int dy) {
  return xdotool({"mousemove_relative", "--", std::to_string(dx), std::to_string(dy)});
}

Result<void> Desk::click(int x, int y) {
  CASSIA_TRY(point(x, y));
  return click();
}

Result<void> Desk::click() { return xdotool({"click", "1"}); }

Result<void> Desk::press(const std::string& keys) { return xdotool({"key", keys}); }

Result<void> Desk::type(const std::string& text) {
  return xdotool({"type", "--delay", "40", text});
}

Result<void> Desk::resize(int width, int height) {
  return xdotool({"windowsize", window_, std::to_string(width), std::to_string(height)});
}

Result<void> Desk::copy(const std::string& selection, const std::string& text) {
  const std::string file = folder_ / "text";
  std::ofstream(file) << text;
  // Stays until another program owns the selection, or the server ends.
  owners_.push_back(CASSIA_TRY(x_->client({"xclip", "-quiet", "-selection", selection, file})));
  return {};
}

Result<void> Desk::copy_file(const std::string& selection, const std::string& target,
                             const std::string& file) {
  owners_.push_back(CASSIA_TRY(
      x_->client({"xclip", "-quiet", "-selection", selection, "-t", target, "-i", file})));
  return {};
}

std::string Desk::paste(const std::string& selection, const std::string& target) const {
  std::vector<std::string> command = {"xclip", "-o", "-selection", selection};
  if (!target.empty()) command.insert(command.end(), {"-t", target});
  return x_->ask(std::move(command)).value_or("");
}

Result<void> Desk::drop(const std::vector<std::string>& paths) const {
  const Geometry window = CASSIA_TRY(geometry());
  XdndSource source(x_->display());
  return source.drop(static_cast<xcb_window_t>(std::stoul(window_)), window.x + window.width / 2,
                     window.y + window.height / 2, paths);
}

std::string Desk::title() const {
  return x_->ask({"xdotool", "getwindowname", window_}).value_or("");
}

Result<Picture> Desk::picture() const {
  const Geometry window = CASSIA_TRY(geometry());
  const Picture screen = CASSIA_TRY(x_->screen());
  if (window.x < 0 || window.y < 0 || window.x + window.width > screen.width ||
      window.y + window.height > screen.height) {
    return fail(ErrorKind::invalid_argument, "the window is not all on the screen");
  }
  Picture out{window.width, window.height, {}};
  for (int y = 0; y < window.height; ++y) {
    const std::uint8_t* row = screen.pixel(window.x, window.y + y);
    out.rgb.insert(out.rgb.end(), row, row + 3 * window.width);
  }
  return out;
}

bool Desk::shows(const Picture& expected) const {
  const auto now = picture();
  return now && *now == expected;
}

}  // namespace cassia::test
