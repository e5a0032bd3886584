// SPDX-License-Identifier: Apache-2.0
#include "client/app/x11_window.h"

#include <sys/ipc.h>
#include <sys/shm.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>

#include <cstdlib>
#include <optional>

namespace cassia::client {
namespace {

using raster::Bitmap;
using raster::Point;
using raster::Rect;
using raster::Size;

struct FreeDeleter {
  void operator()(void* reply) const { std::free(reply); }
};
template <class T>
using Reply = std::unique_ptr<T, FreeDeleter>;

struct ConnectionDeleter {
  void operator()(xcb_connection_t* connection) const { xcb_disconnect(connection); }
};
using Connection = std::shared_ptr<xcb_connection_t>;

/// Memory that the server has mapped too. The bitmap holds it.
struct Segment {
  ~Segment() {
    if (attached) xcb_shm_detach(connection.get(), id);
    if (memory != nullptr) ::shmdt(memory);
  }
  Connection connection;
  std::uint32_t id = 0;
  bool attached = false;
  void* memory = nullptr;
};

const xcb_visualtype_t* find_visual(const xcb_setup_t* setup, xcb_visualid_t id) {
  for (auto screen = xcb_setup_roots_iterator(setup); screen.rem > 0; xcb_screen_next(&screen)) {
    auto depth = xcb_screen_allowed_depths_iterator(screen.data);
    for (; depth.rem > 0; xcb_depth_next(&depth)) {
      auto visual = xcb_depth_visuals_iterator(depth.data);
      for (; visual.rem > 0; xcb_visualtype_next(&visual)) {
        if (visual.data->visual_id == id) return visual.data;
      }
    }
  }
  return nullptr;
}

/// Are pixels of `depth` stored as xrgb32 is here?
bool stores_32_bits(const xcb_setup_t* setup, std::uint8_t depth) {
  if (setup->image_byte_order != XCB_IMAGE_ORDER_LSB_FIRST) return false;
  for (auto it = xcb_setup_pixmap_formats_iterator(setup); it.rem > 0; xcb_format_next(&it)) {
    if (it.data->depth == depth) return it.data->bits_per_pixel == 32;
  }
  return false;
}

class SharedWindow final : public X11Window {
 public:
  explicit SharedWindow(Connection connection, std::uint32_t window)
      : connection_(std::move(connection)), window_(window) {}
  ~SharedWindow() override {
    if (context_ != 0) xcb_free_gc(connection_.get(), context_);
  }

  Result<void> look_at_window();
  Result<Bitmap> allocate(Size size) override;
  bool owns(const Bitmap& bitmap) const override { return segment_of(bitmap) != nullptr; }
  void put(const Bitmap& bitmap, const Rect& from, Point at) override;
  void move(const Rect& to, Point offset) override;
  Result<std::vector<Rect>> finish() override;

 private:
  struct Known {
    const std::uint8_t* pixels;
    std::weak_ptr<Segment> segment;
  };
  std::shared_ptr<Segment> segment_of(const Bitmap& bitmap) const;

  const Connection connection_;
  const std::uint32_t window_;
  std::uint32_t context_ = 0;
  std::uint8_t depth_ = 0;
  std::vector<Known> known_;
};

Result<void> SharedWindow::look_at_window() {
  xcb_connection_t* c = connection_.get();
  const auto geometry_asked = xcb_get_geometry(c, window_);
  const auto attributes_asked = xcb_get_window_attributes(c, window_);
  const Reply<xcb_get_geometry_reply_t> geometry(
      xcb_get_geometry_reply(c, geometry_asked, nullptr));
  const Reply<xcb_get_window_attributes_reply_t> attributes(
      xcb_get_window_attributes_reply(c, attributes_asked, nullptr));
  if (!geometry || !attributes)
    return fail(ErrorKind::unsupported, "the X server has no such window");
  const xcb_setup_t* setup = xcb_get_setup(c);
  const xcb_visualtype_t* visual = find_visual(setup, attributes->visual);
  depth_ = geometry->depth;
  const bool rgb = visual != nullptr && visual->red_mask == 0xff0000 &&
                   visual->green_mask == 0xff00 && visual->blue_mask == 0xff;
  if (depth_ != 24 || !rgb || !stores_32_bits(setup, depth_)) {
    return fail(ErrorKind::unsupported, "the window's pixels are not 32-bit RGB");
  }
  const auto* shm = xcb_get_extension_data(c, &xcb_shm_id);
  if (shm == nullptr || shm->present == 0) {
    return fail(ErrorKind::unsupported, "the X server has no shared memory");
  }
  context_ = xcb_generate_id(c);
  const std::uint32_t exposures = 1;
  xcb_create_gc(c, context_, window_, XCB_GC_GRAPHICS_EXPOSURES, &exposures);
  return {};
}

Result<Bitmap> SharedWindow::allocate(Size size) {
  if (size.empty() || size.width > raster::max_side || size.height > raster::max_side) {
    return fail(ErrorKind::invalid_argument, "a picture of {}x{} pixels", size.width, size.height);
  }
  const std::size_t stride = static_cast<std::size_t>(size.width) * 4;
  const auto segment = std::make_shared<Segment>();
  segment->connection = connection_;
  const int key = ::shmget(IPC_PRIVATE, stride * static_cast<std::size_t>(size.height), 0600);
  if (key < 0) return fail_errno(errno, "shared memory for a picture");
  void* memory = ::shmat(key, nullptr, 0);
  const int failed = errno;
  bool attached = false;
  if (memory != reinterpret_cast<void*>(-1)) {
    segment->memory = memory;
    segment->id = xcb_generate_id(connection_.get());
    const auto asked =
        xcb_shm_attach_checked(connection_.get(), segment->id, static_cast<std::uint32_t>(key), 1);
    const Reply<xcb_generic_error_t> error(xcb_request_check(connection_.get(), asked));
    attached = segment->attached = !error;
  }
  ::shmctl(key, IPC_RMID, nullptr);  // it goes when the last of us lets go
  if (segment->memory == nullptr) return fail_errno(failed, "shared memory for a picture");
  if (!attached) return fail(ErrorKind::unsupported, "the X server cannot map our memory");
  std::erase_if(known_, [](const Known& each) { return each.segment.expired(); });
  auto* pixels = static_cast<std::uint8_t*>(memory);
  known_.push_back({pixels, segment});
  return Bitmap::wrap(size, raster::PixelFormat::xrgb32, static_cast<std::int32_t>(stride), pixels,
                      segment);
}

std::shared_ptr<Segment> SharedWindow::segment_of(const Bitmap& bitmap) const {
  for (const Known& each : known_) {
    if (bitmap.empty() || each.pixels != bitmap.row(0)) continue;
    if (auto segment = each.segment.lock()) return segment;
  }
  return nullptr;
}

void SharedWindow::put(const Bitmap& bitmap, const Rect& from, Point at) {
  const auto segment = segment_of(bitmap);
  if (!segment || from.empty()) return;
  const auto u16 = [](std::int32_t value) { return static_cast<std::uint16_t>(value); };
  xcb_shm_put_image(connection_.get(), window_, context_, u16(bitmap.width()), u16(bitmap.height()),
                    u16(from.left), u16(from.top), u16(from.width()), u16(from.height()),
                    static_cast<std::int16_t>(at.x), static_cast<std::int16_t>(at.y), depth_,
                    XCB_IMAGE_FORMAT_Z_PIXMAP, 0, segment->id, 0);
}

void SharedWindow::move(const Rect& to, Point offset) {
  const auto s16 = [](std::int32_t value) { return static_cast<std::int16_t>(value); };
  xcb_copy_area(connection_.get(), window_, window_, context_, s16(to.left - offset.x),
                s16(to.top - offset.y), s16(to.left), s16(to.top),
                static_cast<std::uint16_t>(to.width()), static_cast<std::uint16_t>(to.height()));
}

Result<std::vector<Rect>> SharedWindow::finish() {
  xcb_connection_t* c = connection_.get();
  const Reply<xcb_get_input_focus_reply_t> done(
      xcb_get_input_focus_reply(c, xcb_get_input_focus(c), nullptr));
  if (!done) return fail(ErrorKind::io, "the connection to the X server is lost");
  std::vector<Rect> exposed;
  std::optional<int> error;
  while (const Reply<xcb_generic_event_t> event{xcb_poll_for_queued_event(c)}) {
    if (event->response_type == 0) {
      error = reinterpret_cast<const xcb_generic_error_t*>(event.get())->error_code;
    } else if ((event->response_type & 0x7f) == XCB_GRAPHICS_EXPOSURE) {
      const auto& e = *reinterpret_cast<const xcb_graphics_exposure_event_t*>(event.get());
      exposed.push_back(Rect::of(Point{e.x, e.y}, Size{e.width, e.height}));
    }
  }
  if (error) return fail(ErrorKind::io, "the X server refuses to draw: error {}", *error);
  return exposed;
}

}  // namespace

Result<std::unique_ptr<X11Window>> X11Window::open(std::uint32_t window, const char* display) {
  Connection connection(xcb_connect(display, nullptr), ConnectionDeleter());
  if (xcb_connection_has_error(connection.get()) != 0) {
    return fail(ErrorKind::unsupported, "no connection to the X server");
  }
  auto opened = std::make_unique<SharedWindow>(std::move(connection), window);
  CASSIA_TRY(opened->look_at_window());
  // On another machine, or in another container, it shows here.
  CASSIA_TRY(opened->allocate({1, 1}));
  return std::unique_ptr<X11Window>(std::move(opened));
}

}  // namespace cassia::client
