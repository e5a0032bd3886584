// SPDX-License-Identifier: Apache-2.0
#pragma once

// Server role of the display channel for one viewer: turns DrawOps with encoded (or raw) images
// into messages, keeps the model of the client's image cache. Who encodes what, and when to send,
// is the display pipeline's business (server/display).

#include <memory>
#include <optional>

#include "channels/display/display_types.h"
#include "channels/display/glz_dictionaries.h"
#include "channels/display/image_writer.h"
#include "channels/link/channel.h"

namespace cassia::channels {

class DisplayServerEvents {
 public:
  virtual ~DisplayServerEvents() = default;
  /// SPICE_MSGC_DISPLAY_INIT has come, and what came in one piece with it has been told: from now
  /// on surfaces and draws may be sent.
  virtual void display_ready() = 0;
  /// MessageLink::writable() turned true: send more.
  virtual void display_writable() = 0;
  virtual void display_preferred_compression(ImageCompression compression) { (void)compression; }
  /// The codecs of video that the client would rather have, best first.
  virtual void display_preferred_video(const std::vector<VideoCodec>& codecs) { (void)codecs; }
  /// The client has read what send_gl_draw() named.
  virtual void display_gl_draw_done() {}
  virtual void display_stream_report(const StreamReport& report) { (void)report; }
  virtual void display_closed(const Error& why) = 0;
};

class DisplayServer : public Channel {
 public:
  /// `dictionaries` of the viewer's session; null: this viewer is sent no GLZ.
  static std::unique_ptr<DisplayServer> create(
      DisplayServerEvents& events, std::shared_ptr<GlzDictionaries> dictionaries = nullptr);

  virtual void send_surface_create(const SurfaceInfo& surface) = 0;
  virtual void send_surface_destroy(raster::SurfaceId id) = 0;
  virtual void send_mark() = 0;
  virtual void send_reset() = 0;
  virtual void send_monitors(const MonitorsConfig& config) = 0;
  /// Palettes are sent once, too. An image that the client holds in a lossy form only is sent
  /// again, to take its place, when it comes in another. Every image of the op is an EncodedImage
  /// that this client can decode, a Bitmap (sent raw), or a surface. An image with an identity id
  /// and cache_me set is sent once and by reference while the client's cache still holds it (sizes
  /// as the client stated; invalidations are sent here). Unsupported operations are an error and
  /// nothing is sent.
  virtual Result<void> send_draw(const raster::DrawOp& op) = 0;

  virtual void send_stream_create(const StreamInfo& stream) = 0;
  virtual void send_stream_frame(const StreamFrame& frame, SharedBytes data) = 0;
  virtual void send_stream_clip(std::uint32_t id, const raster::Clip& clip) = 0;
  virtual void send_stream_destroy(std::uint32_t id) = 0;
  virtual void send_stream_destroy_all() = 0;
  /// False, and nothing is sent, if the client does not report.
  virtual bool send_stream_activate_report(const StreamReportRequest& request) = 0;

  /// The client forgets all images, once other channels that share its cache have come as far as
  /// `waits` says (SPICE_MSG_DISPLAY_INVAL_ALL_PIXMAPS), and all palettes.
  virtual void send_forget_images(std::vector<spice::ChannelWait> waits = {}) = 0;

  /// May this client decode images of this codec? From its capabilities (LZ4, A8 surfaces, ...).
  virtual bool can_decode(raster::ImageCodec codec) const = 0;
  virtual bool ready() const = 0;  ///< DISPLAY_INIT has come

  /// The client can read the picture from memory that it shares with us, and has it travel.
  virtual bool takes_gl_scanouts() const = 0;
  /// The picture is in `scanout` from now on; only if it takes_gl_scanouts().
  virtual void send_gl_scanout(const GlScanout& scanout) = 0;
  /// `area` has changed in memory. Only while no other is outstanding: what the client reads must
  /// not change before display_gl_draw_done().
  virtual void send_gl_draw(const raster::Rect& area) = 0;

  /// True once a client has stated a GLZ window. Then use_glz() decides whether bitmaps are sent as
  /// GLZ (or, where that is not possible, in a form that stands alone) rather than raw; their
  /// pixels must then not change any more.
  virtual bool takes_glz() const = 0;
  virtual void use_glz(GlzUse use) = 0;
};

}  // namespace cassia::channels
