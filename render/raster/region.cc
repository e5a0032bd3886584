// SPDX-License-Identifier: Apache-2.0
#include "render/raster/region.h"

#include <utility>

namespace cassia::raster {
namespace {

pixman_box32_t box_of(const Rect& r) { return {r.left, r.top, r.right, r.bottom}; }
Rect rect_of(const pixman_box32_t& b) { return {b.x1, b.y1, b.x2, b.y2}; }

/// pixman complains on stderr about inverted rectangles; an empty region is what is meant.
void init_rect(pixman_region32_t* region, const Rect& rect) {
  if (rect.empty()) {
    pixman_region32_init(region);
    return;
  }
  const pixman_box32_t box = box_of(rect);
  pixman_region32_init_with_extents(region, &box);
}

}  // namespace

Region::Region(const Rect& rect) { init_rect(&region_, rect); }

Region::Region(std::span<const Rect> rects) {
  std::vector<pixman_box32_t> boxes;
  boxes.reserve(rects.size());
  for (const Rect& r : rects) {
    if (!r.empty()) boxes.push_back(box_of(r));
  }
  pixman_region32_init_rects(&region_, boxes.data(), static_cast<int>(boxes.size()));
}

Region::Region(const Region& other) {
  pixman_region32_init(&region_);
  pixman_region32_copy(&region_, other.pixman());
}

Region::Region(Region&& other) noexcept : region_(other.region_) {
  pixman_region32_init(&other.region_);
}

Region& Region::operator=(const Region& other) {
  if (this != &other) pixman_region32_copy(&region_, other.pixman());
  return *this;
}

Region& Region::operator=(Region&& other) noexcept {
  std::swap(region_, other.region_);
  return *this;
}

bool Region::empty() const { return !pixman_region32_not_empty(pixman()); }

Rect Region::bounds() const {
  return rect_of(*pixman_region32_extents(const_cast<pixman_region32_t*>(pixman())));
}

std::vector<Rect> Region::rects() const {
  int count = 0;
  const pixman_box32_t* boxes =
      pixman_region32_rectangles(const_cast<pixman_region32_t*>(pixman()), &count);
  std::vector<Rect> result;
  result.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) result.push_back(rect_of(boxes[i]));
  return result;
}

bool Region::contains(const Rect& rect) const {
  if (rect.empty()) return true;
  pixman_box32_t box = box_of(rect);
  return pixman_region32_contains_rectangle(pixman(), &box) == PIXMAN_REGION_IN;
}

bool Region::intersects(const Rect& rect) const {
  if (rect.empty()) return false;
  pixman_box32_t box = box_of(rect);
  return pixman_region32_contains_rectangle(pixman(), &box) != PIXMAN_REGION_OUT;
}

bool Region::operator==(const Region& other) const {
  return pixman_region32_equal(pixman(), other.pixman());
}

Region& Region::add(const Rect& rect) {
  if (!rect.empty()) {
    pixman_region32_union_rect(&region_, &region_, rect.left, rect.top,
                               static_cast<unsigned>(rect.width()),
                               static_cast<unsigned>(rect.height()));
  }
  return *this;
}

Region& Region::add(const Region& other) {
  pixman_region32_union(&region_, &region_, other.pixman());
  return *this;
}

Region& Region::subtract(const Rect& rect) { return subtract(Region(rect)); }

Region& Region::subtract(const Region& other) {
  pixman_region32_subtract(&region_, &region_, other.pixman());
  return *this;
}

Region& Region::intersect(const Rect& rect) { return intersect(Region(rect)); }

Region& Region::intersect(const Region& other) {
  pixman_region32_intersect(&region_, &region_, other.pixman());
  return *this;
}

Region& Region::translate(std::int32_t dx, std::int32_t dy) {
  pixman_region32_translate(&region_, dx, dy);
  return *this;
}

void Region::clear() {
  pixman_region32_fini(&region_);
  pixman_region32_init(&region_);
}

}  // namespace cassia::raster
