// SPDX-License-Identifier: Apache-2.0
#pragma once

// The cursor channel, both roles.

#include <cstdint>
#include <memory>

#include "channels/link/channel.h"
#include "render/raster/bitmap.h"

namespace cassia::channels {

enum class CursorType : std::uint8_t {
  alpha,
  mono,
  color4,
  color8,
  color16,
  color24,
  color32
};  // SPICE_CURSOR_TYPE_*

/// A cursor shape as it is on the wire: `data` is laid out by type (ARGB rows for alpha; AND then
/// XOR planes, 1 bit a pixel, for mono; pixels then AND mask for the others).
struct CursorShape {
  std::uint64_t unique = 0;  ///< identity for the cache; 0: not cached
  CursorType type = CursorType::alpha;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint16_t hot_x = 0;
  std::uint16_t hot_y = 0;
  SharedBytes data;
};
using CursorShapePtr = std::shared_ptr<const CursorShape>;

/// Premultiplied ARGB of a shape. Pixels that invert what is below them (AND=1, XOR=1) become
/// opaque black: an ARGB picture cannot say "invert".
Result<raster::Bitmap> cursor_to_argb(const CursorShape& shape);

struct CursorState {
  raster::Point position;
  bool visible = true;
  CursorShapePtr shape;  ///< null: no shape (SPICE_CURSOR_FLAGS_NONE)
  std::uint16_t trail_length = 0;
  std::uint16_t trail_frequency = 0;
};

class CursorClientEvents {
 public:
  virtual ~CursorClientEvents() = default;
  /// INIT, SET and RESET (an invisible state without a shape).
  virtual void cursor_set(const CursorState& state) = 0;
  virtual void cursor_move(raster::Point position) = 0;  ///< also makes it visible
  virtual void cursor_hide() = 0;
  virtual void cursor_closed(const Error& why) = 0;
};
class CursorClient : public Channel {
 public:
  static std::unique_ptr<CursorClient> create(CursorClientEvents& events);
};

class CursorServerEvents {
 public:
  virtual ~CursorServerEvents() = default;
  virtual void cursor_opened() = 0;  ///< call send_init()
  virtual void cursor_writable() {}  ///< MessageLink::writable() turned true
  virtual void cursor_closed(const Error& why) = 0;
};
class CursorServer : public Channel {
 public:
  static std::unique_ptr<CursorServer> create(CursorServerEvents& events);
  virtual void send_init(const CursorState& state) = 0;
  /// Sends TRAIL first if the trail differs from the one sent before. A shape with an identity goes
  /// out whole once and by reference for as long as the client's cache holds it.
  virtual void send_set(const CursorState& state) = 0;
  virtual void send_move(raster::Point position) = 0;
  virtual void send_hide() = 0;
  virtual void send_reset() = 0;
  /// The client forgets all shapes: none of those sent so far is referred to again.
  virtual void send_invalidate_all() = 0;
};

}  // namespace cassia::channels
