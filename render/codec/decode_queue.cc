// SPDX-License-Identifier: Apache-2.0
#include "render/codec/decode_queue.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "render/codec/decode_pool.h"

// The last holder of a job must not let go of it with the lock held: ~DecodeJob takes it.

namespace cassia::codec {
namespace {

/// No draw of SPICE has more images than this, so what the lane's order waits for is among the
/// oldest so many.
constexpr std::ptrdiff_t images_of_a_draw = 3;

}  // namespace

void DecodeJob::release() { queue_->release(*this); }

void DecodeQueue::add_lane(const LanePtr& lane) {
  const Lock lock(mutex_);
  lanes_.push_back(lane);
}

void DecodeQueue::set_window(LaneState& lane, std::shared_ptr<GlzWindow> window) {
  const Lock lock(mutex_);
  lane.window = std::move(window);
}

void DecodeQueue::close_lane(const LanePtr& lane) {
  std::deque<DecodeJobPtr> dropped;
  std::vector<std::uint64_t> lost;
  {
    const Lock lock(mutex_);
    lane->closed = true;
    dropped = std::exchange(lane->glz_waiting, {});
    if (lane->parked) dropped.push_back(std::exchange(lane->parked, {}));
    std::erase_if(runnable_, [&](DecodeJobPtr& job) {
      if (&job->lane() != lane.get()) return false;
      dropped.push_back(std::move(job));
      return true;
    });
    std::erase(lanes_, lane);
    lost = hopeless_images(lane->window.get());
  }
  for (const std::uint64_t image : lost) lane->window->lost(image);
}

void DecodeQueue::submit(const DecodeJobPtr& job) {
  LaneState& lane = job->lane();
  {
    const Lock lock(mutex_);
    if (!drained_) {
      job->number = lane.next_number++;
      lane.unreleased.insert(job->number);
      ++lane.unfinished;
    }
    if (!runs_at_once(*job)) {
      if (job->is_glz() && std::exchange(lane.glz_busy, true)) {
        lane.glz_waiting.push_back(job);
      } else {
        runnable_.push_back(job);
        runnable_changed_.notify_one();
      }
      return;
    }
    if (job->is_glz()) lane.glz_busy = true;
  }
  execute(job, nullptr);
}

bool DecodeQueue::runs_at_once(const DecodeJob& job) const {
  if (stopping_) return drained_;
  return job.pixel_bytes() < DecodePool::least_pixels * 4 && !(job.is_glz() && job.lane().glz_busy);
}

void DecodeQueue::work() {
  Lock lock(mutex_);
  for (;;) {
    DecodeJobPtr job;
    runnable_changed_.wait(lock, [&] { return stopping_ || (job = take_runnable()) != nullptr; });
    if (job == nullptr) return;
    if (!runnable_.empty()) runnable_changed_.notify_one();
    lock.unlock();
    while (job != nullptr) {
      DecodeJobPtr next;
      if (execute(job, &next)) call_owner(job->lane());
      job = std::move(next);
    }
    lock.lock();
    if (stopping_) return;
  }
}

/// The oldest that its lane has room for. Those that the lane's order waits for always have room:
/// nothing is released before them. With the lock held.
DecodeJobPtr DecodeQueue::take_runnable() {
  const auto found = std::find_if(runnable_.begin(), runnable_.end(),
                                  [this](const auto& job) { return has_room(*job); });
  if (found == runnable_.end()) return nullptr;
  DecodeJobPtr job = std::move(*found);
  runnable_.erase(found);
  count(*job);
  return job;
}

/// With the lock held.
void DecodeQueue::count(DecodeJob& job) {
  if (!std::exchange(job.counted, true)) job.lane().ahead += job.pixel_bytes();
}

bool DecodeQueue::has_room(const DecodeJob& job) const {
  const LaneState& lane = job.lane();
  if (lane.finishing || lane.ahead + job.pixel_bytes() <= ahead_bytes_) return true;
  auto oldest = lane.unreleased.begin();
  for (std::ptrdiff_t i = 0; i < images_of_a_draw && oldest != lane.unreleased.end(); ++i) {
    if (*oldest++ == job.number) return true;
  }
  return false;
}

void DecodeQueue::release(DecodeJob& job) {
  const Lock lock(mutex_);
  if (std::exchange(job.released, true)) return;
  LaneState& lane = job.lane();
  lane.unreleased.erase(job.number);
  if (std::exchange(job.counted, false)) lane.ahead -= job.pixel_bytes();
  if (!runnable_.empty()) runnable_changed_.notify_all();
}

/// True if the image is ready now. `next`: see begin_next_glz().
bool DecodeQueue::execute(const DecodeJobPtr& job, DecodeJobPtr* next) {
  DecodeContext context{.glz_window = job->lane().window.get(), .buffers = buffers_.get()};
  const auto before = thread_cpu_time();
  auto result = job->attempt(context);
  job->lane().decode_ns += (thread_cpu_time() - before).count();
  const bool waits = !result && result.error().kind() == ErrorKind::busy && context.glz_image;
  if (waits && park(job, context)) return false;
  if (!result && context.glz_image) context.glz_window->lost(*context.glz_image);
  complete(job, std::move(result), context.glz_image, next);
  return true;
}

/// False if what `job` lacks cannot come: this attempt was its last.
bool DecodeQueue::park(const DecodeJobPtr& job, const DecodeContext& context) {
  LaneState& lane = job->lane();
  const std::uint64_t missing = context.missing_glz_image;
  std::vector<std::uint64_t> lost;
  {
    const Lock lock(mutex_);
    if (job->last_attempt || lane.finishing || lane.closed || stopping_) return false;
    // It may have come since the attempt.
    if (hopeless(lane, missing) && lane.window->find(missing) == nullptr) return false;
    lane.parked = job;
    lane.missing = missing;
    lane.glz_reached = std::max(lane.glz_reached, *context.glz_image);
    lost = hopeless_images(lane.window.get());
  }
  for (const std::uint64_t image : lost) lane.window->lost(image);
  wait_for(job, *context.glz_image, missing);
  return true;
}

void DecodeQueue::wait_for(const DecodeJobPtr& job, std::uint64_t glz_image,
                           std::uint64_t missing) {
  const std::weak_ptr<DecodeJob> weak = job;
  job->lane().window->when_present(missing, [weak, glz_image, self = weak_from_this()] {
    const auto queue = self.lock();
    const auto waiting = weak.lock();
    if (queue && waiting) queue->unpark(waiting, glz_image);
  });
}

// The second attempt is the last, so it comes when every image before this one is there: an image
// that lacks many others, one after the other, is not begun once for each.
void DecodeQueue::unpark(const DecodeJobPtr& job, std::uint64_t glz_image) {
  LaneState& lane = job->lane();
  std::optional<std::uint64_t> missing;
  for (bool lost = true; lost;) {
    const auto before = missing;
    {
      const Lock lock(mutex_);
      if (lane.parked != job) return;
      missing = lane.window->first_missing();
      // The window does not remember any number of lost images: then it stays at one.
      if (*missing >= glz_image || missing == before) return run_parked(lane);
      lane.missing = *missing;
      lost = hopeless(lane, *missing);
    }
    if (lost) lane.window->lost(*missing);
  }
  wait_for(job, glz_image, *missing);
}

/// With the lock held.
void DecodeQueue::run_parked(LaneState& lane) {
  lane.parked->last_attempt = true;
  runnable_.push_front(std::exchange(lane.parked, {}));
  runnable_changed_.notify_all();
}

/// True if image `missing` cannot come any more, since every other lane is past it. With the lock
/// held.
bool DecodeQueue::hopeless(const LaneState& lane, std::uint64_t missing) const {
  return std::none_of(lanes_.begin(), lanes_.end(), [&](const LanePtr& other) {
    return other.get() != &lane && other->window == lane.window && other->glz_reached <= missing;
  });
}

/// What others wait for and cannot come; to be called lost without the lock. With it held.
std::vector<std::uint64_t> DecodeQueue::hopeless_images(const GlzWindow* window) const {
  std::vector<std::uint64_t> images;
  for (const LanePtr& lane : lanes_) {
    if (lane->parked && lane->window.get() == window && hopeless(*lane, lane->missing)) {
      images.push_back(lane->missing);
    }
  }
  return images;
}

void DecodeQueue::complete(const DecodeJobPtr& job, Result<raster::BitmapPtr> result,
                           std::optional<std::uint64_t> glz_image, DecodeJobPtr* next) {
  LaneState& lane = job->lane();
  job->finish(std::move(result));
  std::vector<std::uint64_t> lost;
  {
    const Lock lock(mutex_);
    if (!drained_) --lane.unfinished;
    if (job->is_glz()) {
      if (glz_image) lane.glz_reached = std::max(lane.glz_reached, *glz_image + 1);
      begin_next_glz(lane, next);
      lost = hopeless_images(lane.window.get());
    }
    if (!runnable_.empty()) runnable_changed_.notify_one();
    if (lane.finishing) finished_.notify_all();
  }
  for (const std::uint64_t image : lost) lane.window->lost(image);
}

/// The lane's next GLZ image goes to the thread that has decoded the last one, if it asks with
/// `next`: what the image refers to is in that processor's cache. With the lock held.
void DecodeQueue::begin_next_glz(LaneState& lane, DecodeJobPtr* next) {
  lane.glz_busy = !lane.glz_waiting.empty();
  if (!lane.glz_busy || stopping_) return;
  DecodeJobPtr job = std::move(lane.glz_waiting.front());
  lane.glz_waiting.pop_front();
  if (next != nullptr && has_room(*job)) {
    count(*job);
    *next = std::move(job);
  } else {
    runnable_.push_front(std::move(job));
  }
}

void DecodeQueue::call_owner(LaneState& lane) {
  {
    const Lock lock(mutex_);
    if (lane.closed) return;
  }
  if (lane.posted.exchange(true)) return;
  lane.post([weak = lane.weak_from_this()] {
    const LanePtr lane = weak.lock();
    if (!lane) return;
    lane->posted = false;
    if (lane->on_ready) lane->on_ready();
  });
}

void DecodeQueue::finish_lane(LaneState& lane) {
  Lock lock(mutex_);
  lane.finishing = true;
  if (lane.parked) run_parked(lane);
  runnable_changed_.notify_all();
  finished_.wait(lock, [&] { return lane.unfinished == 0; });
}

void DecodeQueue::stop() {
  const Lock lock(mutex_);
  stopping_ = true;
  runnable_changed_.notify_all();
}

void DecodeQueue::drain() {
  std::deque<DecodeJobPtr> left;
  const Lock lock(mutex_);
  drained_ = true;
  left = std::exchange(runnable_, {});
  for (const LanePtr& lane : lanes_) {
    if (lane->parked) left.push_back(std::exchange(lane->parked, {}));
    for (DecodeJobPtr& job : lane->glz_waiting) left.push_back(std::move(job));
    lane->glz_waiting.clear();
    lane->glz_busy = false;
    lane->unfinished = 0;
  }
  for (const DecodeJobPtr& job : left) {
    job->finish(fail(ErrorKind::canceled, "the decoding threads have ended"));
  }
  finished_.notify_all();
}

}  // namespace cassia::codec
