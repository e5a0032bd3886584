// SPDX-License-Identifier: Apache-2.0
#pragma once

// One video stream of a display: which of its frames are decoded, and what has become of them.

#include <atomic>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "client/session/stream_decoder.h"

namespace cassia::client {

/// One frame under way. Filled in by the network thread, then decoded on one thread, then read by
/// the network thread once it is done().
class VideoFrame {
 public:
  enum class Outcome : std::uint8_t {
    dropped,  ///< never came to be decoded: the session ends
    shown,
    hidden,  ///< decoded, but the codec gave no picture out for it
    late,    ///< left out
    failed,
  };

  channels::StreamFrame frame;  ///< its data is in `data`
  SharedBytes data;
  /// When it is too late to show it; nothing where that is known from its coming (frame.late).
  std::optional<TimePoint> due;

  Outcome outcome = Outcome::dropped;
  raster::BitmapPtr picture;
  raster::VideoPlanesPtr planes;  ///< instead of it
  std::optional<Error> error;

  /// What turned it true has happened before what comes after the call.
  bool done() const { return done_.load(std::memory_order_acquire); }
  void wait() const { done_.wait(false, std::memory_order_acquire); }
  void set_done() {
    done_.store(true, std::memory_order_release);
    done_.notify_all();
  }

 private:
  std::atomic<bool> done_ = false;
};
using VideoFramePtr = std::shared_ptr<VideoFrame>;

/// decode() of one thread at a time; made, and asked for times, on the network thread.
class VideoStream {
 public:
  /// Of late frames in a row this one is shown all the same: a picture that stands still for good
  /// is worse than one that is late.
  static constexpr std::uint32_t shown_of_late = 8;

  VideoStream(std::unique_ptr<StreamDecoder> decoder, const Clock& clock)
      : decoder_(std::move(decoder)), clock_(clock) {}

  /// Sets the outcome, and what goes with it.
  void decode(VideoFrame& frame);

  std::chrono::nanoseconds decode_time() const {
    return std::chrono::nanoseconds(decode_ns_.load(std::memory_order_relaxed));
  }

 private:
  const std::unique_ptr<StreamDecoder> decoder_;
  const Clock& clock_;
  std::uint32_t late_in_a_row_ = 0;
  std::atomic<std::int64_t> decode_ns_ = 0;
};

}  // namespace cassia::client
