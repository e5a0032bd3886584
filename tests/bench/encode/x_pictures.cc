// SPDX-License-Identifier: Apache-2.0
// An X client that shows pictures one after another, each once: a workload whose cost on the server
// is that of encoding images. Says "shown" on standard output once the server has drawn the last.
// Paced, so that no server skips one because the next is there already.
//   x_pictures text|ui|photo|gradient COUNT WIDTH HEIGHT MS

#include <X11/Xlib.h>
#include <X11/Xutil.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>

#include "tests/unit/codec/pictures.h"

namespace {

using cassia::codec::test::Scene;
using cassia::raster::Bitmap;

std::optional<Scene> scene_named(std::string_view name) {
  for (const Scene scene : cassia::codec::test::all_scenes) {
    if (name == cassia::codec::test::name_of(scene)) return scene;
  }
  return std::nullopt;
}

/// Every picture differs from the one before: rows move down by a few, so nothing is drawn in vain.
void show(Display* display, Window window, GC gc, XImage& image, const Bitmap& picture, int step) {
  const int first = (step * 37) % picture.height();
  for (int y = 0; y < picture.height(); ++y) {
    std::memcpy(image.data + static_cast<std::ptrdiff_t>(y) * image.bytes_per_line,
                picture.row32((y + first) % picture.height()),
                static_cast<std::size_t>(picture.width()) * 4);
  }
  XPutImage(display, window, gc, &image, 0, 0, 0, 0, static_cast<unsigned>(picture.width()),
            static_cast<unsigned>(picture.height()));
  XSync(display, False);
}

int run(Scene scene, int count, int width, int height, std::chrono::milliseconds period) {
  Display* display = XOpenDisplay(nullptr);
  if (display == nullptr) return std::fputs("x_pictures: no display\n", stderr), 1;
  const int screen = DefaultScreen(display);
  XSetWindowAttributes attributes{};
  attributes.override_redirect = True;
  const Window window =
      XCreateWindow(display, RootWindow(display, screen), 0, 0, static_cast<unsigned>(width),
                    static_cast<unsigned>(height), 0, CopyFromParent, InputOutput, CopyFromParent,
                    CWOverrideRedirect, &attributes);
  XSelectInput(display, window, ExposureMask);
  XMapWindow(display, window);
  XEvent event;
  XWindowEvent(display, window, ExposureMask, &event);
  const Bitmap picture = draw(scene, {width, height});
  XImage* image = XCreateImage(display, DefaultVisual(display, screen), 24, ZPixmap, 0,
                               static_cast<char*>(std::malloc(picture.byte_size())),
                               static_cast<unsigned>(width), static_cast<unsigned>(height), 32, 0);
  if (image == nullptr || image->data == nullptr) return 1;
  const GC gc = DefaultGC(display, screen);
  auto due = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    std::this_thread::sleep_until(due);
    show(display, window, gc, *image, picture, i);
    due += period;
  }
  std::puts("shown");
  std::fflush(stdout);
  // The window stays until somebody ends this program: the last picture can be looked at.
  XNextEvent(display, &event);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto scene = argc == 6 ? scene_named(argv[1]) : std::nullopt;
  if (!scene) {
    std::fputs("usage: x_pictures text|ui|photo|gradient COUNT WIDTH HEIGHT MS\n", stderr);
    return 2;
  }
  return run(*scene, std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]),
             std::chrono::milliseconds(std::atoi(argv[5])));
}
