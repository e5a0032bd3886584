// SPDX-License-Identifier: Apache-2.0
// The server role of the cursor channel. A client has nothing to say on it: the first message, of
// whatever content, must be refused. Before that the bytes choose what the server sends, and a
// client of our own must end up with the same pointer.

#include <cstdlib>

#include "channels/cursor/cursor_channel.h"
#include "tests/unit/channels/harness.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Quiet final : public CursorServerEvents {
 public:
  void cursor_opened() override {}
  void cursor_closed(const Error&) override {}
};

class Follower final : public CursorClientEvents {
 public:
  void cursor_set(const CursorState& state) override { now = state; }
  void cursor_move(raster::Point) override {}
  void cursor_hide() override {}
  void cursor_closed(const Error&) override {}
  CursorState now;
};

CursorState state_of(std::uint8_t byte) {
  auto shape = std::make_shared<CursorShape>();
  shape->unique = byte & 0x3f;
  shape->width = shape->height = 1;
  shape->data = SharedBytes(Bytes(4, static_cast<std::uint8_t>(byte & 0x3f)));
  CursorState state;
  state.trail_length = byte >> 6;
  state.shape = std::move(shape);
  return state;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Quiet quiet;
  Follower follower;
  CursorServer* server = nullptr;
  Pair pair(
      [&](const LinkRequest&) {
        auto made = CursorServer::create(quiet);
        server = made.get();
        return made;
      },
      CursorClient::create(follower), {}, 1 << 16);
  pair.pump();
  for (std::size_t i = 0; i + 1 < size && i < 512; i += 2) {
    const CursorState state = state_of(data[i + 1]);
    switch (data[i] % 5) {
      case 0:
        server->send_reset();
        break;
      case 1:
        server->send_invalidate_all();
        break;
      case 2:
        server->send_init(state);
        break;
      default:
        server->send_set(state);
        pair.pump();
        if (!follower.now.shape || follower.now.shape->unique != state.shape->unique ||
            follower.now.shape->data.data()[0] != state.shape->data.data()[0] ||
            follower.now.trail_length != state.trail_length) {
          std::abort();
        }
    }
  }
  if (size >= 2) {
    const auto type = static_cast<std::uint16_t>(data[0] | data[1] << 8);
    if (server->on_message(type, ByteView(data, size), {})) std::abort();
  }
  return 0;
}
