// SPDX-License-Identifier: Apache-2.0
#pragma once

// Client role of the display channel. Parses draws, keeps the image and palette caches, decodes
// images, and hands over DrawOps in order. Malformed draws that leave the framing intact are
// reported through display_problem() and skipped; the session goes on.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "channels/display/display_types.h"
#include "channels/display/media_clock.h"
#include "channels/link/channel.h"

namespace cassia::codec {
class DecodeLane;
class GlzWindow;
}  // namespace cassia::codec

namespace cassia::channels {

class DisplayClientEvents {
 public:
  virtual ~DisplayClientEvents() = default;
  virtual void display_surface_create(const SurfaceInfo& surface) = 0;
  virtual void display_surface_destroy(raster::SurfaceId id) = 0;
  /// SPICE_MSG_DISPLAY_MARK: the primary surface now holds a presentable picture.
  virtual void display_mark() = 0;
  /// SPICE_MSG_DISPLAY_RESET: all surfaces and streams are gone.
  virtual void display_reset() = 0;
  /// Images are decoded to Bitmaps (or surface sources), unless DisplayClientOptions::decode is
  /// off: then they are EncodedImages, except those that need the session's GLZ window or caches.
  virtual void display_draw(raster::DrawOpPtr op) = 0;
  virtual void display_monitors(const MonitorsConfig& config) { (void)config; }
  virtual void display_stream_create(const StreamInfo& stream) = 0;
  virtual void display_stream_frame(const StreamFrame& frame) = 0;
  virtual void display_stream_clip(std::uint32_t id, const raster::Clip& clip) = 0;
  virtual void display_stream_destroy(std::uint32_t id) = 0;
  virtual void display_stream_destroy_all() = 0;
  /// The picture is in shared memory from now on, until the next of these or a new primary surface;
  /// only with DisplayClientOptions::gl_scanout.
  virtual void display_gl_scanout(const GlScanout& scanout) { (void)scanout; }
  /// `area` of the scanout has changed, and will not change again before send_gl_draw_done().
  virtual void display_gl_draw(const raster::Rect& area) { (void)area; }
  /// True: so much waits for images that are being decoded that the owner should read no more from
  /// this channel, until false comes. Only with DisplayClientOptions::decoder.
  virtual void display_backlog(bool behind) { (void)behind; }
  /// A message that could not be carried out: "display 0 draw_copy: surface 7 does not exist".
  virtual void display_problem(const std::string& text) = 0;
  virtual void display_closed(const Error& why) = 0;
};

struct DisplayClientOptions {
  /// SPICE_MSGC_DISPLAY_INIT: sizes that the server may use. The gateway asks upstream for 0 and 0.
  std::uint64_t pixmap_cache_bytes = 64u << 20;
  std::uint32_t glz_window_pixels = 8u << 20;
  std::optional<ImageCompression> preferred_compression;
  /// Decode every image (viewer), or leave stand-alone ones compressed (gateway).
  bool decode = true;
  /// Where images are decoded; null: on the spot. Events wait for it and keep their order, whatever
  /// gets ready first.
  std::shared_ptr<codec::DecodeLane> decoder;
  /// Of images, as they came and as pixels, that may wait so.
  std::size_t decode_ahead_bytes = std::size_t{64} << 20;
  /// Offer to read the picture from memory shared with the server, where descriptors can travel.
  bool gl_scanout = false;
  /// Video codecs to offer, in order of preference; MJPEG is always understood.
  std::vector<VideoCodec> video_codecs = {VideoCodec::mjpeg};
  /// The session's: frames are held against it, late ones marked, and reports offered to the
  /// server. Null (the gateway, which passes every frame on): neither.
  std::shared_ptr<const MediaClock> media_clock;
  /// Frames of that stream which were in time when they came, and then left out as late, since the
  /// last call: for those reports.
  std::function<std::uint32_t(std::uint32_t stream)> late_drops;
  /// How far sound lags behind, for those reports; 0xffffffff while none plays.
  std::function<std::uint32_t()> audio_delay;
  /// Shared by all display channels of a session; made by the channel if null.
  std::shared_ptr<codec::GlzWindow> glz_window;
};

class DisplayClient : public Channel {
 public:
  static std::unique_ptr<DisplayClient> create(DisplayClientEvents& events,
                                               DisplayClientOptions options = {});
  /// CPU time spent in decoding images so far.
  virtual std::chrono::nanoseconds decode_time() const = 0;
  /// The area of display_gl_draw() has been read: the server may draw again. Once for each.
  virtual void send_gl_draw_done() = 0;
};

}  // namespace cassia::channels
