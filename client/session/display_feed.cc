// SPDX-License-Identifier: Apache-2.0
#include "client/session/display_feed.h"

#include <algorithm>
#include <utility>

namespace cassia::client {

using Outcome = VideoFrame::Outcome;

/// In its place: behind frames that are being decoded.
void DisplayFeed::push(DisplayChange change, std::size_t cost) {
  if (held_.empty()) return enqueue(std::move(change), cost);
  held_bytes_ += cost;
  held_.push_back({nullptr, std::move(change), cost});
  pause_if_behind();
}

void DisplayFeed::enqueue(DisplayChange change, std::size_t cost) {
  if (silent_) return;
  const bool room = tools_.queue.push(DisplayEvent{display_, std::move(change)}, cost);
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
  if (held_bytes_ > video_ahead_bytes) video_behind_ = true;
  if (held_bytes_ <= video_ahead_bytes / 2) video_behind_ = false;
  const bool behind = queue_full_ || decode_behind_ || video_behind_;
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
  forget_all();
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
  auto decoder = StreamDecoder::create(stream, tools_.video_planes);
  if (!decoder) {
    return stream_failed("stream_create", stream.id, decoder.error());
  }
  if (const auto old = streams_.find(stream.id); old != streams_.end()) forget(old);
  Stream& made = streams_[stream.id];
  made.info = stream;
  made.video = std::make_shared<VideoStream>(std::move(*decoder), tools_.clock);
  if (tools_.video_pool != nullptr) made.strand = StrandPool::make_strand();
  push(StreamCreated{stream});
}

void DisplayFeed::display_stream_frame(const channels::StreamFrame& frame) {
  const auto found = streams_.find(frame.id);
  if (found == streams_.end()) return;
  ++video_.frames;
  auto waiting = std::make_shared<VideoFrame>();
  waiting->frame = frame;
  if (found->second.strand) return decode_elsewhere(found->second, waiting);
  waiting->data = SharedBytes(nullptr, frame.data);  // for as long as this call
  found->second.video->decode(*waiting);
  pass_frame(*waiting);
}

void DisplayFeed::decode_elsewhere(const Stream& stream, const VideoFramePtr& frame) {
  frame->data = SharedBytes(to_bytes(frame->frame.data));
  frame->frame.data = {};
  const TimePoint now = tools_.clock.now();
  const auto time = tools_.media_clock.at(now);
  if (time && frame->frame.multi_media_time != 0 && !frame->frame.late) {
    const auto left = static_cast<std::int32_t>(frame->frame.multi_media_time - *time);
    frame->due = now + std::chrono::milliseconds(std::max(left, 0));
  }
  const auto pixels = static_cast<std::size_t>(frame->frame.size.width) *
                      static_cast<std::size_t>(frame->frame.size.height);
  const std::size_t cost = frame->data.size() + pixels * sizeof(std::uint32_t);
  held_bytes_ += cost;
  held_.push_back({frame, {}, cost});
  // Run or not, the frame is done once nobody holds this.
  const std::weak_ptr<DisplayFeed*> self = self_;
  const std::shared_ptr<void> end(nullptr, [frame, self, post = post_](void*) {
    frame->set_done();
    post([self] {
      if (const auto feed = self.lock()) (*feed)->commit();
    });
  });
  tools_.video_pool->run(stream.strand,
                         [video = stream.video, frame, end] { video->decode(*frame); });
  pause_if_behind();
}

/// Passes on what no longer waits.
void DisplayFeed::commit() {
  while (!held_.empty() && (!held_.front().frame || held_.front().frame->done())) {
    Held next = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= next.cost;
    if (next.frame) {
      pass_frame(*next.frame);
    } else {
      enqueue(std::move(next.change), next.cost);
    }
  }
  pause_if_behind();
}

void DisplayFeed::pass_frame(const VideoFrame& frame) {
  switch (frame.outcome) {
    case Outcome::shown:
      ++video_.shown;
      enqueue(StreamPicture{frame.frame.id, frame.frame.dest, frame.picture, frame.planes},
              frame.planes ? raster::byte_size(*frame.planes) : frame.picture->byte_size());
      return;
    case Outcome::late: {
      ++video_.late;
      const auto stream = streams_.find(frame.frame.id);
      if (!frame.frame.late && stream != streams_.end()) ++stream->second.late_drops;
      return;
    }
    case Outcome::failed:
      ++video_.failed;
      return stream_failed("stream_data", frame.frame.id, *frame.error);
    default:
      return;
  }
}

std::uint32_t DisplayFeed::take_late_drops(std::uint32_t stream) {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? 0 : std::exchange(found->second.late_drops, 0);
}

std::chrono::nanoseconds DisplayFeed::decode_time() const {
  std::chrono::nanoseconds sum = past_decode_time_;
  for (const auto& [id, stream] : streams_) sum += stream.video->decode_time();
  return sum;
}

void DisplayFeed::forget(std::map<std::uint32_t, Stream>::iterator stream) {
  past_decode_time_ += stream->second.video->decode_time();
  streams_.erase(stream);
}

void DisplayFeed::forget_all() {
  while (!streams_.empty()) forget(streams_.begin());
}

void DisplayFeed::display_stream_clip(std::uint32_t id, const raster::Clip& clip) {
  push(StreamClipped{id, clip});
}
void DisplayFeed::display_stream_destroy(std::uint32_t id) {
  if (const auto found = streams_.find(id); found != streams_.end()) forget(found);
  push(StreamDestroyed{id});
}
void DisplayFeed::display_stream_destroy_all() {
  forget_all();
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

/// What the server has sent is shown, though it has gone.
void DisplayFeed::display_closed(const Error& why) {
  for (const Held& held : held_) {
    if (held.frame) held.frame->wait();
  }
  commit();
  end_ = why;
}

}  // namespace cassia::client
