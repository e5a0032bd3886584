// SPDX-License-Identifier: Apache-2.0
#pragma once

// A set of pixels kept as disjoint rectangles (pixman's region): damage, clips, occlusion.

#include <pixman.h>

#include <span>
#include <vector>

#include "render/raster/geometry.h"

namespace cassia::raster {

class Region {
 public:
  Region() { pixman_region32_init(&region_); }
  explicit Region(const Rect& rect);
  explicit Region(std::span<const Rect> rects);
  Region(const Region& other);
  Region(Region&& other) noexcept;
  Region& operator=(const Region& other);
  Region& operator=(Region&& other) noexcept;
  ~Region() { pixman_region32_fini(&region_); }

  bool empty() const;
  Rect bounds() const;
  std::vector<Rect> rects() const;
  bool contains(const Rect& rect) const;    ///< every pixel of it
  bool intersects(const Rect& rect) const;  ///< at least one pixel of it
  bool operator==(const Region& other) const;

  Region& add(const Rect& rect);
  Region& add(const Region& other);
  Region& subtract(const Rect& rect);
  Region& subtract(const Region& other);
  Region& intersect(const Rect& rect);
  Region& intersect(const Region& other);
  Region& translate(std::int32_t dx, std::int32_t dy);
  void clear();

  const pixman_region32_t* pixman() const { return &region_; }

 private:
  pixman_region32_t region_;
};

}  // namespace cassia::raster
