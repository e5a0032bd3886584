// SPDX-License-Identifier: Apache-2.0
// The page of composites: operators, sources, masks, transforms, filters, repeats.

#include <spice/enums.h>

#include "server/guest/page_builder.h"

namespace cassia::server {

using raster::Composite;
using raster::PixelFormat;
using raster::Point;
using raster::Rect;
using raster::Size;
using raster::Transform;

namespace {

/// Where a composite's flags keep its operator, filters and repeats (spice-protocol, enums.h:
/// SpiceCompositeFlags; the numbers within are pixman's).
constexpr unsigned source_filter = 8, mask_filter = 11, source_repeat = 14, mask_repeat = 16;
constexpr std::uint32_t over = 3;
enum Filter : std::uint32_t { fast, good, best, nearest, bilinear };
enum Repeat : std::uint32_t { none, normal, pad, reflect };

raster::ImageRef argb_image() { return image_of(page_picture({24, 18}, PixelFormat::argb32, 101)); }
raster::ImageRef rgb_image() { return image_of(page_picture({24, 18}, PixelFormat::xrgb32, 102)); }

Composite composite_of(raster::ImageRef source, std::uint32_t flags) {
  Composite composite;
  composite.src = std::move(source);
  composite.flags = flags;
  return composite;
}

/// `xx` and so on in sources' pixels for one of the target.
Transform matrix(double xx, double xy, double x0, double yx, double yy, double y0) {
  const auto fixed = [](double v) { return static_cast<std::int32_t>(v * 65536); };
  Transform t;
  t.m[0][0] = fixed(xx), t.m[0][1] = fixed(xy), t.m[0][2] = fixed(x0);
  t.m[1][0] = fixed(yx), t.m[1][1] = fixed(yy), t.m[1][2] = fixed(y0);
  return t;
}

struct NamedTransform {
  const char* name;
  Transform transform;
};

std::vector<NamedTransform> transforms() {
  return {{"moved", matrix(1, 0, 3.25, 0, 1, -2.5)},
          {"smaller", matrix(1.5, 0, 0, 0, 1.25, 0)},
          {"larger", matrix(0.4, 0, 1, 0, 0.6, 2)},
          {"turned", matrix(0, 1, 0, -1, 0, 17)},
          {"slanted", matrix(0.9, 0.3, 2, -0.2, 0.8, 4)}};
}

void add_operators(PageBuilder& page) {
  const auto one = [&](std::uint32_t op) {
    Composite composite = composite_of(argb_image(), op | normal << source_repeat);
    page.one(fmt::format("composite operator {}", op), composite);
  };
  for (std::uint32_t op = 0; op <= 0x0d; ++op) one(op);
  for (std::uint32_t op = 0x10; op <= 0x1b; ++op) one(op);
  for (std::uint32_t op = 0x20; op <= 0x2b; ++op) one(op);
  for (std::uint32_t op = 0x30; op <= 0x3e; ++op) one(op);
}

void add_samplings(PageBuilder& page) {
  for (const Repeat repeat : {none, normal, pad, reflect}) {
    for (const Filter filter : {nearest, bilinear}) {
      for (const NamedTransform& t : transforms()) {
        Composite composite =
            composite_of(argb_image(), over | filter << source_filter | repeat << source_repeat);
        composite.src_transform = t.transform;
        page.one(fmt::format("composite {} filter {} repeat {}", t.name,
                             static_cast<unsigned>(filter), static_cast<unsigned>(repeat)),
                 composite);
      }
    }
    Composite plain = composite_of(rgb_image(), over | repeat << source_repeat);
    plain.src_origin = {-5, 7};
    page.one(fmt::format("composite from -5,7 repeat {}", static_cast<unsigned>(repeat)), plain);
  }
  for (const Filter filter : {fast, good, best}) {
    Composite composite = composite_of(argb_image(), over | filter << source_filter);
    composite.src_transform = matrix(0.4, 0, 1, 0, 0.6, 2);
    page.one(fmt::format("composite filter {}", static_cast<unsigned>(filter)), composite);
  }
}

struct NamedMask {
  const char* name;
  raster::ImageRef image;
};

void add_masks(PageBuilder& page) {
  const NamedMask masks[] = {
      {"argb mask", image_of(page_picture({24, 18}, PixelFormat::argb32, 103))},
      {"alpha surface", image_of(page_alpha)},
      {"bit surface", image_of(page_bits)}};
  for (const NamedMask& mask : masks) {
    for (const Repeat repeat : {none, normal, pad, reflect}) {
      Composite composite =
          composite_of(rgb_image(), over | SPICE_COMPOSITE_HAS_MASK | normal << source_repeat |
                                        repeat << mask_repeat);
      composite.mask = mask.image;
      composite.mask_origin = {6, 4};
      page.one(fmt::format("composite {} repeat {}", mask.name, static_cast<unsigned>(repeat)),
               composite);
    }
  }
  for (const std::uint32_t op : {1u, 3u, 5u, 12u}) {
    Composite composite =
        composite_of(argb_image(), op | SPICE_COMPOSITE_HAS_MASK | SPICE_COMPOSITE_COMPONENT_ALPHA |
                                       normal << source_repeat | normal << mask_repeat);
    composite.mask = masks[0].image;
    page.one(fmt::format("composite component alpha operator {}", op), composite);
  }
  for (const NamedTransform& t : transforms()) {
    Composite composite =
        composite_of(argb_image(), over | SPICE_COMPOSITE_HAS_MASK | normal << source_repeat |
                                       bilinear << mask_filter | reflect << mask_repeat);
    composite.mask = masks[0].image;
    composite.mask_transform = t.transform;
    page.one(fmt::format("composite mask {}", t.name), composite);
  }
}

void add_surfaces(PageBuilder& page) {
  page.one("composite argb surface", composite_of(image_of(page_argb), over));
  page.one("composite argb surface, opaque",
           composite_of(image_of(page_argb), over | SPICE_COMPOSITE_SOURCE_OPAQUE));
  page.one("composite rgb surface", composite_of(image_of(page_rgb), over));
  page.one("composite argb image, opaque",
           composite_of(argb_image(), over | SPICE_COMPOSITE_SOURCE_OPAQUE));
  Composite masked =
      composite_of(argb_image(), over | SPICE_COMPOSITE_HAS_MASK | SPICE_COMPOSITE_MASK_OPAQUE);
  masked.mask = image_of(page_picture({24, 18}, PixelFormat::argb32, 103));
  page.one("composite mask opaque", masked);
  page.one("composite target opaque",
           composite_of(argb_image(), over | SPICE_COMPOSITE_DEST_OPAQUE));
  Composite self = composite_of(image_of(page_work), over);
  self.src_origin = {300, 440};
  page.one("composite from the same surface", self);
  const Rect box = page.cell("composite clipped");
  page.draw(box, composite_of(argb_image(), over | normal << source_repeat),
            {std::vector<Rect>{{box.left + 3, box.top, box.left + 11, box.bottom},
                               {box.left + 8, box.top + 9, box.right, box.top + 17}}});
}

/// Stock clients leave the surface transformed for all that comes later: last.
void add_transformed_surface(PageBuilder& page) {
  Composite turned = composite_of(image_of(page_argb), over | nearest << source_filter);
  turned.src_transform = matrix(0, 1, 0, -1, 0, 40);
  page.one("composite transformed surface", turned);
  page.one("composite surface after that", composite_of(image_of(page_argb), over));
}

}  // namespace

DrawPage page_of_composites() {
  PageBuilder page("composite: operators, sources, masks, transforms, filters, repeats, clips",
                   PixelFormat::xrgb32);
  page.set_tolerance(1);
  add_operators(page);
  add_samplings(page);
  add_masks(page);
  add_surfaces(page);
  add_transformed_surface(page);
  return page.finish();
}

}  // namespace cassia::server
