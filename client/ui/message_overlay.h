// SPDX-License-Identifier: Apache-2.0
#pragma once

// A message over the guest's picture: "connection lost: ...", "guest restarting".

#include <string>

namespace cassia::client {

/// Between Gui::begin_frame() and end_frame(): a bar in the middle of the window, without input.
void draw_message(const std::string& text);

}  // namespace cassia::client
