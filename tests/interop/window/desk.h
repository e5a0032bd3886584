// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/support/x_server.h"

namespace cassia::test {

/// cassia-viewer in its window on an X server of the test, with a person's hands on it. Places are
/// pixels of the window.
class Desk {
 public:
  /// Returns once the window shows something of `uri` besides what the viewer says itself: `width`
  /// and `height` are the guest's, and so the window's. `options` are more of the viewer's.
  static Result<std::unique_ptr<Desk>> open(const std::string& uri, int width, int height,
                                            const std::vector<std::string>& options = {});

  Result<void> point(int x, int y);             ///< the pointer, at once
  Result<void> move(int dx, int dy);            ///< the pointer, from where it is
  Result<void> click(int x, int y);             ///< with the left button
  Result<void> click();                         ///< where the pointer is
  Result<void> press(const std::string& keys);  ///< X names, e.g. "F12", "ctrl+alt"
  Result<void> type(const std::string& text);   ///< no newline: that is press("Return")
  Result<void> resize(int width, int height);

  /// Another program puts text into a selection of the X server: "clipboard" or "primary".
  Result<void> copy(const std::string& selection, const std::string& text);
  /// Likewise what is in a file, as a target of the X server: "image/png".
  Result<void> copy_file(const std::string& selection, const std::string& target,
                         const std::string& file);
  /// What another program would paste; empty if it finds nothing.
  std::string paste(const std::string& selection, const std::string& target = {}) const;

  /// Drags files from a file manager onto the middle of the window.
  Result<void> drop(const std::vector<std::string>& paths) const;

  std::string title() const;
  /// What the window shows, as long as it lies on the screen.
  Result<Picture> picture() const;
  bool shows(const Picture& expected) const;

  const XServer& x() const { return *x_; }
  Process& viewer() { return *viewer_; }

 private:
  struct Geometry {
    int x = 0, y = 0, width = 0, height = 0;
  };
  Desk() = default;
  Result<Geometry> geometry() const;
  Result<void> xdotool(std::vector<std::string> arguments) const;

  TemporaryFolder folder_;
  std::unique_ptr<XServer> x_;
  std::vector<Process> owners_;  ///< of the X server's selections
  std::optional<Process> viewer_;
  std::string window_;
};

}  // namespace cassia::test
