// SPDX-License-Identifier: Apache-2.0
#include "render/raster/stroke.h"

#include <spice/enums.h>

#include <cmath>
#include <cstdlib>

namespace cassia::raster {
namespace {

/// Coordinates beyond this are refused: no path of a session comes near, and products fit 64 bits.
constexpr std::int32_t max_coordinate = 1 << 24;
constexpr int max_bezier_depth = 10;
/// A path this crowded with self-crossings is cut short rather than painted for ever.
constexpr std::size_t max_layers = 64;

std::int32_t round_fixed(std::int32_t fixed) { return (fixed >> 4) + ((fixed & 15) > 8 ? 1 : 0); }

Point to_pixel(const FixedPoint& p) { return {round_fixed(p.x), round_fixed(p.y)}; }

/// One straight line; pixel i of 0 .. length - 1 is found without walking there.
struct Line {
  Point start;
  std::int64_t major = 0, minor = 0;  ///< lengths along both axes
  bool x_major = false;
  int step_x = 1, step_y = 1;
  int bias = 0;

  Line(Point a, Point b) : start(a) {
    const std::int64_t dx = std::int64_t{b.x} - a.x, dy = std::int64_t{b.y} - a.y;
    step_x = dx < 0 ? -1 : 1;
    step_y = dy < 0 ? -1 : 1;
    const std::int64_t ax = std::llabs(dx), ay = std::llabs(dy);
    x_major = ax > ay;
    major = x_major ? ax : ay;
    minor = x_major ? ay : ax;
    bias = (x_major ? step_x : step_y) < 0 ? 1 : 0;
  }

  Point at(std::int64_t i) const {
    const std::int64_t side = (2 * minor * i + major - bias) / (2 * major);
    const auto along = static_cast<std::int32_t>(i), across = static_cast<std::int32_t>(side);
    return x_major ? Point{start.x + step_x * along, start.y + step_y * across}
                   : Point{start.x + step_x * across, start.y + step_y * along};
  }

  /// The i whose major coordinate lies in [low, high), cut to the line.
  void clip(std::int32_t low, std::int32_t high, std::int64_t& from, std::int64_t& to) const {
    const std::int64_t s = x_major ? start.x : start.y;
    const bool forward = (x_major ? step_x : step_y) > 0;
    from = std::max<std::int64_t>(0, forward ? low - s : s - (high - 1));
    to = std::min<std::int64_t>(major, forward ? high - s : s - low + 1);
  }
};

/// Lengths along a line, alternately on and off.
class Dashes {
 public:
  explicit Dashes(const Stroke& stroke) {
    for (std::int32_t length : stroke.dashes) {
      lengths_.push_back(std::max(0, round_fixed(length)));
      total_ += lengths_.back();
    }
    if (total_ == 0) lengths_.clear();
    start_ = round_fixed(stroke.dash_start);
    if (!lengths_.empty() && stroke.dash_starts_with_gap) {
      // The first length is a gap: it goes to the end, and the walk starts inside it.
      lengths_.push_back(lengths_.front());
      lengths_.erase(lengths_.begin());
      start_ += total_ - lengths_.back();
    }
    // An odd number of lengths changes sides at each turn.
    if (lengths_.size() % 2 == 1) {
      const std::size_t count = lengths_.size();
      for (std::size_t i = 0; i < count; ++i) lengths_.push_back(lengths_[i]);
      total_ *= 2;
    }
  }

  bool solid() const { return lengths_.empty(); }
  bool on(double distance) const {
    double rest = std::fmod(distance + static_cast<double>(start_), static_cast<double>(total_));
    if (rest < 0) rest += static_cast<double>(total_);
    for (std::size_t i = 0; i < lengths_.size(); ++i) {
      if (rest < static_cast<double>(lengths_[i])) return i % 2 == 0;
      rest -= static_cast<double>(lengths_[i]);
    }
    return false;
  }

 private:
  std::vector<std::int64_t> lengths_;
  std::int64_t total_ = 0;
  std::int64_t start_ = 0;
};

class Painter {
 public:
  Painter(const Stroke& stroke, const Region& clip, bool once)
      : dashes_(stroke), clip_(clip), bounds_(clip.bounds()), once_(once) {}

  void polyline(const std::vector<Point>& points) {
    double travelled = 0;
    for (std::size_t i = 1; i < points.size(); ++i) {
      const Line line(points[i - 1], points[i]);
      if (line.major == 0) continue;
      const double length =
          std::hypot(static_cast<double>(line.major), static_cast<double>(line.minor));
      draw(line, travelled, length / static_cast<double>(line.major));
      travelled += length;
    }
  }

  std::vector<Region> take() { return std::move(layers_); }

 private:
  void draw(const Line& line, double travelled, double step) {
    std::int64_t from = 0, to = 0;
    line.x_major ? line.clip(bounds_.left, bounds_.right, from, to)
                 : line.clip(bounds_.top, bounds_.bottom, from, to);
    std::vector<Rect> spans;
    for (std::int64_t i = from; i < to; ++i) {
      if (!dashes_.solid() && !dashes_.on(travelled + static_cast<double>(i) * step)) continue;
      const Point p = line.at(i);
      if (!bounds_.contains(p)) continue;
      append(spans, p);
    }
    if (!spans.empty()) add(Region(std::span<const Rect>(spans)).intersect(clip_));
  }

  static void append(std::vector<Rect>& spans, Point p) {
    if (!spans.empty()) {
      Rect& last = spans.back();
      const bool same_row = last.top == p.y && last.bottom == p.y + 1;
      if (same_row && last.right == p.x) return void(++last.right);
      if (same_row && last.left == p.x + 1) return void(--last.left);
      const bool same_column = last.left == p.x && last.right == p.x + 1;
      if (same_column && last.bottom == p.y) return void(++last.bottom);
      if (same_column && last.top == p.y + 1) return void(--last.top);
    }
    spans.push_back({p.x, p.y, p.x + 1, p.y + 1});
  }

  void add(Region fresh) {
    for (std::size_t i = 0; !fresh.empty() && i < max_layers; ++i) {
      if (i == layers_.size()) layers_.emplace_back();
      Region again = fresh;
      again.intersect(layers_[i]);
      layers_[i].add(fresh);
      if (once_) return;
      fresh = std::move(again);
    }
  }

  Dashes dashes_;
  const Region& clip_;
  Rect bounds_;
  bool once_;
  std::vector<Region> layers_;
};

std::int64_t dot(const FixedPoint& a, const FixedPoint& b) {
  return (std::int64_t{a.x} * b.x + std::int64_t{a.y} * b.y) >> 4;
}
FixedPoint minus(const FixedPoint& a, const FixedPoint& b) { return {a.x - b.x, a.y - b.y}; }
FixedPoint middle(const FixedPoint& a, const FixedPoint& b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}

/// True if a control point strays less than half a pixel or so from the chord.
bool near_chord(const FixedPoint& arm, const FixedPoint& chord) {
  const double arm2 = static_cast<double>(dot(arm, arm));
  const double chord2 = static_cast<double>(dot(chord, chord));
  if (chord2 == 0) return arm2 < 16;  // a loop: flat once it is smaller than a pixel
  const double along = static_cast<double>(dot(arm, chord));
  return (arm2 * chord2 - along * along) / 8 < chord2;
}

void flatten(std::vector<Point>& points, const FixedPoint& a, const FixedPoint& b,
             const FixedPoint& c, const FixedPoint& d, int depth) {
  const bool flat = near_chord(minus(b, a), minus(d, a)) && near_chord(minus(c, d), minus(a, d));
  if (flat || depth == max_bezier_depth) {
    points.push_back(to_pixel(d));
    return;
  }
  const FixedPoint ab = middle(a, b), bc = middle(b, c), cd = middle(c, d);
  const FixedPoint abc = middle(ab, bc), bcd = middle(bc, cd), abcd = middle(abc, bcd);
  flatten(points, a, ab, abc, abcd, depth + 1);
  flatten(points, abcd, bcd, cd, d, depth + 1);
}

void append_curves(std::vector<Point>& points, const std::vector<FixedPoint>& raw,
                   std::size_t next) {
  for (; next + 2 < raw.size(); next += 3) {
    if (points.empty()) points.push_back(to_pixel(raw[next]));
    const FixedPoint start{points.back().x * 16, points.back().y * 16};
    flatten(points, start, raw[next], raw[next + 1], raw[next + 2], 0);
  }
}

Result<void> check(const Stroke& stroke) {
  for (const PathSegment& segment : stroke.path) {
    for (const FixedPoint& p : segment.points) {
      if (std::abs(std::int64_t{p.x}) > max_coordinate ||
          std::abs(std::int64_t{p.y}) > max_coordinate) {
        return fail(ErrorKind::malformed, "a path with a point at {},{} is not possible", p.x / 16,
                    p.y / 16);
      }
    }
  }
  return {};
}

}  // namespace

Result<std::vector<Region>> stroke_layers(const Stroke& stroke, const Region& clip, bool once) {
  CASSIA_TRY(check(stroke));
  Painter painter(stroke, clip, once);
  std::vector<Point> points;
  const auto flush = [&] {
    painter.polyline(points);
    points.clear();
  };
  for (const PathSegment& segment : stroke.path) {
    std::size_t next = 0;
    if ((segment.flags & SPICE_PATH_BEGIN) && !segment.points.empty()) {
      flush();
      points.push_back(to_pixel(segment.points[next++]));
    }
    if (segment.flags & SPICE_PATH_BEZIER) {
      append_curves(points, segment.points, next);
    } else {
      for (; next < segment.points.size(); ++next) points.push_back(to_pixel(segment.points[next]));
    }
    if (segment.flags & SPICE_PATH_END) {
      if ((segment.flags & SPICE_PATH_CLOSE) && !points.empty()) points.push_back(points.front());
      flush();
    }
  }
  flush();
  return painter.take();
}

}  // namespace cassia::raster
