// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/xspice/live_viewer.h"

namespace cassia::test {

using std::chrono::milliseconds;

Result<std::unique_ptr<LiveViewer>> LiveViewer::start(
    std::uint16_t port, const std::vector<client::RendererChoice>& renderers) {
  std::unique_ptr<LiveViewer> viewer(new LiveViewer);
  for (const client::RendererChoice renderer : renderers) {
    viewer->views_.push_back(
        std::make_unique<View>(CASSIA_TRY(client::make_headless_canvas(renderer)), viewer->clock_));
  }
  client::SessionOptions options;
  options.address = CASSIA_TRY(net::parse_socket_address(fmt::format("127.0.0.1:{}", port)));
  viewer->session_ = CASSIA_TRY(client::Session::start(std::move(options)));
  if (!viewer->pump_until([&] { return viewer->complete(); })) {
    if (viewer->end_) return fail(*viewer->end_);
    return fail(ErrorKind::timeout, "no complete picture came");
  }
  return viewer;
}

void LiveViewer::take_events(TimePoint deadline) {
  session_->wait_events(deadline);
  for (const client::SessionEvent& event : session_->take_events()) {
    if (const auto* display = std::get_if<client::DisplayEvent>(&event)) {
      for (const auto& view : views_) view->screen.apply(display->change);
    } else if (const auto* down = std::get_if<client::SessionDown>(&event)) {
      end_ = down->why;
    }
  }
}

bool LiveViewer::complete() const {
  return std::all_of(views_.begin(), views_.end(),
                     [](const auto& view) { return view->screen.complete(); });
}

bool LiveViewer::pump_until(const std::function<bool()>& condition, Timeout limit) {
  const TimePoint deadline = clock_.now() + limit;
  while (!condition()) {
    if (end_ || clock_.now() >= deadline) return false;
    take_events(clock_.now() + milliseconds(10));
  }
  return true;
}

Result<Picture> LiveViewer::picture_of(View& view) {
  const raster::Bitmap bitmap = CASSIA_TRY(view.screen.snapshot());
  Picture picture{bitmap.width(), bitmap.height(), {}};
  picture.rgb.reserve(static_cast<std::size_t>(bitmap.width()) *
                      static_cast<std::size_t>(bitmap.height()) * 3);
  for (int y = 0; y < bitmap.height(); ++y) {
    for (int x = 0; x < bitmap.width(); ++x) {
      const std::uint32_t pixel = bitmap.row32(y)[x];
      for (const int shift : {16, 8, 0}) {
        picture.rgb.push_back(static_cast<std::uint8_t>(pixel >> shift));
      }
    }
  }
  return picture;
}

::testing::AssertionResult LiveViewer::shows(const std::function<Result<Picture>()>& truth,
                                             const std::string& name, Timeout limit) {
  Result<Picture> expected = truth();
  const auto equal = [&](const std::unique_ptr<View>& view) {
    const auto shown = picture_of(*view);
    return shown && expected && *shown == *expected;
  };
  const bool all_equal = pump_until(
      [&] {
        if (std::all_of(views_.begin(), views_.end(), equal)) return true;
        // What is drawn meanwhile is seen the next time.
        take_events(clock_.now() + milliseconds(20));
        expected = truth();
        return false;
      },
      limit);
  if (all_equal) return ::testing::AssertionSuccess();
  if (end_) return ::testing::AssertionFailure() << name << ": " << end_->message();
  if (!expected) return ::testing::AssertionFailure() << name << ": " << expected.error().message();
  ::testing::AssertionResult result = ::testing::AssertionFailure();
  for (const auto& view : views_) {
    const auto shown = picture_of(*view);
    if (!shown) return ::testing::AssertionFailure() << name << ": " << shown.error().message();
    const std::string renderer(view->bundle.canvas->name());
    result << same_picture(*shown, *expected, name + "-" + renderer).message() << " ";
  }
  return result;
}

std::uint64_t LiveViewer::failed_draws() const {
  std::uint64_t sum = 0;
  for (const auto& view : views_) sum += view->screen.failures();
  return sum;
}

}  // namespace cassia::test
