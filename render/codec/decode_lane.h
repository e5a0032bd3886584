// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a display channel has its images decoded: on the spot, or by a DecodePool. The channel
// itself knows no threads; it hands images over in the order in which they came, and what is ready
// it takes back on its own thread.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "render/codec/decode.h"

namespace cassia::codec {

/// An image that is being decoded, or has been.
class PendingImage {
 public:
  explicit PendingImage(raster::EncodedImage image)
      : image_(std::move(image)), coded_bytes_(image_.data.size()) {}
  virtual ~PendingImage() = default;
  PendingImage(const PendingImage&) = delete;
  PendingImage& operator=(const PendingImage&) = delete;

  /// The image as it came. Its data is not there any more; codec and size stay.
  const raster::EncodedImage& image() const { return image_; }
  /// Memory that it takes at most, as it came and as pixels.
  std::size_t bytes() const { return coded_bytes_ + pixel_bytes(); }
  std::size_t pixel_bytes() const {
    return std::size_t{4} * static_cast<std::size_t>(image_.size.width) *
           static_cast<std::size_t>(image_.size.height);
  }

  /// Any thread. What turned it true has happened before what comes after the call.
  bool ready() const { return ready_.load(std::memory_order_acquire); }
  /// Once it is ready: the pixels, or why there are none.
  const Result<raster::BitmapPtr>& result() const { return result_; }

  /// What it was decoded for is passed on: its pixels count no more against the lane's limit.
  virtual void release() {}

 protected:
  /// Whoever decodes: runs the decoder, once for each attempt.
  Result<raster::BitmapPtr> run(DecodeContext& context, bool as_mask) const;
  void set_result(Result<raster::BitmapPtr> result) {
    result_ = std::move(result);
    image_.data = {};
    ready_.store(true, std::memory_order_release);
  }

  raster::EncodedImage image_;

 private:
  const std::size_t coded_bytes_;
  Result<raster::BitmapPtr> result_;
  std::atomic<bool> ready_ = false;
};
using PendingImagePtr = std::shared_ptr<PendingImage>;

/// What an image is decoded for; see DecodeContext.
struct ImageUse {
  bool as_mask = false;
  bool rgb555_palettes = false;
};

/// Of one display channel, and used on its thread alone.
class DecodeLane {
 public:
  virtual ~DecodeLane() = default;

  /// The window of the GLZ images that follow; without one they are an error.
  virtual void set_glz_window(std::shared_ptr<GlzWindow> window) = 0;
  /// `ready` is called, on the lane's thread, after images became ready that were not when decode()
  /// gave them out; once for several if they come together.
  virtual void set_on_ready(std::function<void()> ready) = 0;

  /// `image.data` is borrowed for the call.
  virtual PendingImagePtr decode(const raster::EncodedImage& image, const ImageUse& use) = 0;

  /// Nothing follows (the connection has ended): waits until every image is ready. A GLZ image that
  /// waits for one of another channel fails.
  virtual void finish() = 0;

  /// CPU time spent so far, on whichever thread.
  virtual std::chrono::nanoseconds decode_time() const = 0;
};

/// Decodes within decode(): every image is ready at once.
std::unique_ptr<DecodeLane> make_inline_lane();

}  // namespace cassia::codec
