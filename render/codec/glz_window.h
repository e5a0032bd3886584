// SPDX-License-Identifier: Apache-2.0
#pragma once

// The dictionary of GLZ: earlier images of the session that later ones copy pixels from. All
// display channels of one client share it, and each channel is its own connection, so an image may
// arrive before one that it refers to.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "base/result.h"
#include "render/codec/buffer_pool.h"

namespace cassia::codec {

/// A decoded image of the dictionary: 32-bit pixels in the order in which they were encoded (bottom
/// row first if the image is stored so), followed by slack for wide reads. Immutable once in the
/// window.
struct GlzImage {
  std::uint64_t id = 0;
  std::uint64_t oldest =
      0;  ///< the oldest image that was still in the sender's window with this one
  std::size_t pixel_count = 0;
  const std::uint32_t* pixels = nullptr;
  std::shared_ptr<const void> owner;
};
using GlzImagePtr = std::shared_ptr<const GlzImage>;

/// Safe to use from several threads.
class GlzWindow {
 public:
  /// `max_pixels` is what the client stated as glz_dictionary_window_size; the sender keeps its
  /// live images below it. While channels are out of step more may be held here, up to twice as
  /// much; then those that are ahead have to wait.
  explicit GlzWindow(std::size_t max_pixels);

  /// Where the memory of images that have left the window waits for the next ones.
  BufferPool& buffers() { return *buffers_; }

  /// The image, or nullptr if it is not there (yet, or any more).
  GlzImagePtr find(std::uint64_t id) const;
  /// Blocks until the image is there. nullptr if it can never come (released) or clear() was
  /// called.
  GlzImagePtr wait(std::uint64_t id);
  /// Calls `ready` once, from the thread that adds the image or clears the window; at once if the
  /// image is there already or can never come.
  void when_present(std::uint64_t id, std::function<void()> ready);

  /// Adds a decoded image, wakes those who wait for it and releases what the sender has released.
  /// Errors: malformed (a number that is there already; more than a window), busy: there is no room
  /// before first_missing() has come.
  Result<void> add(GlzImage image);
  /// Image `id` has come and cannot be decoded: who waits for it gets nullptr, and images before it
  /// are released as if it were there.
  void lost(std::uint64_t id);
  /// The lowest number of an image that is still to come.
  std::uint64_t first_missing() const;
  /// True if `pixels` more may ever fit; asked before decoding.
  bool admits(std::size_t pixels) const { return pixels <= max_pixels_; }

  /// Forgets everything (end of session, a reset by the server); waiters get nullptr.
  void clear();

  std::size_t image_count() const;
  std::size_t pixel_count() const;

 private:
  struct Waiter {
    std::uint64_t id;
    std::function<void()> ready;
  };
  bool settled(std::uint64_t id) const;                     // with mutex_ held
  void release_old();                                       // with mutex_ held
  std::vector<std::function<void()>> take_ready_waiters();  // with mutex_ held

  const std::size_t max_pixels_;
  const std::shared_ptr<BufferPool> buffers_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, GlzImagePtr> images_;
  std::vector<Waiter> waiters_;
  std::size_t pixels_ = 0;
  std::set<std::uint64_t> lost_;
  std::uint64_t next_ = 0;      // every image from the oldest live one up to here has come
  std::uint64_t released_ = 0;  // images below are gone for good
  std::uint64_t generation_ = 0;
  bool started_ = false;
};

}  // namespace cassia::codec
