// SPDX-License-Identifier: Apache-2.0
// The same work on every X server: same pixels, same pace. Says "done" and how many steps came late
// once the server has drawn the last one; its windows stay until somebody ends it.
//   x_workload terminal|windows|photos|video SECONDS STEPS_A_SECOND [WIDTH HEIGHT of the video]

#include <X11/Xlib.h>
#include <X11/Xutil.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/unit/codec/pictures.h"

namespace {

using cassia::codec::test::draw;
using cassia::codec::test::Scene;
using cassia::raster::Bitmap;

struct Stage {
  Display* display = XOpenDisplay(nullptr);
  int number = display ? DefaultScreen(display) : 0;
  int width = display ? DisplayWidth(display, number) : 0;
  int height = display ? DisplayHeight(display, number) : 0;
  GC gc = nullptr;

  Window window(int x, int y, int w, int h, unsigned long background) {
    XSetWindowAttributes set{};
    set.override_redirect = True;
    set.background_pixel = background;
    const Window made = XCreateWindow(display, RootWindow(display, number), x, y, unsigned(w),
                                      unsigned(h), 0, CopyFromParent, InputOutput, CopyFromParent,
                                      CWOverrideRedirect | CWBackPixel, &set);
    XMapRaised(display, made);
    return made;
  }
};

class Work {
 public:
  explicit Work(Stage& screen) : screen_(screen) {}
  virtual ~Work() = default;
  virtual void step(int number) = 0;

 protected:
  std::string sentence(std::size_t length) {
    static const char* const words[] = {"the",    "quick", "brown", "fox", "gateway", "server",
                                        "0x7ffd", "SPICE", "wire",  "int", "return",  "static",
                                        "=",      "{",     "}",     "//",  "surface", "glyph"};
    std::string text;
    while (text.size() < length) text.append(words[random_() % std::size(words)]).push_back(' ');
    return text;
  }
  std::minstd_rand random_{12345};
  Stage& screen_;
};

/// A terminal that scrolls by two lines a step.
class Terminal final : public Work {
 public:
  explicit Terminal(Stage& screen)
      : Work(screen), width_(screen.width * 5 / 8), height_(screen.height - 60) {
    window_ = screen.window(20, 20, width_, height_, 0x101018);
  }
  void step(int number) override {
    for (int line = 0; line < 2; ++line) put_line(number * 2 + line);
  }

 private:
  void put_line(int number) {
    constexpr int line = 14;
    Display* const d = screen_.display;
    const GC gc = screen_.gc;
    XCopyArea(d, window_, window_, gc, 0, line, unsigned(width_), unsigned(height_ - line), 0, 0);
    XSetForeground(d, gc, 0x101018);
    XFillRectangle(d, window_, gc, 0, height_ - line, unsigned(width_), line);
    const std::string text = std::to_string(number) + " " + sentence(110);
    XSetForeground(d, gc, random_() % 5 != 0 ? 0xd0d0d0 : 0x60ff60);
    XSetBackground(d, gc, 0x101018);
    XDrawImageString(d, window_, gc, 4, height_ - 4, text.data(), int(text.size()));
  }
  int width_, height_;
  Window window_;
};

/// Two windows with writing on them move over a third.
class Windows final : public Work {
 public:
  explicit Windows(Stage& screen) : Work(screen), page_(draw(Scene::ui, {1200, 800})) {
    back_ = screen.window(0, 0, screen.width, screen.height, 0xe8e8e8);
    one_ = screen.window(100, 100, 480, 320, 0x3060a0);
    two_ = screen.window(700, 300, 400, 300, 0xf4f0e0);
  }
  void step(int number) override {
    Display* const d = screen_.display;
    XMoveWindow(d, one_, 60 + number * 7 % (screen_.width / 2), 60 + number * 3 % 300);
    XMoveWindow(d, two_, screen_.width / 2 - number * 5 % (screen_.width / 3), 280 + number % 200);
    if (number % 5 != 0) return;
    XSetForeground(d, screen_.gc, 0x202020);
    for (int row = 0; row < 12; ++row) {
      const std::string text = sentence(40);
      XDrawString(d, two_, screen_.gc, 10, 20 + row * 20, text.data(), int(text.size()));
    }
  }

 private:
  Bitmap page_;
  Window back_, one_, two_;
};

std::unique_ptr<XImage, int (*)(XImage*)> image_of(Stage& screen, int width, int height) {
  auto* pixels = static_cast<char*>(std::malloc(std::size_t(width) * height * 4));
  return {XCreateImage(screen.display, DefaultVisual(screen.display, screen.number), 24, ZPixmap, 0,
                       pixels, unsigned(width), unsigned(height), 32, 0),
          [](XImage* image) { return XDestroyImage(image); }};
}

/// A page with photographs and writing, scrolled by 40 rows a step; a new page every 90 steps.
class Photos final : public Work {
 public:
  explicit Photos(Stage& screen)
      : Work(screen),
        photo_(draw(Scene::photo, {1600, 1200})),
        image_(image_of(screen, screen.width, screen.height)) {
    window_ = screen.window(0, 0, screen.width, screen.height, 0xffffff);
  }
  void step(int number) override {
    const int height = screen_.height;
    if (number % 90 == 0) {
      top_ = number * 31;
      return show(0, height);
    }
    top_ += step_rows;
    XCopyArea(screen_.display, window_, window_, screen_.gc, 0, step_rows, unsigned(screen_.width),
              unsigned(height - step_rows), 0, 0);
    show(height - step_rows, height);
  }

 private:
  static constexpr int step_rows = 40;

  void show(int from, int to) {
    for (int y = from; y < to; ++y) fill_row(y - from, top_ + y);
    XPutImage(screen_.display, window_, screen_.gc, image_.get(), 0, 0, 0, from,
              unsigned(screen_.width), unsigned(to - from));
    XSetForeground(screen_.display, screen_.gc, 0x202020);
    for (int y = from; y < to; ++y) {
      if (const int row = (top_ + y) % 460; row != 20 && row != 40 && row != 420) continue;
      const std::string text = sentence(150);
      XDrawString(screen_.display, window_, screen_.gc, 40, y, text.data(), int(text.size()));
    }
  }
  void fill_row(int image_row, int document_row) {
    auto* out = reinterpret_cast<std::uint32_t*>(image_->data + image_row * image_->bytes_per_line);
    std::fill_n(out, screen_.width, 0xffffffu);
    const int row = document_row % 460, block = document_row / 460;
    if (row < 60 || row >= 380) return;
    const auto* photo = photo_.row32((row * 2 + block * 131) % photo_.height());
    for (int x = 0; x < screen_.width - 80; ++x) {
      if (x % 900 < 860) out[40 + x] = photo[(x + block * 137) % photo_.width()];
    }
  }
  Bitmap photo_;
  std::unique_ptr<XImage, int (*)(XImage*)> image_;
  Window window_;
  int top_ = 0;
};

/// A film: the camera pans over a photograph while something bright crosses it.
class Video final : public Work {
 public:
  Video(Stage& screen, int width, int height)
      : Work(screen),
        width_(width),
        height_(height),
        photo_(draw(Scene::photo, {width + 400, height + 200})),
        image_(image_of(screen, width, height)) {
    window_ =
        screen.window((screen.width - width) / 2, (screen.height - height) / 2, width, height, 0);
  }
  void step(int number) override {
    const int left = pan(number * 3, 400), top = pan(number * 2, 200);
    for (int y = 0; y < height_; ++y) {
      std::memcpy(row(y), photo_.row32(y + top) + left, std::size_t(width_) * 4);
    }
    const int x0 = number * 11 % (width_ - 120), y0 = number * 7 % (height_ - 120);
    for (int y = 0; y < 120; ++y) {
      for (int x = 0; x < 120; ++x) {
        row(y0 + y)[x0 + x] = unsigned((x * 2 + number * 3) & 255) << 16 |
                              unsigned(y * 2 & 255) << 8 | unsigned((x + y + number) & 255);
      }
    }
    XPutImage(screen_.display, window_, screen_.gc, image_.get(), 0, 0, 0, 0, unsigned(width_),
              unsigned(height_));
  }

 private:
  static int pan(int way, int room) { return std::abs(way % (2 * room) - room); }
  std::uint32_t* row(int y) {
    return reinterpret_cast<std::uint32_t*>(image_->data + y * image_->bytes_per_line);
  }
  int width_, height_;
  Bitmap photo_;
  std::unique_ptr<XImage, int (*)(XImage*)> image_;
  Window window_;
};

std::unique_ptr<Work> make_work(Stage& screen, std::string_view kind, int argc, char** argv) {
  if (kind == "terminal") return std::make_unique<Terminal>(screen);
  if (kind == "windows") return std::make_unique<Windows>(screen);
  if (kind == "photos") return std::make_unique<Photos>(screen);
  if (kind != "video" || argc != 6) return nullptr;
  return std::make_unique<Video>(screen, std::atoi(argv[4]), std::atoi(argv[5]));
}

void work_off(Stage& screen, Work& work, double seconds, double pace) {
  using Clock = std::chrono::steady_clock;
  const auto period =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / pace));
  const int steps = static_cast<int>(seconds * pace);
  int late = 0;
  auto due = Clock::now();
  for (int i = 0; i < steps; ++i) {
    work.step(i);
    XSync(screen.display, False);
    due += period;
    if (Clock::now() > due + period) ++late;
    std::this_thread::sleep_until(due);
  }
  std::printf("done: %d steps, %d late\n", steps, late);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  Stage screen;
  if (argc < 4 || screen.display == nullptr) {
    std::fputs("usage: DISPLAY=:N x_workload KIND SECONDS PACE [WIDTH HEIGHT]\n", stderr);
    return 2;
  }
  const auto work = make_work(screen, argv[1], argc, argv);
  if (!work) return std::fputs("x_workload: no such work\n", stderr), 2;
  screen.gc = XCreateGC(screen.display, RootWindow(screen.display, screen.number), 0, nullptr);
  XSetGraphicsExposures(screen.display, screen.gc, False);
  XSetFont(screen.display, screen.gc, XLoadFont(screen.display, "fixed"));
  XSync(screen.display, False);
  work_off(screen, *work, std::atof(argv[2]), std::atof(argv[3]));
  XEvent event;
  XSelectInput(screen.display, RootWindow(screen.display, screen.number), KeyPressMask);
  while (true) XNextEvent(screen.display, &event);
}
