// SPDX-License-Identifier: Apache-2.0
#pragma once

// Decodes the images of any number of display channels on threads of its own. Images that stand
// alone run in parallel and in any order; the channels pass their draws on in the order in which
// they came (channels/display/display_order.h). The GLZ images of one channel run one after the
// other, beside everything else: nearly each of them copies from the one before.

#include <functional>
#include <memory>

#include "base/result.h"
#include "render/codec/decode_lane.h"

namespace cassia::codec {

class DecodePool {
 public:
  /// An image of fewer pixels is decoded by the channel's own thread: handing it over costs more.
  static constexpr std::size_t least_pixels = 4096;
  /// Pixels of one channel that may wait to be passed on; the oldest image may always run.
  static constexpr std::size_t default_ahead_bytes = std::size_t{64} << 20;
  static constexpr unsigned most_threads = 256;

  /// Carries a call over to the thread of a lane, where it may be dropped. Called on threads of the
  /// pool until stop() has returned, and once more maybe for a lane that is gone; must not block.
  using Post = std::function<void(std::function<void()>)>;

  /// `threads`: at least 1, at most most_threads.
  static Result<std::unique_ptr<DecodePool>> create(unsigned threads,
                                                    std::size_t ahead_bytes = default_ahead_bytes);
  /// As many threads as this machine runs at a time.
  static unsigned processors();

  /// As stop(). Lanes may outlive the pool.
  virtual ~DecodePool() = default;

  virtual std::unique_ptr<DecodeLane> lane(Post post) = 0;

  /// Ends the threads after the images that they are at; what waits fails with canceled. From here
  /// on lanes decode on their own thread, and no Post is called any more.
  virtual void stop() = 0;
};

}  // namespace cassia::codec
