// SPDX-License-Identifier: Apache-2.0
// The client role of the display channel: messages of any content, each 2 bytes of type and 2 bytes
// of size before its body. What it hands over is drawn by the canvas that defines the operations.

#include "channels/display/display_client.h"

#include <unistd.h>

#include "channels/link/message_sender.h"
#include "client/session/scanout_picture.h"
#include "protocol/wire/reader.h"
#include "render/raster/canvas.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Drawer final : public DisplayClientEvents {
 public:
  void display_surface_create(const SurfaceInfo& s) override {
    // Large surfaces are correct, but filling them is all that the fuzzer would do.
    if (s.size.width <= 256 && s.size.height <= 256) {
      (void)canvas_->create_surface(s.id, s.size, s.format);
    }
  }
  void display_surface_destroy(raster::SurfaceId id) override { canvas_->destroy_surface(id); }
  void display_mark() override {}
  void display_reset() override { canvas_->destroy_all(); }
  void display_draw(raster::DrawOpPtr op) override {
    if (canvas_->has_surface(op->surface)) (void)canvas_->draw(*op);
  }
  void display_stream_create(const StreamInfo&) override {}
  void display_stream_frame(const StreamFrame&) override {}
  void display_stream_clip(std::uint32_t, const raster::Clip&) override {}
  void display_stream_destroy(std::uint32_t) override {}
  void display_stream_destroy_all() override {}
  void display_gl_scanout(const GlScanout& scanout) override {
    scanout_.reset();
    if (!scanout.memory) return;
    if (auto opened = client::ScanoutPicture::open(scanout)) scanout_ = std::move(*opened);
  }
  void display_gl_draw(const raster::Rect& area) override {
    if (!scanout_ || area.empty()) return;
    if (const auto picture = scanout_->read(area)) (void)picture->copy();
  }
  void display_problem(const std::string&) override {}
  void display_closed(const Error&) override {}

 private:
  std::shared_ptr<const client::ScanoutPicture> scanout_;
  std::unique_ptr<raster::Canvas> canvas_ = raster::make_reference_canvas();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Drawer drawer;
  DisplayClientOptions options;
  options.pixmap_cache_bytes = 1u << 20;
  options.glz_window_pixels = 1u << 18;
  const auto clock = std::make_shared<MediaClock>();
  clock->set(1000, {});
  options.media_clock = clock;
  const auto client = DisplayClient::create(drawer, options);
  options.gl_scanout = true;
  MessageSender link({}, [] {});
  link.set_carries_descriptors(true);
  // Every other scanout comes with memory, as large as four small pictures.
  static const auto memory = *SharedMemory::create(std::size_t{1} << 16, "fuzz");
  bool with_memory = true;
  link.set_expect_descriptor([&with_memory](const std::function<void(FileDescriptor)>& then) {
    then(with_memory ? FileDescriptor(::dup(memory->descriptor()->get())) : FileDescriptor());
    with_memory = !with_memory;
  });
  link.set_peer({spice::ChannelType::display, 0}, {});
  client->attach(&link);
  client->on_open();
  wire::Reader reader(ByteView(data, size));
  while (reader.remaining() >= 4) {
    const std::uint16_t type = reader.u16();
    const std::size_t length = std::min<std::size_t>(reader.u16(), reader.remaining());
    if (!client->on_message(type, reader.bytes(length), {})) break;
  }
  return 0;
}
