// SPDX-License-Identifier: Apache-2.0
#pragma once

// Server side: which images the client's cache holds, as far as we let it grow. The client obeys
// us: it keeps what it was told to keep until it is told to drop it.

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cassia::channels {

/// Images are known by the identity that the DrawOp gives them; the client sees numbers of our own,
/// since identities of several sources could be equal.
class ClientCacheModel {
 public:
  /// What the client stated, in pixels; 0: it caches nothing.
  void set_budget(std::uint64_t pixels) { budget_ = pixels; }

  /// Begins a draw: images that it uses are not evicted by it.
  void begin_draw() {
    ++draw_;
    replaced_.clear();
  }

  struct Known {
    std::uint64_t number = 0;
    bool lossy = false;  ///< it holds the image as a JPEG made it
  };
  /// An image that the client holds. An image that this very draw adds does not
  /// count: in which order the client looks at the images of one draw is not known.
  std::optional<Known> find(std::uint64_t identity);
  /// Adds an image of that many pixels; what has to go is appended to evicted(). Nothing if it does
  /// not fit, or this draw has added it already.
  std::optional<std::uint64_t> add(std::uint64_t identity, std::uint64_t pixels,
                                   bool lossy = false);
  /// The draw replaces what the client holds by the image itself.
  void set_lossless(std::uint64_t identity);
  /// The client was sent lossy images to keep, at some time.
  bool any_lossy() const { return any_lossy_; }

  /// The client's numbers that it must drop before it sees the draw; cleared by the call.
  std::vector<std::uint64_t> take_evicted();
  /// Forgets what this draw has added (it could not be sent).
  void abandon_draw();
  void clear();

  /// A number for an image that is not cached.
  std::uint64_t fresh_number() { return ++last_number_; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t identity = 0;
    std::uint64_t number = 0;
    std::uint64_t pixels = 0;
    std::uint64_t added_in = 0;
    std::uint64_t used_in = 0;
    bool lossy = false;
  };
  bool evict_one();

  std::uint64_t budget_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t draw_ = 0;
  std::uint64_t last_number_ = 0;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_identity_;
  std::vector<std::uint64_t> evicted_;
  std::vector<std::uint64_t> replaced_;  // by this draw
  bool any_lossy_ = false;
};

}  // namespace cassia::channels
