// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_desktop.h"

#include "server/display/console_font.h"

namespace cassia::server {

using raster::Point;
using raster::Rect;
using raster::Region;
using raster::Size;
using raster::SurfaceId;

namespace {

constexpr SurfaceId screen = 0, wallpaper = 1, terminal_content = 2, clock_content = 3,
                    controls_content = 4;
constexpr std::int32_t border = 3;
constexpr std::int32_t title_height = 22;
constexpr raster::Color frame_color = 0x4a5a6a, active_color = 0x2f6f8f, idle_color = 0x8a949c;
constexpr raster::Color panel_color = 0xe8e8e0, panel_ink = 0x202020;
constexpr Rect button{16, 16, 136, 48};
constexpr Rect check_box{16, 64, 32, 80};
constexpr Rect level_bar{16, 96, 136, 108};
constexpr Rect photo{160, 16, 288, 112};

/// A made-up landscape: smooth colours, for what codecs do with photographs.
raster::BitmapPtr make_photo(Size size) {
  auto bitmap = raster::Bitmap::create(size, raster::PixelFormat::xrgb32);
  if (!bitmap) return nullptr;
  for (std::int32_t y = 0; y < size.height; ++y) {
    std::uint32_t* row = bitmap->row32(y);
    for (std::int32_t x = 0; x < size.width; ++x) {
      const std::int32_t hill = size.height * 2 / 3 - ((x * 7) % 61 + (x * x / 29) % 43) / 6;
      const auto r = static_cast<std::uint32_t>(y < hill ? 90 + y : 40 + (x ^ y) % 24);
      const auto g = static_cast<std::uint32_t>(y < hill ? 140 + y / 2 : 110 + (x * y) % 31);
      const auto b = static_cast<std::uint32_t>(y < hill ? 220 - y / 3 : 50 + x % 17);
      row[x] = (r & 255) << 16 | (g & 255) << 8 | (b & 255);
    }
  }
  return std::make_shared<const raster::Bitmap>(std::move(*bitmap));
}

/// Alternating rows, to be combined with title bars: a pattern brush.
raster::BitmapPtr make_hatch() {
  auto bitmap = raster::Bitmap::create({8, 8}, raster::PixelFormat::xrgb32);
  if (!bitmap) return nullptr;
  for (std::int32_t y = 0; y < 8; ++y) {
    for (std::int32_t x = 0; x < 8; ++x)
      bitmap->row32(y)[x] = (x + y) % 4 == 0 ? 0xc8c8c8 : 0xffffff;
  }
  return std::make_shared<const raster::Bitmap>(std::move(*bitmap));
}

raster::BitmapPtr make_shade(Size size, raster::Color color) {
  auto bitmap = raster::Bitmap::create(size, raster::PixelFormat::xrgb32);
  if (!bitmap) return nullptr;
  for (std::int32_t y = 0; y < size.height; ++y) {
    const auto add = static_cast<std::uint32_t>(40 - y * 40 / size.height);
    const std::uint32_t shade = color + (add << 16 | add << 8 | add);
    for (std::int32_t x = 0; x < size.width; ++x) bitmap->row32(y)[x] = shade;
  }
  return std::make_shared<const raster::Bitmap>(std::move(*bitmap));
}

}  // namespace

Rect DemoDesktop::Window::frame() const {
  return Rect::of(
      position, {content_size.width + 2 * border, content_size.height + title_height + 2 * border});
}
Rect DemoDesktop::Window::title_bar() const {
  const Rect f = frame();
  return {f.left + border, f.top + border, f.right - border, f.top + border + title_height};
}
Rect DemoDesktop::Window::inside() const {
  return Rect::of({position.x + border, position.y + border + title_height}, content_size);
}

DemoDesktop::DemoDesktop(GuestEvents& events, Size size)
    : painter_(events), size_(size), terminal_(painter_, terminal_content) {
  windows_.push_back({clock_window, clock_content, {700, 60}, {9 * glyph_width + 16, 40}, "Clock"});
  windows_.push_back({controls_window, controls_content, {640, 420}, {304, 128}, "Controls"});
  windows_.push_back(
      {terminal_window, terminal_content, {60, 140}, DemoTerminal::size(), "Terminal"});
}

void DemoDesktop::start(const std::string& clock_text) {
  painter_.create(screen, size_, true);
  painter_.create(wallpaper, size_, false);
  for (const Window& window : windows_) painter_.create(window.content, window.content_size, false);
  draw_wallpaper();
  terminal_.start();
  draw_controls();
  compose(Region(whole()));
  set_clock(clock_text);
}

void DemoDesktop::resize(Size size) {
  for (const SurfaceId id : {wallpaper, screen}) painter_.destroy(id);
  size_ = size;
  painter_.create(screen, size_, true);
  painter_.create(wallpaper, size_, false);
  dragging_ = false;
  for (Window& window : windows_) {
    const Rect frame = window.frame();
    window.position.x = std::clamp(frame.left, 0, std::max(0, size_.width - frame.width()));
    window.position.y = std::clamp(frame.top, 0, std::max(0, size_.height - frame.height()));
  }
  draw_wallpaper();
  compose(Region(whole()));
}

void DemoDesktop::draw_wallpaper() {
  constexpr std::int32_t bands = 48;
  for (std::int32_t band = 0; band < bands; ++band) {
    const auto level = static_cast<std::uint32_t>(band);
    const Rect box{0, size_.height * band / bands, size_.width, size_.height * (band + 1) / bands};
    painter_.fill(wallpaper, box, (30 + level) << 16 | (60 + 2 * level) << 8 | (90 + 2 * level));
  }
  painter_.text(wallpaper, {24, 24}, " Cassia ", 0xffffff, 0x2f4f6f);
}

void DemoDesktop::draw_controls() {
  painter_.fill(controls_content, Rect::of({304, 128}), panel_color);
  painter_.fill(controls_content, button, 0xb8c4d0);
  painter_.text(controls_content, {button.left + 12, button.top + 8},
                fmt::format("clicks: {:<3}", clicks_), panel_ink, 0xb8c4d0);
  painter_.fill(controls_content, check_box, panel_ink);
  const Rect hole{check_box.left + 2, check_box.top + 2, check_box.right - 2, check_box.bottom - 2};
  painter_.fill(controls_content, hole, checked_ ? 0x2f6f8f : 0xffffff);
  painter_.text(controls_content, {40, 64}, "negative", panel_ink, panel_color);
  painter_.picture(controls_content, photo.origin(), make_photo(photo.size()), 0);
  if (checked_) painter_.invert(controls_content, photo);
  // A translucent looking shadow under the photo: blend its lower edge with the panel.
  raster::Blend shadow;
  shadow.src.source = make_shade({photo.width(), 4}, 0x606060);
  shadow.src_area = Rect::of({photo.width(), 4});
  shadow.rop = raster::Rop::and_;
  painter_.draw(controls_content, {photo.left + 4, photo.bottom, photo.right + 4, photo.bottom + 4},
                std::move(shadow));
}

void DemoDesktop::draw_frame(const Window& window, const Region& visible, bool active) {
  const raster::Clip clip = clip_to(visible);
  painter_.fill(screen, window.frame(), frame_color, clip);
  const Rect bar = window.title_bar();
  raster::Opaque title;
  title.src.source = make_shade(bar.size(), active ? active_color : idle_color);
  title.src_area = Rect::of(bar.size());
  title.brush = raster::Pattern{{make_hatch(), {}}, {0, 0}};
  title.rop = raster::Rop::and_;
  painter_.draw(screen, bar, std::move(title), clip);
  painter_.text(screen, {bar.left + 6, bar.top + 3}, window.title, 0xffffff,
                active ? active_color : idle_color, clip);
  painter_.copy_surface(screen, window.inside(), window.content, {0, 0}, clip);
}

Region DemoDesktop::visible_part(std::size_t index) const {
  Region out(windows_[index].frame().intersected(whole()));
  for (std::size_t above = index + 1; above < windows_.size(); ++above) {
    out.subtract(windows_[above].frame());
  }
  return out;
}

void DemoDesktop::compose(const Region& damage) {
  Region background = damage;
  for (const Window& window : windows_) background.subtract(window.frame());
  painter_.copy_surface(screen, whole(), wallpaper, {0, 0}, clip_to(background));
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    Region visible = visible_part(i);
    visible.intersect(damage);
    if (!visible.empty()) draw_frame(windows_[i], visible, i + 1 == windows_.size());
  }
}

void DemoDesktop::show_content(WindowKind kind, const Rect& part) {
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const Window& window = windows_[i];
    if (window.kind != kind) continue;
    const Rect inside = window.inside();
    const Rect box = part.translated(inside.left, inside.top);
    painter_.copy_surface(screen, box, window.content, part.origin(), clip_to(visible_part(i)));
  }
}

void DemoDesktop::set_clock(const std::string& text) {
  const Size size{9 * glyph_width + 16, 40};
  painter_.fill(clock_content, Rect::of(size), 0x1c1c28);
  painter_.text(clock_content, {12, 12}, text.substr(0, 9), 0xffd060, 0x1c1c28);
  show_content(clock_window, Rect::of(size));
}

void DemoDesktop::set_level(int level) {
  const std::int32_t end = level_bar.left + level_bar.width() * level / 100;
  painter_.fill(controls_content, level_bar, 0xb8c4d0);
  if (end > level_bar.left) {
    const Rect loud{level_bar.left, level_bar.top, end, level_bar.bottom};
    painter_.fill(controls_content, loud, 0x2f8f4f);
  }
  show_content(controls_window, level_bar);
}

void DemoDesktop::type(char character) {
  terminal_.type(character);
  show_content(terminal_window, Rect::of(DemoTerminal::size()));
}

std::size_t DemoDesktop::window_at(Point position) const {
  for (std::size_t i = windows_.size(); i-- > 0;) {
    if (windows_[i].frame().contains(position)) return i;
  }
  return windows_.size();
}

void DemoDesktop::raise(std::size_t index) {
  if (index + 1 == windows_.size()) return;
  Region damage(windows_.back().frame());
  damage.add(windows_[index].frame());
  std::rotate(windows_.begin() + static_cast<long>(index),
              windows_.begin() + static_cast<long>(index) + 1, windows_.end());
  compose(damage.intersect(whole()));
}

void DemoDesktop::button_down(Point position) {
  const std::size_t index = window_at(position);
  if (index == windows_.size()) return;
  raise(index);
  const Window& window = windows_.back();
  if (window.title_bar().contains(position)) {
    dragging_ = true;
    grip_ = {position.x - window.position.x, position.y - window.position.y};
  } else if (window.kind == controls_window && window.inside().contains(position)) {
    const Rect inside = window.inside();
    click_controls({position.x - inside.left, position.y - inside.top});
  }
}

void DemoDesktop::button_up() { dragging_ = false; }

void DemoDesktop::pointer_moved(Point position) {
  if (dragging_) move_top_window({position.x - grip_.x, position.y - grip_.y});
}

void DemoDesktop::move_top_window(Point position) {
  Window& window = windows_.back();
  const Rect before = window.frame();
  // The window stays on the screen, so all of it can be moved by copy_bits.
  position.x = std::clamp(position.x, 0, size_.width - before.width());
  position.y = std::clamp(position.y, 0, size_.height - before.height());
  if (position == window.position) return;
  window.position = position;
  painter_.copy_bits(screen, window.frame(), before.origin());
  Region exposed(before);
  compose(exposed.subtract(window.frame()));
}

void DemoDesktop::click_controls(Point inside) {
  if (button.contains(inside)) {
    ++clicks_;
  } else if (check_box.contains(inside)) {
    checked_ = !checked_;
  } else {
    return;
  }
  draw_controls();
  show_content(controls_window, Rect::of({304, 128}));
}

DemoPointer DemoDesktop::pointer_at(Point position) const {
  const std::size_t index = window_at(position);
  if (index == windows_.size()) return DemoPointer::arrow;
  const Window& window = windows_[index];
  if (window.title_bar().contains(position)) return DemoPointer::hand;
  const bool text = window.kind == terminal_window && window.inside().contains(position);
  return text ? DemoPointer::text : DemoPointer::arrow;
}

}  // namespace cassia::server
