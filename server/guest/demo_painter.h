// SPDX-License-Identifier: Apache-2.0
#pragma once

// Short ways to say draw commands, for the demo guest.

#include <map>
#include <string_view>

#include "render/raster/region.h"
#include "server/guest/guest_source.h"

namespace cassia::server {

class DemoPainter {
 public:
  explicit DemoPainter(GuestEvents& events) : events_(events) {}

  void create(raster::SurfaceId id, raster::Size size, bool primary);
  void destroy(raster::SurfaceId id) { events_.guest_surface_destroy(0, id); }
  void fill(raster::SurfaceId id, const raster::Rect& box, raster::Color color,
            const raster::Clip& clip = {});
  /// The part of surface `from` at `area.origin()` shown in `box` of `id`.
  void copy_surface(raster::SurfaceId id, const raster::Rect& box, raster::SurfaceId from,
                    raster::Point at, const raster::Clip& clip = {});
  void copy_bits(raster::SurfaceId id, const raster::Rect& box, raster::Point from,
                 const raster::Clip& clip = {});
  void picture(raster::SurfaceId id, raster::Point at, raster::BitmapPtr pixels,
               std::uint64_t cache_id, const raster::Clip& clip = {});
  /// Text as one cached picture a character: repeated ones travel by reference.
  void text(raster::SurfaceId id, raster::Point at, std::string_view text, raster::Color ink,
            raster::Color paper, const raster::Clip& clip = {});
  void invert(raster::SurfaceId id, const raster::Rect& box, const raster::Clip& clip = {});
  /// Any other operation.
  void draw(raster::SurfaceId id, const raster::Rect& box, raster::Operation operation,
            const raster::Clip& clip = {});

 private:
  GuestEvents& events_;
  std::map<std::uint64_t, raster::BitmapPtr> glyphs_;
};

/// A clip to a region; nothing may be drawn if it is empty.
raster::Clip clip_to(const raster::Region& region);

}  // namespace cassia::server
