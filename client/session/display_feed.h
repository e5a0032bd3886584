// SPDX-License-Identifier: Apache-2.0
#pragma once

// From a display channel to the event queue: decodes video frames, holds reading back while the
// main thread is behind.

#include <map>
#include <memory>

#include "base/problem_log.h"
#include "channels/display/display_client.h"
#include "client/session/event_queue.h"
#include "client/session/stream_decoder.h"

namespace cassia::client {

/// Network thread only.
class DisplayFeed final : public channels::DisplayClientEvents {
 public:
  /// Runs a call on the network thread; may be called from any.
  using Post = std::function<void(std::function<void()>)>;
  DisplayFeed(std::uint8_t display, EventQueue& queue, Post post, const Clock& clock)
      : display_(display), queue_(queue), post_(std::move(post)), problems_("display", clock) {}

  /// The channel whose events these are; the feed pauses and restarts its reading.
  void set_channel(channels::DisplayClient* channel) { channel_ = channel; }
  /// The session has let go of this connection: what still comes is not passed on.
  void silence() { silent_ = true; }
  /// The main thread has caught up.
  void resume();

  std::chrono::nanoseconds decode_time() const { return decode_time_; }
  /// Why the channel ended, once it has.
  const std::optional<Error>& end() const { return end_; }

  void display_surface_create(const channels::SurfaceInfo& surface) override;
  void display_surface_destroy(raster::SurfaceId id) override;
  void display_mark() override;
  void display_reset() override;
  void display_draw(raster::DrawOpPtr op) override;
  void display_monitors(const channels::MonitorsConfig& config) override;
  void display_stream_create(const channels::StreamInfo& stream) override;
  void display_stream_frame(const channels::StreamFrame& frame) override;
  void display_stream_clip(std::uint32_t id, const raster::Clip& clip) override;
  void display_stream_destroy(std::uint32_t id) override;
  void display_stream_destroy_all() override;
  void display_gl_scanout(const channels::GlScanout& scanout) override;
  void display_gl_draw(const raster::Rect& area) override;
  void display_backlog(bool behind) override;
  void display_problem(const std::string& text) override;
  void display_closed(const Error& why) override;

 private:
  void push(DisplayChange change, std::size_t cost = 0);
  void pause_if_behind();
  void stream_failed(const char* message, std::uint32_t stream, const Error& why);

  const std::uint8_t display_;
  EventQueue& queue_;
  const Post post_;
  ProblemLog problems_;
  channels::DisplayClient* channel_ = nullptr;
  bool silent_ = false;
  bool queue_full_ = false;  ///< the main thread is behind
  bool decode_behind_ = false;
  bool paused_ = false;
  std::map<std::uint32_t, std::unique_ptr<StreamDecoder>> decoders_;
  std::map<std::uint32_t, std::uint32_t> late_;  ///< frames in a row that came too late
  std::chrono::nanoseconds decode_time_{};
  std::optional<Error> end_;
  bool scanning_out_ = false;
  /// Gone with this: an answer of the main thread may come later.
  const std::shared_ptr<DisplayFeed*> self_ = std::make_shared<DisplayFeed*>(this);
};

}  // namespace cassia::client
