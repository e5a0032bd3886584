// SPDX-License-Identifier: Apache-2.0
#pragma once

// One primitive on its way through GDI: a bitmap selected into a device context, limited to a
// region. Internal to gdi_canvas*.cc.

#include <vector>

#include "render/gdi/gdi_canvas.h"

namespace cassia::raster::gdi {

/// The same pixels as a region of GDI.
inline OwnedRegion clip_of(const Region& region) {
  const std::vector<Rect> rects = region.rects();
  std::vector<std::uint8_t> bytes(sizeof(RGNDATAHEADER) + rects.size() * sizeof(RECT));
  auto* data = reinterpret_cast<RGNDATA*>(bytes.data());
  const Rect bounds = region.bounds();
  data->rdh = {sizeof(RGNDATAHEADER),
               RDH_RECTANGLES,
               static_cast<DWORD>(rects.size()),
               static_cast<DWORD>(rects.size() * sizeof(RECT)),
               {bounds.left, bounds.top, bounds.right, bounds.bottom}};
  auto* to = reinterpret_cast<RECT*>(data->Buffer);
  for (const Rect& r : rects) *to++ = {r.left, r.top, r.right, r.bottom};
  return OwnedRegion(::ExtCreateRegion(nullptr, static_cast<DWORD>(bytes.size()), data));
}

class GdiCanvas::Drawing {
 public:
  Drawing(GdiCanvas& canvas, const Target& target, const Region& region)
      : dc_(canvas.target_dc_.get()),
        bounds_(region.bounds()),
        selected_(dc_, canvas.handle(target.id)) {
    canvas.unsettled_ = true;
    if (!region.contains(bounds_)) ::SelectClipRgn(dc_, clip_of(region).get());
  }
  ~Drawing() { ::SelectClipRgn(dc_, nullptr); }

  HDC dc() const { return dc_; }
  const Rect& bounds() const { return bounds_; }

 private:
  HDC dc_;
  Rect bounds_;
  Selected selected_;
};

}  // namespace cassia::raster::gdi
