// SPDX-License-Identifier: Apache-2.0
#include "render/codec/decode_pool.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "render/codec/decode_queue.h"

namespace cassia::codec {
namespace {

class Lane final : public DecodeLane {
 public:
  Lane(std::shared_ptr<DecodeQueue> queue, DecodePool::Post post) : queue_(std::move(queue)) {
    state_->post = std::move(post);
    queue_->add_lane(state_);
  }
  ~Lane() override {
    state_->on_ready = {};
    queue_->close_lane(state_);
  }

  void set_glz_window(std::shared_ptr<GlzWindow> window) override {
    queue_->set_window(*state_, std::move(window));
  }
  void set_on_ready(std::function<void()> ready) override { state_->on_ready = std::move(ready); }

  PendingImagePtr decode(const raster::EncodedImage& image, const ImageUse& use) override {
    raster::EncodedImage own = image;
    own.data = queue_->copy(image.data.view());
    auto job = std::make_shared<DecodeJob>(std::move(own), use, queue_, state_);
    queue_->submit(job);
    return job;
  }

  void finish() override { queue_->finish_lane(*state_); }
  std::chrono::nanoseconds decode_time() const override {
    return std::chrono::nanoseconds(state_->decode_ns);
  }

 private:
  const std::shared_ptr<DecodeQueue> queue_;
  const LanePtr state_ = std::make_shared<LaneState>();
};

class Pool final : public DecodePool {
 public:
  explicit Pool(std::size_t ahead_bytes) : queue_(std::make_shared<DecodeQueue>(ahead_bytes)) {}
  ~Pool() override { end(); }

  Result<void> start(unsigned threads) {
    try {
      for (unsigned i = 0; i < threads; ++i) {
        threads_.emplace_back([queue = queue_.get()] { queue->work(); });
      }
    } catch (const std::system_error& error) {
      return fail(ErrorKind::no_space, "cannot start {} decoding threads: {}", threads,
                  error.what());
    }
    return {};
  }

  std::unique_ptr<DecodeLane> lane(Post post) override {
    return std::make_unique<Lane>(queue_, std::move(post));
  }
  void stop() override { end(); }

 private:
  void end() {
    queue_->stop();
    for (std::thread& thread : std::exchange(threads_, {})) thread.join();
    queue_->drain();
  }

  const std::shared_ptr<DecodeQueue> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<DecodePool>> DecodePool::create(unsigned threads, std::size_t ahead_bytes) {
  if (threads == 0 || threads > most_threads) {
    return fail(ErrorKind::invalid_argument, "{} decoding threads: 1 to {} are possible", threads,
                most_threads);
  }
  auto pool = std::make_unique<Pool>(ahead_bytes);
  CASSIA_TRY(pool->start(threads));
  return pool;
}

unsigned DecodePool::processors() {
  return std::clamp(std::thread::hardware_concurrency(), 1u, most_threads);
}

}  // namespace cassia::codec
