// SPDX-License-Identifier: Apache-2.0
#pragma once

// One viewer's display channel as the pipeline sees it.

#include "base/result.h"
#include "channels/display/display_types.h"
#include "render/codec/encode.h"
#include "render/raster/draw_op.h"

namespace cassia::server {

/// All calls on the event loop's thread. Must outlive the ViewerQueue that sends to it.
class ViewerSink {
 public:
  virtual ~ViewerSink() = default;

  /// The viewer wants more: its channel is ready, its ack window open, little output pending.
  virtual bool writable() const = 0;
  virtual bool can_decode(raster::ImageCodec codec) const = 0;
  /// How pixels that come to us raw are sent to this viewer.
  virtual codec::EncodeChoice encode_choice() const = 0;

  virtual void surface_create(const channels::SurfaceInfo& surface) = 0;
  virtual void surface_destroy(raster::SurfaceId id) = 0;
  virtual void mark() = 0;
  virtual void monitors(const channels::MonitorsConfig& config) = 0;
  /// unsupported: the viewer cannot be sent this operation; the caller sends pixels instead.
  virtual Result<void> draw(const raster::DrawOp& op) = 0;
};

}  // namespace cassia::server
