// SPDX-License-Identifier: Apache-2.0
#include "client/session/screen.h"

namespace cassia::client {

using raster::Bitmap;
using raster::PixelFormat;
using raster::Rect;
using raster::Region;

namespace {

/// All of `picture` into `box`, scaled if their sizes differ.
raster::DrawOp copy_op(raster::SurfaceId surface, const Rect& box, raster::BitmapPtr picture) {
  raster::Copy copy;
  copy.src_area = Rect::of(picture->size());
  copy.src.source = std::move(picture);
  raster::DrawOp op;
  op.surface = surface;
  op.box = box;
  op.operation = std::move(copy);
  return op;
}

}  // namespace

void Screen::apply(const DisplayChange& change) {
  std::visit([this](const auto& event) { on(event); }, change);
  last_change_ = clock_.now();
  ++changes_;
}

void Screen::reset() {
  canvas_.destroy_all();
  streams_.clear();
  monitors_ = {};
  primary_.reset();
  scanout_.reset();
  marked_ = drawn_ = false;
  shown_before_ = {};
}

void Screen::on(const SurfaceCreated& event) {
  const channels::SurfaceInfo& info = event.surface;
  if (info.primary) on(ScanoutSet{});
  if (info.id >= first_own_surface) {
    return failed(Error(ErrorKind::malformed,
                        fmt::format("surface_create: {} is no number of a guest's", info.id)));
  }
  if (const auto made = canvas_.create_surface(info.id, info.size, info.format); !made) {
    return failed(made.error().in("surface_create"));
  }
  if (!info.primary) return;
  primary_ = info.id;
  drawn_ = false;
  shown_before_ = {};
}

void Screen::on(const SurfaceDestroyed& event) {
  canvas_.destroy_surface(event.surface);
  if (primary_ != event.surface) return;
  primary_.reset();
  marked_ = false;
  if (!scanout_) drawn_ = false;
}

void Screen::on(const ScanoutSet& event) {
  if (!event.picture && !scanout_) return;
  if (scanout_) canvas_.destroy_surface(scanout_surface);
  scanout_ = event.picture;
  shown_before_ = {};
  if (scanout_) {
    const auto made = canvas_.create_surface(scanout_surface, scanout_->size(), scanout_->format());
    if (!made) {
      failed(made.error().in("gl_scanout_unix"));
      scanout_.reset();
    }
  }
  // Without one the primary surface is left, as it was.
  drawn_ = !scanout_ && primary_;
}

void Screen::on(const ScanoutDrawn& event) {
  if (scanout_) draw_scanout(event.area);
  event.done();
}

void Screen::draw_scanout(const Rect& area) {
  const SharedMemory::ReadAccess reading(scanout_->memory());
  auto picture = scanout_->read(area);
  if (!picture) {
    return failed(picture.error().in("gl_draw"));
  }
  draw(copy_op(scanout_surface, area, std::make_shared<Bitmap>(std::move(*picture))), "gl_draw");
}

void Screen::on(const StreamPicture& event) {
  const auto found = streams_.find(event.stream);
  if (found == streams_.end()) return;
  if (event.planes) {
    const channels::StreamInfo& stream = found->second;
    drawn(stream.surface,
          canvas_.draw_video(stream.surface, event.dest, stream.clip, *event.planes),
          "stream_data");
    return;
  }
  if (!event.picture) return;
  raster::DrawOp op = copy_op(found->second.surface, event.dest, event.picture);
  op.clip = found->second.clip;
  draw(op, "stream_data");
}

void Screen::on(const StreamClipped& event) {
  const auto found = streams_.find(event.stream);
  if (found != streams_.end()) found->second.clip = event.clip;
}

/// What the canvas has noted so far was before what comes.
void Screen::collect_damage() {
  const auto surface = this->surface();
  if (surface != tracked_) tracker_.clear();
  tracked_ = surface;
  if (surface) tracker_.drawn(canvas_.take_damage(*surface));
}

/// `why` begins with the message that could not be carried out.
void Screen::failed(const Error& why) {
  ++failures_;
  problems_.report(fmt::format("display {} {}", display_, why.message()));
}

/// What has become of a draw. The canvas names the operation; `message`: what it stands for, if not
/// for that.
bool Screen::drawn(raster::SurfaceId id, const Result<void>& result, const char* message) {
  if (!result) {
    failed(message ? result.error().in(message) : result.error());
    return false;
  }
  ++draws_;
  if (surface() == id) drawn_ = true;
  return true;
}

/// `message`: which it stands for, if not for the operation's own.
void Screen::draw(const raster::DrawOp& op, const char* message) {
  const auto* bits = std::get_if<raster::CopyBits>(&op.operation);
  const bool moves = bits != nullptr && surface() == op.surface;
  if (moves) collect_damage();
  if (!drawn(op.surface, canvas_.draw(op), message)) return;
  if (moves) {
    tracker_.moved(canvas_.take_damage(op.surface),
                   {op.box.left - bits->src.x, op.box.top - bits->src.y});
  }
}

Rect Screen::area() const {
  const auto surface = this->surface();
  if (!surface) return {};
  const Rect whole = Rect::of(canvas_.surface_size(*surface));
  // A scanout has no number of its own: it stands for the primary surface.
  const raster::SurfaceId number = scanout_ ? 0 : *surface;
  for (const channels::MonitorHead& head : monitors_.heads) {
    const Rect shown = head.area.intersected(whole);
    // A head that the surface does not hold whole is left from another mode.
    if (head.surface == number && !shown.empty() && shown == head.area) return shown;
  }
  return whole;
}

Changes Screen::take_changes() {
  collect_damage();
  if (!tracked_) return {};
  const Rect area = this->area();
  Changes changes = within(tracker_.take(), area);
  if (area != shown_before_) changes = {};
  if (area != shown_before_ && !area.empty()) changes.damage.add(Rect::of(area.size()));
  shown_before_ = area;
  return changes;
}

Result<Bitmap> Screen::snapshot() {
  const auto surface = this->surface();
  if (!surface) return fail(ErrorKind::not_found, "the guest has no picture");
  return to_xrgb32(CASSIA_TRY(canvas_.read(*surface, area())));
}

namespace {

std::uint32_t widen(std::uint32_t value, int bits) {
  const std::uint32_t high = value << (8 - bits);
  return high | (high >> bits);
}

std::uint32_t widen_pixel(std::uint32_t p, PixelFormat format) {
  const int green = format == PixelFormat::rgb565 ? 6 : 5;
  return 0xFF000000u | (widen((p >> (5 + green)) & 0x1F, 5) << 16) |
         (widen((p >> 5) & ((1u << green) - 1), green) << 8) | widen(p & 0x1F, 5);
}

}  // namespace

Result<Bitmap> to_xrgb32(const Bitmap& bitmap) {
  Bitmap out = CASSIA_TRY(Bitmap::create(bitmap.size(), PixelFormat::xrgb32));
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    std::uint32_t* to = out.row32(y);
    switch (bitmap.format()) {
      case PixelFormat::xrgb32:
      case PixelFormat::argb32:
        for (std::int32_t x = 0; x < bitmap.width(); ++x) to[x] = bitmap.row32(y)[x] | 0xFF000000u;
        break;
      case PixelFormat::rgb555:
      case PixelFormat::rgb565: {
        const auto* from = reinterpret_cast<const std::uint16_t*>(bitmap.row(y));
        for (std::int32_t x = 0; x < bitmap.width(); ++x) {
          to[x] = widen_pixel(from[x], bitmap.format());
        }
        break;
      }
      case PixelFormat::a8:
        for (std::int32_t x = 0; x < bitmap.width(); ++x) {
          to[x] = 0xFF000000u | bitmap.row(y)[x] * 0x010101u;
        }
        break;
      case PixelFormat::a1:
        for (std::int32_t x = 0; x < bitmap.width(); ++x) {
          to[x] = ((bitmap.row(y)[x / 8] >> (x % 8)) & 1) != 0 ? 0xFFFFFFFFu : 0xFF000000u;
        }
        break;
    }
  }
  return out;
}

}  // namespace cassia::client
