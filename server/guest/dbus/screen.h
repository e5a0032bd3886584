// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the listener of one console is told (org.qemu.Display1.Listener), as draw commands and a
// pointer. No D-Bus in here: arguments come read, and nothing of them is trusted.

#include <memory>

#include "base/file_descriptor.h"
#include "base/shared_memory.h"
#include "server/guest/dbus/pixels.h"
#include "server/guest/guest_source.h"

namespace cassia::server::dbus {

/// A rectangle as the peer states it.
struct StatedRect {
  std::int32_t x = 0, y = 0, width = 0, height = 0;
};

/// ScanoutMap: a memory file of QEMU's which holds the picture from `offset` on.
struct MappedScanout {
  FileDescriptor memory;
  std::uint32_t offset = 0;
  PixelLayout layout;
};
/// ScanoutDMABUF with one plane.
struct DmabufScanout {
  FileDescriptor buffer;
  std::uint32_t width = 0, height = 0, stride = 0, fourcc = 0;
  std::uint64_t modifier = 0;
  bool y0_top = true;
};

class Screen {
 public:
  static constexpr std::int32_t largest_cursor = 512;  ///< pixels of a side

  /// `salt` makes identities of pointer shapes differ from those of other screens and connections.
  /// `shown` is called when the first picture is complete.
  Screen(GuestEvents& events, DisplayId id, std::uint64_t salt, std::function<void()> shown)
      : events_(events), id_(id), salt_(salt), shown_(std::move(shown)) {}

  // Errors: malformed or unsupported; then nothing has changed. `owner` keeps `data`.
  Result<void> scanout(const PixelLayout& layout, ByteView data, std::shared_ptr<const void> owner);
  Result<void> update(const StatedRect& area, std::uint32_t stride, std::uint32_t format,
                      ByteView data, std::shared_ptr<const void> owner);
  /// Pixels stay in the peer's memory; what an update names is copied from there.
  Result<void> scanout_map(MappedScanout scanout);
  Result<void> update_map(const StatedRect& area);
  Result<void> scanout_dmabuf(DmabufScanout scanout);
  Result<void> update_dmabuf(const StatedRect& area);
  void disable();
  /// `area` lies on the screen.
  bool has(const StatedRect& area) const { return inside(area).has_value(); }

  void mouse_set(std::int32_t x, std::int32_t y, bool on);
  Result<void> cursor_define(std::int32_t width, std::int32_t height, std::int32_t hot_x,
                             std::int32_t hot_y, ByteView data);

  raster::Size size() const { return size_; }  ///< 0x0 while it shows nothing

 private:
  Result<raster::Rect> inside(const StatedRect& area) const;
  Result<void> become(raster::Size size);
  void draw(const raster::Rect& box, const raster::Bitmap& bitmap);
  void emit(const raster::Rect& box, raster::Bitmap bitmap);
  void show_pointer();

  GuestEvents& events_;
  const DisplayId id_;
  const std::uint64_t salt_;
  std::function<void()> shown_;
  raster::Size size_;
  /// The picture as it was told on. QEMU calls much an update that changes nothing, and whole bands
  /// of which a few pixels have changed: those few are told.
  raster::Bitmap picture_;
  bool fresh_ = false;  ///< nothing of it has been told yet
  std::unique_ptr<MappedScanout> mapped_;
  std::unique_ptr<DmabufScanout> dmabuf_;
  std::shared_ptr<const SharedMemory> dmabuf_memory_;
  channels::CursorState pointer_{{}, false, nullptr, 0, 0};
  raster::Point position_;  ///< of the shape's top left corner
  std::uint64_t shapes_ = 0;
};

}  // namespace cassia::server::dbus
