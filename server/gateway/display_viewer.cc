// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/display_viewer.h"

namespace cassia::server {

using channels::ImageCompression;
using raster::ImageCodec;

std::unique_ptr<channels::Channel> DisplayViewer::make_channel() {
  auto channel = channels::DisplayServer::create(*this, dictionaries_);
  channel_ = channel.get();
  return channel;
}

void DisplayViewer::display_ready() {
  if (queue_ || scanout_) return;
  if (scanout_wanted_ && channel_->takes_gl_scanouts()) {
    scanout_ = pipeline_.attach_scanout(*this);
    return;
  }
  choose();
  queue_ = pipeline_.attach(*this);
  // attach() flushed before it could tell us the queue.
  queue_->flush();
}

void DisplayViewer::display_writable() {
  if (queue_) queue_->flush();
}

void DisplayViewer::display_gl_draw_done() {
  if (scanout_) scanout_->draw_done();
}

void DisplayViewer::display_preferred_compression(ImageCompression compression) {
  preferred_ = compression;
  choose();
}

// What a viewer wishes it gets. Without a wish: photographs by QUIC, all else by GLZ, deflated
// where that is smaller; viewers without a window get LZ4, or else LZ.
void DisplayViewer::choose() {
  const bool lz4 = can_decode(ImageCodec::lz4);
  const bool window = channel_ && channel_->takes_glz();
  choice_ = {};
  choice_.lz_palette = can_decode(ImageCodec::lz_palette);
  channels::GlzUse use;
  if (preferred_) {
    const ImageCompression wish = *preferred_;
    choice_.quic = wish == ImageCompression::quic || wish == ImageCompression::auto_lz ||
                   wish == ImageCompression::auto_glz;
    choice_.lz = wish != ImageCompression::off && wish != ImageCompression::quic;
    choice_.lz4 = choice_.prefer_lz4 = lz4 && wish == ImageCompression::lz4;
    use.on = window && (wish == ImageCompression::glz || wish == ImageCompression::auto_glz);
    use.deflate = codec::GlzDeflate::when_smaller;
  } else {
    choice_.quic = can_decode(ImageCodec::quic);
    choice_.lz4 = choice_.prefer_lz4 = lz4 && !window;
    use.on = window;
    use.deflate = codec::GlzDeflate::when_smaller;
  }
  choice_.by_channel = use.on;
  if (channel_) channel_->use_glz(use);
}

void DisplayViewer::display_closed(const Error&) {
  leave();
  channel_ = nullptr;
}

void DisplayViewer::leave() {
  if (queue_) pipeline_.detach(std::exchange(queue_, nullptr));
  if (scanout_) pipeline_.detach(std::exchange(scanout_, nullptr));
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
void DisplayViewer::gl_scanout(const channels::GlScanout& scanout) {
  channel_->send_gl_scanout(scanout);
}
void DisplayViewer::gl_draw(const raster::Rect& area) { channel_->send_gl_draw(area); }
Result<void> DisplayViewer::draw(const raster::DrawOp& op) { return channel_->send_draw(op); }

}  // namespace cassia::server
