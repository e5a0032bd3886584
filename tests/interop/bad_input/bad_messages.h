// SPDX-License-Identifier: Apache-2.0
#pragma once

// Display messages that no server should send: the framing is right, what they ask for is not.

#include <string>
#include <vector>

#include "base/bytes.h"

namespace cassia::test {

struct BadMessage {
  std::uint16_t type = 0;
  std::string name;  ///< that errors must give it: "draw_copy"
  Bytes body;
  std::string relayed_name;  ///< in the gateway, where a video frame is a draw
};

/// Missing surfaces, brushes out of range, rectangles outside. The primary surface is 0.
std::vector<BadMessage> bad_draws();
/// Images that do not decode, of each type, large enough for the decoding threads.
std::vector<BadMessage> bad_images();
/// Streams of MJPEG; stream 3 exists.
std::vector<BadMessage> bad_streams();

}  // namespace cassia::test
