// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which image the next free thread of a DecodePool decodes. Internal to it.

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "render/codec/buffer_pool.h"
#include "render/codec/decode_lane.h"

namespace cassia::codec {

class DecodeQueue;
struct LaneState;

/// An image of a lane and what comes of it.
class DecodeJob final : public PendingImage {
 public:
  DecodeJob(raster::EncodedImage image, const ImageUse& use, std::shared_ptr<DecodeQueue> queue,
            std::shared_ptr<LaneState> lane)
      : PendingImage(std::move(image)),
        use_(use),
        queue_(std::move(queue)),
        lane_(std::move(lane)) {}
  ~DecodeJob() override { release(); }
  void release() override;

  LaneState& lane() const { return *lane_; }
  bool is_glz() const { return !image().stands_alone(); }
  Result<raster::BitmapPtr> attempt(DecodeContext& context) const {
    context.rgb555_palettes = use_.rgb555_palettes;
    return run(context, use_.as_mask);
  }
  void finish(Result<raster::BitmapPtr> result) { set_result(std::move(result)); }

  // Guarded by the queue's lock.
  std::uint64_t number = 0;  ///< its place in the lane's order
  bool counted = false;      ///< in LaneState::ahead
  bool released = false;
  bool last_attempt = false;

 private:
  const ImageUse use_;
  const std::shared_ptr<DecodeQueue> queue_;
  const std::shared_ptr<LaneState> lane_;
};
using DecodeJobPtr = std::shared_ptr<DecodeJob>;

struct LaneState : std::enable_shared_from_this<LaneState> {
  // Of the lane's thread; the window is there before the first image.
  std::function<void(std::function<void()>)> post;
  std::function<void()> on_ready;
  std::shared_ptr<GlzWindow> window;

  std::atomic<bool> posted = false;
  std::atomic<std::int64_t> decode_ns = 0;

  // Guarded by the queue's lock.
  bool closed = false;
  bool finishing = false;
  std::uint64_t next_number = 0;
  std::size_t unfinished = 0;
  std::set<std::uint64_t> unreleased;
  std::size_t ahead = 0;  ///< bytes of pixels that are decoded, or being decoded, and not released
  bool glz_busy = false;  ///< one of its GLZ images runs, is about to, or is parked
  std::deque<DecodeJobPtr> glz_waiting;  ///< those after it
  DecodeJobPtr parked;                   ///< waits for image `missing` of another lane
  std::uint64_t missing = 0;
  std::uint64_t glz_reached = 0;  ///< lower ones have come: a server's numbers grow
};
using LanePtr = std::shared_ptr<LaneState>;

/// Safe to use from several threads.
class DecodeQueue : public std::enable_shared_from_this<DecodeQueue> {
 public:
  explicit DecodeQueue(std::size_t ahead_bytes)
      : ahead_bytes_(ahead_bytes),
        buffers_(BufferPool::create(std::min(ahead_bytes, kept_bytes))),
        payloads_(BufferPool::create(std::min(ahead_bytes, kept_bytes))) {}

  void add_lane(const LanePtr& lane);
  void set_window(LaneState& lane, std::shared_ptr<GlzWindow> window);
  void close_lane(const LanePtr& lane);
  /// Decodes small images, and all after stop(), before it returns.
  void submit(const DecodeJobPtr& job);
  /// Until every image of the lane is ready.
  void finish_lane(LaneState& lane);
  void release(DecodeJob& job);

  /// Of the bytes that wait to be decoded.
  SharedBytes copy(ByteView bytes) { return payloads_->copy(bytes); }

  /// What a thread of the pool does.
  void work();
  /// Makes work() return; join the threads, then call drain().
  void stop();
  void drain();

 private:
  using Lock = std::unique_lock<std::mutex>;

  DecodeJobPtr take_runnable();
  void count(DecodeJob& job);
  bool has_room(const DecodeJob& job) const;
  bool runs_at_once(const DecodeJob& job) const;
  bool execute(const DecodeJobPtr& job, DecodeJobPtr* next);
  bool park(const DecodeJobPtr& job, const DecodeContext& context);
  void wait_for(const DecodeJobPtr& job, std::uint64_t glz_image, std::uint64_t missing);
  void unpark(const DecodeJobPtr& job, std::uint64_t glz_image);
  void complete(const DecodeJobPtr& job, Result<raster::BitmapPtr> result,
                std::optional<std::uint64_t> glz_image, DecodeJobPtr* next);
  void begin_next_glz(LaneState& lane, DecodeJobPtr* next);
  void call_owner(LaneState& lane);
  void run_parked(LaneState& lane);
  bool hopeless(const LaneState& lane, std::uint64_t missing) const;
  std::vector<std::uint64_t> hopeless_images(const GlzWindow* window) const;

  /// Of pictures that are gone: four of a screen.
  static constexpr std::size_t kept_bytes = std::size_t{32} << 20;

  const std::size_t ahead_bytes_;
  const std::shared_ptr<BufferPool> buffers_;
  const std::shared_ptr<BufferPool> payloads_;
  std::mutex mutex_;
  std::condition_variable runnable_changed_;
  std::condition_variable finished_;
  bool stopping_ = false;
  bool drained_ = false;
  std::deque<DecodeJobPtr> runnable_;
  std::vector<LanePtr> lanes_;
};

}  // namespace cassia::codec
