// SPDX-License-Identifier: Apache-2.0
#include "tests/support/remote_viewer.h"

#include <sstream>

namespace cassia::test {

Result<std::unique_ptr<RemoteViewer>> RemoteViewer::start(const XServer& x,
                                                          const std::string& uri) {
  std::unique_ptr<RemoteViewer> viewer(new RemoteViewer(x));
  const std::string home = viewer->home_.path();
  viewer->process_ = CASSIA_TRY(Process::start(
      {"remote-viewer", uri},
      {.environment = {x.environment(), "HOME=" + home, "XDG_RUNTIME_DIR=" + home,
                       "GSETTINGS_BACKEND=memory", "NO_AT_BRIDGE=1", "GDK_BACKEND=x11"}}));
  // Its window is called "NAME (1)", after the first display, once the guest's screen is in it.
  const bool opened = wait_until([&] {
    const auto found = x.ask({"xdotool", "search", "--onlyvisible", "--name", R"(\(1\)$)"});
    if (!found) return !viewer->process_->running();
    std::istringstream(*found) >> viewer->window_;
    return !viewer->window_.empty();
  });
  if (!opened || viewer->window_.empty()) {
    return fail(ErrorKind::timeout, "remote-viewer opened no window: {}{}",
                viewer->process_->output(), viewer->process_->errors());
  }
  return viewer;
}

Result<void> RemoteViewer::wait_shows(const Picture& expected, Timeout limit) {
  const bool shown = wait_until(
      [&] {
        const auto screen = x_.screen();
        return screen && find_picture(expected, *screen).has_value();
      },
      limit);
  if (shown) return {};
  const Picture screen = CASSIA_TRY(x_.screen());
  // Not equal, so this leaves both as evidence.
  const auto comparison = same_picture(screen, expected, "remote-viewer");
  return fail(ErrorKind::timeout, "remote-viewer does not show the guest's screen; {}",
              comparison.message());
}

Result<void> RemoteViewer::type(const std::string& text) {
  // Without a window manager the focus and the pointer are ours to place.
  CASSIA_TRY(x_.ask({"xdotool", "windowfocus", window_}));
  CASSIA_TRY(x_.ask({"xdotool", "mousemove", "400", "400", "click", "1"}));
  CASSIA_TRY(x_.ask({"xdotool", "type", "--delay", "40", text}, std::chrono::minutes(1)));
  return {};
}

Result<void> RemoteViewer::press(const std::string& key) {
  CASSIA_TRY(x_.ask({"xdotool", "key", key}));
  return {};
}

}  // namespace cassia::test
