// SPDX-License-Identifier: Apache-2.0
#pragma once

// One display of the guest as the viewer holds it: applies the events of a display channel to a
// Canvas and knows what to show of it.

#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/problem_log.h"
#include "client/session/change_tracker.h"
#include "client/session/events.h"
#include "render/raster/canvas.h"

namespace cassia::client {

/// Same thread as the canvas. `canvas` and `clock` must outlive it.
class Screen {
 public:
  /// `display`: number of the display channel, for errors.
  Screen(raster::Canvas& canvas, const Clock& clock, std::uint8_t display = 0)
      : canvas_(canvas), clock_(clock), display_(display) {}

  /// A draw that fails is logged and counted; the picture goes on without it.
  void apply(const DisplayChange& change);
  /// The connection is gone for good or begins anew: surfaces and streams are void.
  void reset();

  raster::Canvas& canvas() { return canvas_; }

  /// The surface that is shown; nothing before the guest has a primary one.
  std::optional<raster::SurfaceId> surface() const {
    return scanout_ ? std::optional(scanout_surface) : primary_;
  }
  /// The part of it that the first monitor shows; empty if there is none.
  raster::Rect area() const;
  /// The server has said that the picture is presentable (MARK), and something was drawn.
  bool complete() const { return surface() && (marked_ || scanout_) && drawn_; }

  /// When the last event came.
  TimePoint last_change() const { return last_change_; }
  std::uint64_t changes() const { return changes_; }
  /// Draws and stream frames carried out, and those that failed.
  std::uint64_t draws() const { return draws_; }
  std::uint64_t failures() const { return failures_; }

  /// What changed of area() since the last call, in its coordinates (its corner is 0,0).
  Changes take_changes();
  /// The same without moves.
  raster::Region take_damage() { return painted(take_changes()).damage; }
  /// A copy of area() as xrgb32.
  Result<raster::Bitmap> snapshot();

 private:
  /// Holds the picture of a GL scanout. Guests' surfaces have small numbers.
  static constexpr raster::SurfaceId scanout_surface = 0xFFFFFFFF;
  /// From here on numbers are ours and the canvas's.
  static constexpr raster::SurfaceId first_own_surface = 0xFFFFFFF0;

  void on(const SurfaceCreated& event);
  void on(const SurfaceDestroyed& event);
  void on(const DisplayMarked&) { marked_ = true; }
  void on(const DisplayReset&) { reset(); }
  void on(const Drawn& event) { draw(*event.op); }
  void on(const MonitorsSet& event) { monitors_ = event.config; }
  void on(const StreamCreated& event) { streams_[event.stream.id] = event.stream; }
  void on(const StreamPicture& event);
  void on(const StreamClipped& event);
  void on(const StreamDestroyed& event) { streams_.erase(event.stream); }
  void on(const StreamsDestroyed&) { streams_.clear(); }
  void on(const ScanoutSet& event);
  void on(const ScanoutDrawn& event);
  void draw_scanout(const raster::Rect& area);
  void draw(const raster::DrawOp& op, const char* message = nullptr);
  bool drawn(raster::SurfaceId id, const Result<void>& result, const char* message);
  void failed(const Error& why);
  void collect_damage();

  raster::Canvas& canvas_;
  const Clock& clock_;
  const std::uint8_t display_;
  ProblemLog problems_{"display", clock_};
  std::optional<raster::SurfaceId> primary_;
  std::shared_ptr<const ScanoutPicture> scanout_;  ///< shown instead of the primary surface
  bool marked_ = false;
  bool drawn_ = false;
  channels::MonitorsConfig monitors_;
  std::map<std::uint32_t, channels::StreamInfo> streams_;
  raster::Rect shown_before_;
  ChangeTracker tracker_;  ///< of the surface `tracked_`
  std::optional<raster::SurfaceId> tracked_;
  TimePoint last_change_{};
  std::uint64_t changes_ = 0, draws_ = 0, failures_ = 0;
};

/// `bitmap` as xrgb32, x being 255: 16-bit colours become 8-bit ones as displays do (the high bits
/// repeat in the low ones).
Result<raster::Bitmap> to_xrgb32(const raster::Bitmap& bitmap);

}  // namespace cassia::client
