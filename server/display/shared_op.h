// SPDX-License-Identifier: Apache-2.0
#pragma once

// One draw of the guest as every viewer's queue holds it: the op as it came, and the forms it was
// encoded into, each made once however many viewers take it.

#include <memory>
#include <vector>

#include "base/result.h"
#include "render/raster/draw_op.h"
#include "server/display/viewer_sink.h"

namespace cassia::server {

class SharedOp {
 public:
  /// `rgb555`: the surface it draws on has 16 bits a pixel, so palettes hold 15-bit colours.
  SharedOp(raster::DrawOpPtr op, bool rgb555);

  /// A variant of `whole` that differs in where it draws, not in its images: it has the encoded
  /// forms of the other's images.
  SharedOp(std::shared_ptr<SharedOp> whole, raster::DrawOpPtr variant);

  const raster::DrawOp& op() const { return *op_; }
  /// Bytes of image data that this op keeps alive, roughly.
  std::size_t cost() const { return cost_; }

  /// The op with every image decoded: what a Canvas executes. Made afresh for each call; the
  /// pixels of raw images are shared, not copied, where their layout allows.
  Result<raster::DrawOpPtr> decoded() const;

  /// The op as this viewer gets it: images that stand alone and that it can decode pass through
  /// untouched, the others are encoded once per codec.
  Result<raster::DrawOpPtr> for_viewer(const ViewerSink& viewer);

  /// How many times an image of this op was encoded, for tests and metrics.
  unsigned encodings() const { return encodings_; }

 private:
  struct Form {
    std::uint32_t key;
    raster::DrawOpPtr op;
  };
  Result<raster::ImageRef> image_for(const raster::ImageRef& image, const ViewerSink& viewer);

  raster::DrawOpPtr op_;
  std::shared_ptr<SharedOp> whole_;
  bool rgb555_;
  std::size_t cost_ = 0;
  unsigned encodings_ = 0;
  std::vector<Form> forms_;
};
using SharedOpPtr = std::shared_ptr<SharedOp>;

/// `pixels` encoded as `choice` says, or as they are where that would not help.
raster::ImageRef encode_pixels(raster::BitmapPtr pixels, const codec::EncodeChoice& choice);

}  // namespace cassia::server
