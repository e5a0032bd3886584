// SPDX-License-Identifier: Apache-2.0
#pragma once

// From a display channel to the event queue: has video frames decoded, passes everything on in the
// order in which it came, holds reading back while the main thread or the decoders are behind.

#include <deque>
#include <map>
#include <memory>

#include "base/problem_log.h"
#include "channels/display/display_client.h"
#include "client/session/event_queue.h"
#include "client/session/statistics.h"
#include "client/session/strand_pool.h"
#include "client/session/video_stream.h"

namespace cassia::client {

/// Network thread only.
class DisplayFeed final : public channels::DisplayClientEvents {
 public:
  /// Runs a call on the network thread; may be called from any.
  using Post = std::function<void(std::function<void()>)>;

  /// What it works with, all of which must outlive it.
  struct Tools {
    EventQueue& queue;
    const Clock& clock;
    const channels::MediaClock& media_clock;
    /// Where video is decoded; null: on the network thread, as it comes.
    StrandPool* video_pool = nullptr;
    bool video_planes = false;  ///< see SessionOptions
  };
  /// Of frames, as they came and as pixels, that may wait to be decoded or for frames before them.
  static constexpr std::size_t video_ahead_bytes = std::size_t{64} << 20;

  DisplayFeed(std::uint8_t display, Tools tools, Post post)
      : display_(display),
        tools_(tools),
        post_(std::move(post)),
        problems_("display", tools.clock) {}

  /// The channel whose events these are; the feed pauses and restarts its reading.
  void set_channel(channels::DisplayClient* channel) { channel_ = channel; }
  /// The session has let go of this connection: what still comes is not passed on.
  void silence() { silent_ = true; }
  /// The main thread has caught up.
  void resume();

  std::chrono::nanoseconds decode_time() const;
  VideoStatistics video_statistics() const { return video_; }
  /// Frames of `stream` that were in time when they came and too late to be decoded, since the last
  /// call: for the server's reports.
  std::uint32_t take_late_drops(std::uint32_t stream);
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
  struct Stream {
    channels::StreamInfo info;
    std::shared_ptr<VideoStream> video;
    std::shared_ptr<StrandPool::Strand> strand;
    std::uint32_t late_drops = 0;
  };
  /// What waits for a frame before it, or is a frame that is being decoded.
  struct Held {
    VideoFramePtr frame;  ///< null: `change`
    DisplayChange change;
    std::size_t cost = 0;
  };

  void push(DisplayChange change, std::size_t cost = 0);
  void enqueue(DisplayChange change, std::size_t cost);
  void decode_elsewhere(const Stream& stream, const VideoFramePtr& frame);
  void commit();
  void pass_frame(const VideoFrame& frame);
  void forget(std::map<std::uint32_t, Stream>::iterator stream);
  void forget_all();
  void pause_if_behind();
  void stream_failed(const char* message, std::uint32_t stream, const Error& why);

  const std::uint8_t display_;
  const Tools tools_;
  const Post post_;
  ProblemLog problems_;
  channels::DisplayClient* channel_ = nullptr;
  bool silent_ = false;
  bool queue_full_ = false;  ///< the main thread is behind
  bool decode_behind_ = false;
  bool video_behind_ = false;
  bool paused_ = false;
  std::map<std::uint32_t, Stream> streams_;
  std::deque<Held> held_;
  std::size_t held_bytes_ = 0;
  std::chrono::nanoseconds past_decode_time_{};  ///< of streams that are gone
  VideoStatistics video_;
  std::optional<Error> end_;
  bool scanning_out_ = false;
  /// Gone with this: an answer of another thread may come later.
  const std::shared_ptr<DisplayFeed*> self_ = std::make_shared<DisplayFeed*>(this);
};

}  // namespace cassia::client
