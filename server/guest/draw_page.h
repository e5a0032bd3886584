// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pages of draw commands for the demo guest (`--demo-page draws-N`): together they issue every
// operation, brush, mask, raster operation and surface format, so that any client can be looked at.
// A page is drawn on an off-screen surface of its format and shown by one last draw, so that the
// first picture a client shows is the finished one.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "channels/display/display_types.h"

namespace cassia::server {

/// One experiment of a page: it draws inside `box` only, which is the same on the screen.
struct DrawCell {
  std::string name;
  raster::Rect box;
  /// How far a component may be off on another canvas: 1 for filters and alpha, else 0.
  int tolerance = 0;
};

/// What spice-gtk 0.42 does with a page; docs/rendering.md says why.
enum class StockClient : std::uint8_t {
  shows,
  gives_up,   ///< aborts
  undefined,  ///< writes beyond its memory
};

struct DrawPage {
  std::string name;                                          ///< "draws-1"
  std::string about;                                         ///< one line
  raster::PixelFormat format = raster::PixelFormat::xrgb32;  ///< of the surface drawn on
  StockClient stock = StockClient::shows;
  raster::Size size{640, 480};                  ///< of the screen
  std::vector<channels::SurfaceInfo> surfaces;  ///< the primary one first
  std::vector<raster::DrawOpPtr> draws;
  std::vector<DrawCell> cells;  ///< none overlaps another
};

/// In order: draws-1, draws-2, ...
std::vector<std::string> draw_page_names();
/// not_found names the pages there are.
Result<DrawPage> make_draw_page(std::string_view name);

}  // namespace cassia::server
