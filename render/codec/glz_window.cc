// SPDX-License-Identifier: Apache-2.0
#include "render/codec/glz_window.h"

#include <algorithm>
#include <utility>

namespace cassia::codec {
namespace {

/// Two screens full, or four of small ones.
constexpr std::size_t most_kept_bytes = std::size_t{32} << 20;
/// A server whose images do not decode is broken; what it says is not remembered without end.
constexpr std::size_t most_lost = 1024;

}  // namespace

GlzWindow::GlzWindow(std::size_t max_pixels)
    : max_pixels_(max_pixels),
      buffers_(BufferPool::create(std::min(max_pixels * 4, most_kept_bytes))) {}

GlzImagePtr GlzWindow::find(std::uint64_t id) const {
  std::lock_guard lock(mutex_);
  auto it = images_.find(id);
  return it == images_.end() ? nullptr : it->second;
}

GlzImagePtr GlzWindow::wait(std::uint64_t id) {
  std::unique_lock lock(mutex_);
  const std::uint64_t generation = generation_;
  for (;;) {
    if (generation != generation_ || id < released_ || lost_.contains(id)) return nullptr;
    auto it = images_.find(id);
    if (it != images_.end()) return it->second;
    changed_.wait(lock);
  }
}

void GlzWindow::when_present(std::uint64_t id, std::function<void()> ready) {
  {
    std::lock_guard lock(mutex_);
    if (!settled(id)) {
      waiters_.push_back({id, std::move(ready)});
      return;
    }
  }
  ready();
}

Result<void> GlzWindow::add(GlzImage image) {
  std::vector<std::function<void()>> ready;
  {
    std::lock_guard lock(mutex_);
    if (!started_) {
      started_ = true;
      next_ = image.oldest;
    }
    // The image that all wait for lets others go, and so has room of its own.
    const bool awaited =
        image.id == next_ && !images_.empty() && images_.rbegin()->first > image.id;
    const std::size_t limit = (awaited ? 3 : 2) * max_pixels_;
    if (pixels_ + image.pixel_count > limit) {
      return fail(next_ < image.id ? ErrorKind::busy : ErrorKind::malformed,
                  "the GLZ window holds {} pixels, image {} of {} pixels does not fit", pixels_,
                  image.id, image.pixel_count);
    }
    if (images_.contains(image.id)) {
      return fail(ErrorKind::malformed, "GLZ image {} came twice", image.id);
    }
    const std::uint64_t id = image.id;
    pixels_ += image.pixel_count;
    images_.emplace(id, std::make_shared<const GlzImage>(std::move(image)));
    release_old();
    ready = take_ready_waiters();
  }
  changed_.notify_all();
  for (auto& call : ready) call();
  return {};
}

// An image says how far back the sender's window reached when it was encoded. That is binding only
// once every image before it has come: one still under way may refer to something older.
void GlzWindow::release_old() {
  std::uint64_t oldest = released_;
  for (auto it = images_.lower_bound(next_);; ++next_) {
    if (it != images_.end() && it->first == next_) {
      oldest = std::max(oldest, it->second->oldest);
      ++it;
    } else if (!lost_.contains(next_)) {
      break;
    }
  }
  released_ = oldest;
  lost_.erase(lost_.begin(), lost_.lower_bound(released_));
  while (!images_.empty() && images_.begin()->first < released_) {
    pixels_ -= images_.begin()->second->pixel_count;
    images_.erase(images_.begin());
  }
}

/// It is there, or never will be.
bool GlzWindow::settled(std::uint64_t id) const {
  return id < released_ || images_.contains(id) || lost_.contains(id);
}

void GlzWindow::lost(std::uint64_t id) {
  std::vector<std::function<void()>> ready;
  {
    std::lock_guard lock(mutex_);
    if (settled(id) || lost_.size() >= most_lost) return;
    lost_.insert(id);
    release_old();
    ready = take_ready_waiters();
  }
  changed_.notify_all();
  for (auto& call : ready) call();
}

std::vector<std::function<void()>> GlzWindow::take_ready_waiters() {
  std::vector<std::function<void()>> ready;
  std::erase_if(waiters_, [&](Waiter& waiter) {
    if (!settled(waiter.id)) return false;
    ready.push_back(std::move(waiter.ready));
    return true;
  });
  return ready;
}

void GlzWindow::clear() {
  std::vector<Waiter> waiters;
  {
    std::lock_guard lock(mutex_);
    images_.clear();
    lost_.clear();
    waiters = std::exchange(waiters_, {});
    pixels_ = 0;
    next_ = released_ = 0;
    started_ = false;
    ++generation_;
  }
  changed_.notify_all();
  for (auto& waiter : waiters) waiter.ready();
}

std::uint64_t GlzWindow::first_missing() const {
  std::lock_guard lock(mutex_);
  return next_;
}

std::size_t GlzWindow::image_count() const {
  std::lock_guard lock(mutex_);
  return images_.size();
}

std::size_t GlzWindow::pixel_count() const {
  std::lock_guard lock(mutex_);
  return pixels_;
}

}  // namespace cassia::codec
