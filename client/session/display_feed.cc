// SPDX-License-Identifier: Apache-2.0
#include "client/session/display_feed.h"

namespace cassia::client {
namespace {
/// Of late frames in a row this one is shown all the same: a picture that stands still for good is
/// worse than one that is late.
constexpr std::uint32_t shown_of_late = 8;
}  // namespace

void DisplayFeed::push(DisplayChange change, std::size_t cost) {
  if (silent_) return;
  const bool room = queue_.push(DisplayEvent{display_, std::move(change)}, cost);
  if (room) return;
  queue_full_ = true;
  pause_if_behind();
}

void DisplayFeed::resume() {
  queue_full_ = false;
  pause_if_behind();
}

void DisplayFeed::display_backlog(bool behind) {
  decode_behind_ = behind;
  pause_if_behind();
}

void DisplayFeed::pause_if_behind() {
  const bool behind = queue_full_ || decode_behind_;
  if (behind == paused_ || silent_ || channel_ == nullptr || channel_->link() == nullptr) return;
  paused_ = behind;
  channel_->link()->pause_reading(behind);
}

void DisplayFeed::display_surface_create(const channels::SurfaceInfo& surface) {
  push(SurfaceCreated{surface});
}
void DisplayFeed::display_surface_destroy(raster::SurfaceId id) { push(SurfaceDestroyed{id}); }
void DisplayFeed::display_mark() { push(DisplayMarked{}); }
void DisplayFeed::display_reset() {
  decoders_.clear();
  push(DisplayReset{});
}
void DisplayFeed::display_draw(raster::DrawOpPtr op) {
  const std::size_t cost = cost_of(*op);
  push(Drawn{std::move(op)}, cost);
}
void DisplayFeed::display_monitors(const channels::MonitorsConfig& config) {
  push(MonitorsSet{config});
}

void DisplayFeed::stream_failed(const char* message, std::uint32_t stream, const Error& why) {
  display_problem(
      fmt::format("display {} {}: stream {}: {}", display_, message, stream, why.message()));
}

void DisplayFeed::display_stream_create(const channels::StreamInfo& stream) {
  auto decoder = StreamDecoder::create(stream);
  if (!decoder) {
    return stream_failed("stream_create", stream.id, decoder.error());
  }
  decoders_[stream.id] = std::move(*decoder);
  push(StreamCreated{stream});
}

void DisplayFeed::display_stream_frame(const channels::StreamFrame& frame) {
  const auto found = decoders_.find(frame.id);
  if (found == decoders_.end()) return;
  const bool skipped = frame.late && ++late_[frame.id] % shown_of_late != 0;
  if (!frame.late) late_[frame.id] = 0;
  if (skipped && !found->second->needs_every_frame()) return;
  const auto before = thread_cpu_time();
  auto picture = found->second->decode(frame);
  decode_time_ += thread_cpu_time() - before;
  if (!picture) {
    return stream_failed("stream_data", frame.id, picture.error());
  }
  if (picture->empty() || skipped) return;  // a video codec that has not given the picture out yet
  const std::size_t cost = picture->byte_size();
  push(StreamPicture{frame.id, frame.dest, std::make_shared<raster::Bitmap>(std::move(*picture))},
       cost);
}

void DisplayFeed::display_stream_clip(std::uint32_t id, const raster::Clip& clip) {
  push(StreamClipped{id, clip});
}
void DisplayFeed::display_stream_destroy(std::uint32_t id) {
  decoders_.erase(id);
  late_.erase(id);
  push(StreamDestroyed{id});
}
void DisplayFeed::display_stream_destroy_all() {
  decoders_.clear();
  push(StreamsDestroyed{});
}
void DisplayFeed::display_gl_scanout(const channels::GlScanout& scanout) {
  ScanoutSet set;
  if (scanout.memory) {
    if (auto picture = ScanoutPicture::open(scanout)) {
      set.picture = std::move(*picture);
    } else {
      display_problem(
          fmt::format("display {} gl_scanout_unix: {}", display_, picture.error().message()));
    }
  }
  scanning_out_ = set.picture != nullptr;
  push(std::move(set));
}

void DisplayFeed::display_gl_draw(const raster::Rect& area) {
  if (!scanning_out_) return channel_->send_gl_draw_done();
  const std::weak_ptr<DisplayFeed*> self = self_;
  push(ScanoutDrawn{area, [self, post = post_] {
                      post([self] {
                        if (const auto feed = self.lock()) (*feed)->channel_->send_gl_draw_done();
                      });
                    }});
}

void DisplayFeed::display_problem(const std::string& text) {
  if (!silent_) problems_.report(text);
}
void DisplayFeed::display_closed(const Error& why) { end_ = why; }

}  // namespace cassia::client
