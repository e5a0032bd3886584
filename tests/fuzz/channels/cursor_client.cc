// SPDX-License-Identifier: Apache-2.0
// The client role of the cursor channel; every shape that comes out of it is turned into pixels.

#include "channels/cursor/cursor_channel.h"
#include "tests/fuzz/channels/channel_fuzz.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Painter final : public CursorClientEvents {
 public:
  void cursor_set(const CursorState& state) override {
    if (state.shape) (void)cursor_to_argb(*state.shape);
  }
  void cursor_move(raster::Point) override {}
  void cursor_hide() override {}
  void cursor_closed(const Error&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Painter painter;
  const auto client = CursorClient::create(painter);
  fuzz_channel(*client, {spice::ChannelType::cursor, 0}, ByteView(data, size));
  return 0;
}
