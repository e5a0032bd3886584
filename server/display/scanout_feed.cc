// SPDX-License-Identifier: Apache-2.0
#include "server/display/scanout_feed.h"

#include <cstring>

#include "base/log.h"
#include "channels/display/drm_format.h"

namespace cassia::server {

using raster::Bitmap;
using raster::Rect;

namespace {

/// Rows begin on cache lines.
constexpr std::uint32_t row_alignment = 64;

std::int64_t area_of(const Rect& rect) { return std::int64_t{rect.width()} * rect.height(); }

std::uint32_t bytes_of_row(std::int32_t width, raster::PixelFormat format) {
  return static_cast<std::uint32_t>(width * raster::bits_per_pixel(format) / 8);
}

/// One answer is waited for after each rectangle: together, unless most of it has not changed.
Rect next_rect(const raster::Region& region) {
  const auto rects = region.rects();
  std::int64_t total = 0;
  for (const Rect& rect : rects) total += area_of(rect);
  return area_of(region.bounds()) <= 4 * total ? region.bounds() : rects.front();
}

}  // namespace

void ScanoutFeed::set_primary(const Surface* primary) {
  waiting_.clear();
  channels::GlScanout scanout;
  memory_.reset();
  if (primary != nullptr && channels::fourcc_of(primary->info.format) != 0) {
    primary_ = primary->info;
    stride_ = (bytes_of_row(primary_.size.width, primary_.format) + row_alignment - 1) /
              row_alignment * row_alignment;
    auto memory = SharedMemory::create(
        std::size_t{stride_} * static_cast<std::size_t>(primary_.size.height), "cassia-scanout");
    if (memory) {
      memory_ = std::move(*memory);
      scanout = {primary_.size, stride_, channels::fourcc_of(primary_.format), true,
                 memory_->descriptor()};
    } else {
      log_warn("display", "GL scanout: {}", memory.error().message());
    }
  }
  sink_.gl_scanout(scanout);
  if (memory_) damaged(raster::Region(Rect::of(primary_.size)));
}

void ScanoutFeed::damaged(const raster::Region& area) {
  if (!memory_) return;
  waiting_.add(area);
  draw_next();
}

void ScanoutFeed::draw_done() {
  reading_ = false;
  draw_next();
}

void ScanoutFeed::draw_next() {
  if (reading_ || !memory_ || waiting_.empty()) return;
  const Rect area = next_rect(waiting_);
  waiting_.subtract(area);
  if (const auto copied = copy(area); !copied) {
    log_warn("display", "GL scanout: {}", copied.error().message());
    return;
  }
  reading_ = true;
  sink_.gl_draw(area);
}

Result<void> ScanoutFeed::copy(const Rect& area) {
  Bitmap source;
  if (const Bitmap* whole = store_.peek(primary_.id)) {
    source = whole->view(area);
  } else {
    source = CASSIA_TRY(store_.read(primary_.id, area));
  }
  const std::size_t left = bytes_of_row(area.left, primary_.format);
  const std::size_t bytes = bytes_of_row(area.width(), primary_.format);
  for (std::int32_t y = 0; y < area.height(); ++y) {
    std::uint8_t* const row = memory_->data() + std::size_t{stride_} * (area.top + y);
    std::memcpy(row + left, source.row(y), bytes);
  }
  return {};
}

}  // namespace cassia::server
