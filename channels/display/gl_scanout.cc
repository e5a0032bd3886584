// SPDX-License-Identifier: Apache-2.0
#include "channels/display/gl_scanout.h"

#include <spice/enums.h>

#include "protocol/spice/display_messages.h"

namespace cassia::channels {
namespace {

std::int32_t signed_side(std::uint32_t side) {
  return static_cast<std::int32_t>(std::min(side, 0x7fffffffu));
}

}  // namespace

Result<GlScanout> read_gl_scanout(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::GlScanoutUnix>(body));
  GlScanout scanout;
  if (m.fourcc == 0) return scanout;
  scanout.size = {signed_side(m.width), signed_side(m.height)};
  scanout.stride = m.stride;
  scanout.fourcc = m.fourcc;
  scanout.y0_top = (m.flags & SPICE_GL_SCANOUT_FLAGS_Y0TOP) != 0;
  return scanout;
}

Result<void> check_gl_scanout(const GlScanout& scanout) {
  if (scanout.fourcc == 0) return {};
  const raster::Size size = scanout.size;
  if (size.empty() || size.width > raster::max_side || size.height > raster::max_side) {
    return fail(ErrorKind::malformed, "a scanout of {}x{} pixels", size.width, size.height);
  }
  if (!scanout.memory) return fail(ErrorKind::malformed, "no file descriptor came with it");
  return {};
}

Result<raster::Rect> read_gl_draw(ByteView body, raster::Size scanout) {
  const auto m = CASSIA_TRY(wire::parse<spice::GlDraw>(body));
  if (scanout.empty()) return fail(ErrorKind::malformed, "nothing is scanned out");
  const auto inside = [](std::uint32_t at, std::uint32_t length, std::int32_t limit) {
    return std::uint64_t{at} + length <= static_cast<std::uint64_t>(limit);
  };
  if (!inside(m.x, m.width, scanout.width) || !inside(m.y, m.height, scanout.height)) {
    return fail(ErrorKind::malformed, "{}x{} at {},{} is not inside the scanout of {}x{}", m.width,
                m.height, m.x, m.y, scanout.width, scanout.height);
  }
  return raster::Rect::of(
      {static_cast<std::int32_t>(m.x), static_cast<std::int32_t>(m.y)},
      {static_cast<std::int32_t>(m.width), static_cast<std::int32_t>(m.height)});
}

Bytes write_gl_scanout(const GlScanout& scanout) {
  spice::GlScanoutUnix m;
  m.width = static_cast<std::uint32_t>(scanout.size.width);
  m.height = static_cast<std::uint32_t>(scanout.size.height);
  m.stride = scanout.stride;
  m.fourcc = scanout.fourcc;
  m.flags = scanout.y0_top ? SPICE_GL_SCANOUT_FLAGS_Y0TOP : 0;
  return wire::encode(m);
}

Bytes write_gl_draw(const raster::Rect& area) {
  return wire::encode(spice::GlDraw{
      static_cast<std::uint32_t>(area.left), static_cast<std::uint32_t>(area.top),
      static_cast<std::uint32_t>(area.width()), static_cast<std::uint32_t>(area.height())});
}

}  // namespace cassia::channels
