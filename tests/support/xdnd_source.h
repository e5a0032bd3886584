// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "tests/support/x11_peer.h"

namespace cassia::test {

/// A file manager from which files are dragged onto another program's window: the source of XDND 5
/// (freedesktop.org).
class XdndSource {
 public:
  explicit XdndSource(const std::string& display) : peer_(display) {}

  /// Drags these paths over `window`, to a place of the screen, and lets go. Returns once the
  /// window has taken them; an error says what it did instead.
  Result<void> drop(xcb_window_t window, int x, int y, const std::vector<std::string>& paths);

 private:
  /// Its next message of this kind, or an error.
  Result<std::array<std::uint32_t, 5>> hear(const std::string& type) const;

  X11Peer peer_;
};

}  // namespace cassia::test
