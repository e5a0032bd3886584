// SPDX-License-Identifier: Apache-2.0
// The server role of the display channel: whatever a client says. Once it is ready it is shown
// something, so that its cache budget and its preferences matter.

#include "channels/display/display_server.h"

#include "tests/fuzz/channels/channel_fuzz.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Shower final : public DisplayServerEvents {
 public:
  void display_ready() override {
    server->send_surface_create({0, {16, 16}, raster::PixelFormat::xrgb32, true});
    for (std::uint64_t id = 1; id < 8; ++id) {
      raster::Copy copy;
      copy.src.source = std::make_shared<const raster::Bitmap>(
          *raster::Bitmap::create_cleared({4, 4}, raster::PixelFormat::xrgb32));
      copy.src.identity = {id % 3 + 1, true};
      copy.src_area = raster::Rect::of({4, 4});
      (void)server->send_draw(raster::DrawOp{0, copy.src_area, {}, copy});
    }
  }
  void display_writable() override {}
  void display_preferred_compression(ImageCompression) override { server->send_mark(); }
  void display_closed(const Error&) override {}
  DisplayServer* server = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Shower shower;
  const auto server = DisplayServer::create(shower);
  shower.server = server.get();
  fuzz_channel(*server, {spice::ChannelType::display, 0}, ByteView(data, size));
  return 0;
}
