// SPDX-License-Identifier: Apache-2.0
#pragma once

// Memory of pictures that are gone, decoded or not, for the next ones. A fresh picture of a whole
// screen costs the kernel more for clearing its pages than most codecs cost for filling them.

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "render/raster/bitmap.h"

namespace cassia::codec {

/// Safe to use from several threads. Bitmaps may outlive the pool; their memory is then freed.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  /// Keeps at most `max_kept_bytes` of memory that nobody uses.
  static std::shared_ptr<BufferPool> create(std::size_t max_kept_bytes) {
    return std::shared_ptr<BufferPool>(new BufferPool(max_kept_bytes));
  }
  ~BufferPool();

  /// As new_bitmap() of pixels.h: uninitialised, rows without gaps, slack behind the last one.
  Result<raster::Bitmap> bitmap(raster::Size size, raster::PixelFormat format);

  /// A copy of `bytes`: of compressed images, too, a fresh one costs more for its pages than for
  /// the copying. Throws std::bad_alloc, as a vector would.
  SharedBytes copy(ByteView bytes);

  std::size_t kept_bytes() const;

 private:
  struct Buffer {
    void* memory;
    std::size_t bytes;
  };
  explicit BufferPool(std::size_t max_kept_bytes) : max_kept_bytes_(max_kept_bytes) {}
  Buffer take(std::size_t bytes);
  void give_back(Buffer buffer);
  /// Gives it back when the last holder is gone.
  std::shared_ptr<void> owner_of(Buffer buffer);

  const std::size_t max_kept_bytes_;
  mutable std::mutex mutex_;
  std::vector<Buffer> kept_;  ///< the one used last comes last
  std::size_t kept_bytes_ = 0;
};

}  // namespace cassia::codec
