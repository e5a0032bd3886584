// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/display_viewer.h"

namespace cassia::server {

using channels::ImageCompression;
using raster::ImageCodec;

std::unique_ptr<channels::Channel> DisplayViewer::make_channel() {
  auto channel = channels::DisplayServer::create(*this);
  channel_ = channel.get();
  return channel;
}

void DisplayViewer::display_ready() {
  if (queue_) return;
  choice_.lz4 = choice_.prefer_lz4 = can_decode(ImageCodec::lz4);
  queue_ = pipeline_.attach(*this);
  // attach() flushed before it could tell us the queue.
  queue_->flush();
}

void DisplayViewer::display_writable() {
  if (queue_) queue_->flush();
}

void DisplayViewer::display_preferred_compression(ImageCompression compression) {
  const bool lz4 = can_decode(ImageCodec::lz4);
  choice_ = {};
  choice_.quic = compression == ImageCompression::quic ||
                 compression == ImageCompression::auto_lz ||
                 compression == ImageCompression::auto_glz;
  choice_.lz = compression != ImageCompression::off && compression != ImageCompression::quic;
  choice_.lz4 = choice_.prefer_lz4 = lz4 && compression == ImageCompression::lz4;
  // No capability tells who knows LZ_PLT: spice-html5, which does not, does not know LZ4 either.
  choice_.lz_palette = lz4;
}

void DisplayViewer::display_closed(const Error&) {
  leave();
  channel_ = nullptr;
}

void DisplayViewer::leave() {
  if (queue_) pipeline_.detach(std::exchange(queue_, nullptr));
}

bool DisplayViewer::writable() const {
  return channel_ && channel_->ready() && channel_->link()->writable();
}
bool DisplayViewer::can_decode(ImageCodec codec) const {
  return channel_ && channel_->can_decode(codec);
}
void DisplayViewer::surface_create(const channels::SurfaceInfo& surface) {
  channel_->send_surface_create(surface);
}
void DisplayViewer::surface_destroy(raster::SurfaceId id) { channel_->send_surface_destroy(id); }
void DisplayViewer::mark() { channel_->send_mark(); }
void DisplayViewer::monitors(const channels::MonitorsConfig& config) {
  channel_->send_monitors(config);
}
Result<void> DisplayViewer::draw(const raster::DrawOp& op) { return channel_->send_draw(op); }

}  // namespace cassia::server
