// SPDX-License-Identifier: Apache-2.0
#include "render/codec/decode_lane.h"

#include "base/clock.h"

namespace cassia::codec {

Result<raster::BitmapPtr> PendingImage::run(DecodeContext& context, bool as_mask) const {
  auto bitmap = as_mask ? decode_mask(image_) : codec::decode(image_, context);
  if (!bitmap) return fail(bitmap.error());
  return std::make_shared<const raster::Bitmap>(std::move(*bitmap));
}

namespace {

class InlineImage final : public PendingImage {
 public:
  using PendingImage::PendingImage;
  void decode(GlzWindow* window, const ImageUse& use) {
    DecodeContext context{.glz_window = window, .rgb555_palettes = use.rgb555_palettes};
    set_result(run(context, use.as_mask));
    if (!result() && context.glz_image && window != nullptr) window->lost(*context.glz_image);
  }
};

class InlineLane final : public DecodeLane {
 public:
  void set_glz_window(std::shared_ptr<GlzWindow> window) override { window_ = std::move(window); }
  void set_on_ready(std::function<void()>) override {}
  PendingImagePtr decode(const raster::EncodedImage& image, const ImageUse& use) override {
    const auto before = thread_cpu_time();
    auto pending = std::make_shared<InlineImage>(image);
    pending->decode(window_.get(), use);
    decode_time_ += thread_cpu_time() - before;
    return pending;
  }
  void finish() override {}
  std::chrono::nanoseconds decode_time() const override { return decode_time_; }

 private:
  std::shared_ptr<GlzWindow> window_;
  std::chrono::nanoseconds decode_time_{};
};

}  // namespace

std::unique_ptr<DecodeLane> make_inline_lane() { return std::make_unique<InlineLane>(); }

}  // namespace cassia::codec
