// SPDX-License-Identifier: Apache-2.0
// In place of what cassia-viewer does not carry: the linker takes these before it looks into the
// libraries, and so leaves SDL, OpenGL, GStreamer, WebDAV, smartcards and the panel out. main()
// becomes cassia-viewer-full before any of it is missed; a second definition is a link error.

#include "base/log.h"
#include "client/app/canvas_choice.h"
#include "client/app/panel_picture.h"
#include "client/audio/audio_device.h"
#include "client/devices/device_set.h"
#include "render/cairo/cairo_canvas.h"
#include "render/video/decoders.h"

namespace cassia::client {

Result<CanvasBundle> make_headless_canvas(RendererChoice choice) {
  if (choice == RendererChoice::gl) return fail(ErrorKind::internal, "no OpenGL in this program");
  CanvasBundle bundle;
  bundle.canvas = raster::make_cairo_canvas();
  return bundle;
}

Result<void> draw_panel(raster::Bitmap&, StorageModel&) {
  return fail(ErrorKind::internal, "no panel in this program");
}

std::shared_ptr<AudioDevices> make_sdl_audio() { return nullptr; }

DeviceSet::DeviceSet(boost::asio::io_context& io, const DeviceOptions& options)
    : io_(io), options_(options) {}
DeviceSet::~DeviceSet() = default;
void DeviceSet::stop() {}
bool DeviceSet::wants(spice::ChannelId) const { return false; }
Result<std::unique_ptr<ClientDevice>> DeviceSet::make(spice::ChannelId) {
  return fail(ErrorKind::internal, "no devices in this program");
}

}  // namespace cassia::client

namespace cassia::raster {

// Without a window only MJPEG is offered to servers (SessionOptions::video_codecs).
Result<void> check_gstreamer_decoder(VideoCodec codec) {
  return fail(ErrorKind::unsupported, "{} video is shown in a window only", to_string(codec));
}
Result<std::unique_ptr<StreamDecoder>> make_gstreamer_decoder(VideoCodec codec, bool) {
  CASSIA_TRY(check_gstreamer_decoder(codec));
  return fail(ErrorKind::internal, "no GStreamer in this program");
}

}  // namespace cassia::raster
