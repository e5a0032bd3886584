// SPDX-License-Identifier: Apache-2.0
#include "render/codec/buffer_pool.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "render/codec/pixels.h"

namespace cassia::codec {
namespace {

/// The C library is quick with less than that.
constexpr std::size_t smallest_kept = std::size_t{64} << 10;

}  // namespace

BufferPool::~BufferPool() {
  for (const Buffer& buffer : kept_) std::free(buffer.memory);
}

// The one used last, which the processor's cache may still hold, of those that are not much larger.
BufferPool::Buffer BufferPool::take(std::size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    for (auto it = kept_.rbegin(); it != kept_.rend(); ++it) {
      if (it->bytes < bytes || it->bytes / 2 > bytes) continue;
      const Buffer found = *it;
      kept_.erase(std::next(it).base());
      kept_bytes_ -= found.bytes;
      return found;
    }
  }
  return {std::malloc(bytes), bytes};
}

void BufferPool::give_back(Buffer buffer) {
  std::vector<Buffer> surplus;
  {
    const std::lock_guard lock(mutex_);
    kept_.push_back(buffer);
    kept_bytes_ += buffer.bytes;
    while (kept_bytes_ > max_kept_bytes_) {
      surplus.push_back(kept_.front());
      kept_bytes_ -= kept_.front().bytes;
      kept_.erase(kept_.begin());
    }
  }
  for (const Buffer& each : surplus) std::free(each.memory);
}

Result<raster::Bitmap> BufferPool::bitmap(raster::Size size, raster::PixelFormat format) {
  CASSIA_TRY(check_size(size, 1));
  const auto bits = static_cast<std::size_t>(raster::bits_per_pixel(format));
  const std::size_t stride = (static_cast<std::size_t>(size.width) * bits + 31) / 32 * 4;
  const std::size_t pixels = stride * static_cast<std::size_t>(size.height);
  if (pixels < smallest_kept || pixels > raster::max_bitmap_bytes) return new_bitmap(size, format);
  const Buffer buffer = take(pixels + slack_bytes);
  if (buffer.memory == nullptr) {
    return fail(ErrorKind::no_space, "no memory for an image of {}x{} pixels", size.width,
                size.height);
  }
  return raster::Bitmap::wrap(size, format, static_cast<std::int32_t>(stride),
                              static_cast<std::uint8_t*>(buffer.memory), owner_of(buffer));
}

SharedBytes BufferPool::copy(ByteView bytes) {
  if (bytes.size() < smallest_kept) return to_bytes(bytes);
  const Buffer buffer = take(bytes.size());
  if (buffer.memory == nullptr) throw std::bad_alloc();
  std::memcpy(buffer.memory, bytes.data(), bytes.size());
  return {owner_of(buffer), {static_cast<const std::uint8_t*>(buffer.memory), bytes.size()}};
}

std::shared_ptr<void> BufferPool::owner_of(Buffer buffer) {
  return {buffer.memory, [buffer, pool = weak_from_this()](void*) {
            if (const auto alive = pool.lock()) {
              alive->give_back(buffer);
            } else {
              std::free(buffer.memory);
            }
          }};
}

std::size_t BufferPool::kept_bytes() const {
  const std::lock_guard lock(mutex_);
  return kept_bytes_;
}

}  // namespace cassia::codec
