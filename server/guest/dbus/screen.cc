// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/screen.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace cassia::server::dbus {

using raster::Bitmap;
using raster::Rect;

namespace {

constexpr std::uint64_t linear = 0;                             // DRM_FORMAT_MOD_LINEAR
constexpr std::uint64_t not_stated = 0x00ff'ffff'ffff'ffffULL;  // DRM_FORMAT_MOD_INVALID

std::uint32_t bytes_per_pixel(std::uint32_t format) { return format >> 24 >> 3; }

/// `area` of a picture that lies in a file. Read, not mapped: QEMU does not seal these files, and
/// one that is cut short must be an error here, not a signal.
Result<Bytes> read_area(const MappedScanout& from, const Rect& area) {
  const std::uint32_t pixel = bytes_per_pixel(from.layout.format);
  const std::size_t row = static_cast<std::size_t>(area.width()) * pixel;
  Bytes out(row * static_cast<std::size_t>(area.height()));
  const bool whole_rows = row == from.layout.stride;
  const std::size_t piece = whole_rows ? out.size() : row;
  std::uint64_t at =
      from.offset + std::uint64_t{from.layout.stride} * area.top + std::uint64_t{pixel} * area.left;
  for (std::size_t done = 0; done < out.size(); done += piece, at += from.layout.stride) {
    for (std::size_t part = 0; part < piece;) {
      const ssize_t got = ::pread(from.memory.get(), out.data() + done + part, piece - part,
                                  static_cast<off_t>(at + part));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_errno(errno, "ScanoutMap: memory of the guest's screen");
      if (got == 0) return fail(ErrorKind::malformed, "ScanoutMap: its memory is too short");
      part += static_cast<std::size_t>(got);
    }
  }
  return out;
}

/// Rows without a change that part one band from the next.
constexpr std::int32_t band_gap = 16;

struct Span {
  std::int32_t left = 0, right = 0;
};
/// Pixels from the first to the last that differ; the highest byte of one says nothing.
Span changed(const std::uint32_t* now, const std::uint32_t* before, std::int32_t width) {
  if (std::memcmp(now, before, static_cast<std::size_t>(width) * 4) == 0) return {};
  const auto same = [&](std::int32_t x) { return ((now[x] ^ before[x]) & 0xffffff) == 0; };
  Span span{0, width};
  while (span.left < span.right && same(span.left)) ++span.left;
  while (span.right > span.left && same(span.right - 1)) --span.right;
  return span;
}

Result<Bitmap> owned_bitmap(const PixelLayout& layout, Bytes bytes) {
  const auto owner = std::make_shared<const Bytes>(std::move(bytes));
  return bitmap_of(layout, *owner, owner);
}

}  // namespace

Result<Rect> Screen::inside(const StatedRect& area) const {
  const bool sense = area.x >= 0 && area.y >= 0 && area.width > 0 && area.height > 0 &&
                     area.x < size_.width && area.y < size_.height &&
                     area.width <= size_.width - area.x && area.height <= size_.height - area.y;
  if (!sense) {
    return fail(ErrorKind::malformed, "an update of {}x{} at {},{} on a screen of {}x{}",
                area.width, area.height, area.x, area.y, size_.width, size_.height);
  }
  return Rect::of({area.x, area.y}, {area.width, area.height});
}

Result<void> Screen::become(raster::Size size) {
  if (size != size_) {
    picture_ = CASSIA_TRY(Bitmap::create_cleared(size, raster::PixelFormat::xrgb32));
    size_ = size;
    fresh_ = true;
    events_.guest_surface_create(id_, {0, size, raster::PixelFormat::xrgb32, true});
    events_.guest_monitors(id_, {1, {{0, 0, Rect::of(size), 0}}});
  }
  mapped_.reset();
  dmabuf_.reset();
  dmabuf_memory_.reset();
  return {};
}

void Screen::emit(const Rect& box, Bitmap bitmap) {
  raster::Copy copy;
  copy.src_area = Rect::of(bitmap.size());
  copy.src.source = std::make_shared<const Bitmap>(std::move(bitmap));
  events_.guest_draw(
      id_, std::make_shared<const raster::DrawOp>(raster::DrawOp{0, box, {}, std::move(copy)}));
}

/// Tells what differs from the picture, as bands of rows, and makes that the picture.
void Screen::draw(const Rect& box, const Bitmap& bitmap) {
  const bool all = std::exchange(fresh_, false);
  Rect band;  // of `bitmap`
  const auto tell = [&] {
    if (!band.empty()) emit(band.translated(box.left, box.top), bitmap.view(band));
    band = {};
  };
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    std::uint32_t* const old = picture_.row32(box.top + y) + box.left;
    const Span span = all ? Span{0, bitmap.width()} : changed(bitmap.row32(y), old, bitmap.width());
    if (span.left >= span.right) continue;
    std::memcpy(old + span.left, bitmap.row32(y) + span.left,
                static_cast<std::size_t>(span.right - span.left) * 4);
    if (y - band.bottom >= band_gap) tell();
    band = band.united({span.left, y, span.right, y + 1});
  }
  tell();
}

Result<void> Screen::scanout(const PixelLayout& layout, ByteView data,
                             std::shared_ptr<const void> owner) {
  Bitmap bitmap = CASSIA_TRY(bitmap_of(layout, data, std::move(owner)));
  const bool other = bitmap.size() != size_;
  CASSIA_TRY(become(bitmap.size()));
  draw(Rect::of(size_), bitmap);
  if (other) events_.guest_mark(id_);
  if (shown_) std::exchange(shown_, nullptr)();
  return {};
}

Result<void> Screen::update(const StatedRect& area, std::uint32_t stride, std::uint32_t format,
                            ByteView data, std::shared_ptr<const void> owner) {
  const Rect box = CASSIA_TRY(inside(area));
  const PixelLayout layout{static_cast<std::uint32_t>(box.width()),
                           static_cast<std::uint32_t>(box.height()), stride, format};
  draw(box, CASSIA_TRY(bitmap_of(layout, data, std::move(owner))));
  return {};
}

Result<void> Screen::scanout_map(MappedScanout scanout) {
  const std::size_t needed = CASSIA_TRY(bytes_of(scanout.layout));
  struct stat file {};
  if (::fstat(scanout.memory.get(), &file) != 0) return fail_errno(errno, "ScanoutMap");
  if (file.st_size < 0 || static_cast<std::uint64_t>(file.st_size) < scanout.offset + needed) {
    return fail(ErrorKind::malformed, "ScanoutMap: its memory is too short");
  }
  const raster::Size size{static_cast<std::int32_t>(scanout.layout.width),
                          static_cast<std::int32_t>(scanout.layout.height)};
  auto bytes = CASSIA_TRY(read_area(scanout, Rect::of(size)));
  PixelLayout packed = scanout.layout;
  packed.stride = packed.width * bytes_per_pixel(packed.format);
  auto bitmap = CASSIA_TRY(owned_bitmap(packed, std::move(bytes)));
  const bool other = size != size_;
  CASSIA_TRY(become(size));
  mapped_ = std::make_unique<MappedScanout>(std::move(scanout));
  draw(Rect::of(size), bitmap);
  if (other) events_.guest_mark(id_);
  if (shown_) std::exchange(shown_, nullptr)();
  return {};
}

Result<void> Screen::update_map(const StatedRect& area) {
  if (!mapped_) return fail(ErrorKind::malformed, "UpdateMap without a ScanoutMap");
  const Rect box = CASSIA_TRY(inside(area));
  auto bytes = CASSIA_TRY(read_area(*mapped_, box));
  const auto width = static_cast<std::uint32_t>(box.width());
  const PixelLayout packed{width, static_cast<std::uint32_t>(box.height()),
                           width * bytes_per_pixel(mapped_->layout.format), mapped_->layout.format};
  draw(box, CASSIA_TRY(owned_bitmap(packed, std::move(bytes))));
  return {};
}

Result<void> Screen::scanout_dmabuf(DmabufScanout scanout) {
  const std::uint32_t format = format_of_fourcc(scanout.fourcc);
  if (format == 0 || (scanout.modifier != linear && scanout.modifier != not_stated)) {
    return fail(ErrorKind::unsupported,
                "a dma-buf of fourcc {:#x} and modifier {:#x}: start QEMU without gl=on",
                scanout.fourcc, scanout.modifier);
  }
  const std::size_t bytes =
      CASSIA_TRY(bytes_of({scanout.width, scanout.height, scanout.stride, format}));
  const auto buffer = std::make_shared<const FileDescriptor>(std::move(scanout.buffer));
  auto memory = CASSIA_TRY(SharedMemory::map(buffer, bytes));
  const raster::Size size{static_cast<std::int32_t>(scanout.width),
                          static_cast<std::int32_t>(scanout.height)};
  const bool other = size != size_;
  CASSIA_TRY(become(size));
  dmabuf_ = std::make_unique<DmabufScanout>(std::move(scanout));
  dmabuf_memory_ = std::move(memory);
  CASSIA_TRY(update_dmabuf({0, 0, size.width, size.height}));
  if (other) events_.guest_mark(id_);
  if (shown_) std::exchange(shown_, nullptr)();
  return {};
}

Result<void> Screen::update_dmabuf(const StatedRect& area) {
  if (!dmabuf_) return fail(ErrorKind::malformed, "UpdateDMABUF without a ScanoutDMABUF");
  const Rect box = CASSIA_TRY(inside(area));
  const std::uint32_t format = format_of_fourcc(dmabuf_->fourcc);
  const std::size_t row = static_cast<std::size_t>(box.width()) * bytes_per_pixel(format);
  Bytes bytes(row * static_cast<std::size_t>(box.height()));
  {
    const SharedMemory::ReadAccess access(*dmabuf_memory_);
    for (std::int32_t y = 0; y < box.height(); ++y) {
      const std::int32_t line = dmabuf_->y0_top ? box.top + y : size_.height - 1 - (box.top + y);
      const std::size_t at = std::size_t{dmabuf_->stride} * static_cast<std::size_t>(line) +
                             static_cast<std::size_t>(box.left) * bytes_per_pixel(format);
      std::memcpy(bytes.data() + row * static_cast<std::size_t>(y), dmabuf_memory_->data() + at,
                  row);
    }
  }
  const PixelLayout packed{static_cast<std::uint32_t>(box.width()),
                           static_cast<std::uint32_t>(box.height()),
                           static_cast<std::uint32_t>(row), format};
  draw(box, CASSIA_TRY(owned_bitmap(packed, std::move(bytes))));
  return {};
}

void Screen::disable() {
  mapped_.reset();
  dmabuf_.reset();
  dmabuf_memory_.reset();
  picture_ = {};
  if (std::exchange(size_, {}).empty()) return;
  events_.guest_surface_destroy(id_, 0);
}

// QEMU states where the shape's corner is, SPICE where its hot spot is.
void Screen::show_pointer() {
  const std::int32_t hot_x = pointer_.shape ? pointer_.shape->hot_x : 0;
  const std::int32_t hot_y = pointer_.shape ? pointer_.shape->hot_y : 0;
  pointer_.position = {position_.x + hot_x, position_.y + hot_y};
}

void Screen::mouse_set(std::int32_t x, std::int32_t y, bool on) {
  const auto sane = [](std::int32_t v) {
    return std::clamp(v, -raster::max_side, raster::max_side);
  };
  position_ = {sane(x), sane(y)};
  show_pointer();
  if (!on) {
    pointer_.visible = false;
    return events_.guest_cursor_hide(id_);
  }
  const bool was_visible = std::exchange(pointer_.visible, true);
  was_visible ? events_.guest_cursor_move(id_, pointer_.position)
              : events_.guest_cursor_set(id_, pointer_);
}

Result<void> Screen::cursor_define(std::int32_t width, std::int32_t height, std::int32_t hot_x,
                                   std::int32_t hot_y, ByteView data) {
  if (width <= 0 || height <= 0 || width > largest_cursor || height > largest_cursor ||
      data.size() != std::size_t{4} * static_cast<std::size_t>(width * height)) {
    return fail(ErrorKind::malformed, "a pointer of {}x{} with {} bytes", width, height,
                data.size());
  }
  auto shape = std::make_shared<channels::CursorShape>();
  shape->unique = salt_ ^ ++shapes_;
  shape->width = static_cast<std::uint16_t>(width);
  shape->height = static_cast<std::uint16_t>(height);
  shape->hot_x = static_cast<std::uint16_t>(std::clamp(hot_x, 0, width - 1));
  shape->hot_y = static_cast<std::uint16_t>(std::clamp(hot_y, 0, height - 1));
  shape->data = SharedBytes(to_bytes(data));
  pointer_.shape = std::move(shape);
  show_pointer();
  events_.guest_cursor_set(id_, pointer_);
  return {};
}

}  // namespace cassia::server::dbus
