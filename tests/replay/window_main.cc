// SPDX-License-Identifier: Apache-2.0
// spice-replay-window RECORDING [--hold]: draws the display channel of a recorded session into a
// window of Windows, by the GDI canvas. Then the window is read back and compared with what the
// reference canvas made of the same messages. Status 0: equal, pixel for pixel; 1: not, or an
// error. "SHOWN WxH" is written when the window has the last picture; with --hold it stays until
// closed.

#include <cstdio>
#include <cstring>

#include "base/clock.h"
#include "client/session/screen.h"
#include "render/gdi/picture_window.h"
#include "tests/replay/display_tape.h"

namespace cassia::test {
namespace {

using raster::Bitmap;
using raster::gdi::GdiCanvas;
using raster::gdi::PictureWindow;

/// Every change goes to a window through GDI, and to the reference canvas beside it.
class Player final : public DisplaySink {
 public:
  static Result<std::unique_ptr<Player>> create(const std::string& title) {
    std::unique_ptr<Player> player(new Player);
    player->canvas_ = CASSIA_TRY(GdiCanvas::create());
    player->window_ = CASSIA_TRY(PictureWindow::create(*player->canvas_, title, {640, 480}));
    player->screen_.emplace(*player->canvas_, player->clock_);
    return player;
  }

  void change(const client::DisplayChange& change) override {
    screen_->apply(change);
    expected_.apply(change);
    if (const auto shown = present(); !shown && !problem_) problem_ = shown.error();
    window_->pump();
  }

  /// Nothing if the window shows what the reference canvas holds.
  Result<void> verify() {
    if (problem_) return fail(*problem_);
    if (screen_->failures() != 0) {
      return fail(ErrorKind::internal, "{} draws failed", screen_->failures());
    }
    const Bitmap expected = CASSIA_TRY(expected_.snapshot());
    const Bitmap shown = CASSIA_TRY(window_->capture());
    if (!raster::same_pixels(expected, shown)) {
      return fail(ErrorKind::internal,
                  "the window does not show the picture of the reference canvas");
    }
    return {};
  }

  raster::Size size() const { return screen_->area().size(); }
  std::uint64_t draws() const { return screen_->draws(); }
  PictureWindow& window() { return *window_; }

 private:
  Player() = default;

  Result<void> present() {
    const auto surface = screen_->surface();
    if (!surface) return {};
    const raster::Region damage = screen_->take_damage();
    if (surface != surface_ || screen_->area() != area_) {
      surface_ = surface;
      area_ = screen_->area();
      return window_->show(*surface, area_);
    }
    return window_->present(damage);
  }

  SteadyClock clock_;
  std::unique_ptr<GdiCanvas> canvas_;
  std::unique_ptr<PictureWindow> window_;
  std::optional<client::Screen> screen_;
  const std::unique_ptr<raster::Canvas> reference_ = raster::make_reference_canvas();
  client::Screen expected_{*reference_, clock_};
  std::optional<raster::SurfaceId> surface_;
  raster::Rect area_;
  std::optional<Error> problem_;
};

Result<void> replay(const std::string& path, bool hold) {
  const SessionTape tape = CASSIA_TRY(SessionTape::load(path));
  const auto player = CASSIA_TRY(Player::create(path));
  const auto pool = CASSIA_TRY(codec::DecodePool::create(2));
  CASSIA_TRY(play_display(tape, *player, pool.get(), 4u << 20));
  CASSIA_TRY(player->verify());
  std::printf("SHOWN %dx%d after %llu draws\n", player->size().width, player->size().height,
              static_cast<unsigned long long>(player->draws()));
  std::fflush(stdout);
  if (hold) player->window().run_until_closed();
  return {};
}

}  // namespace
}  // namespace cassia::test

int main(int count, char** arguments) {
  const bool hold = count == 3 && std::strcmp(arguments[2], "--hold") == 0;
  if (count != 2 && !hold) {
    std::fprintf(stderr, "usage: spice-replay-window RECORDING [--hold]\n");
    return 2;
  }
  const auto done = cassia::test::replay(arguments[1], hold);
  if (done) return 0;
  std::fprintf(stderr, "spice-replay-window: %s: %s\n", arguments[1],
               done.error().message().c_str());
  return 1;
}
