// SPDX-License-Identifier: Apache-2.0
#pragma once

// The viewer inside a test: one session, whose events every canvas takes, so that one run of a
// program on the server holds both of them against its screen. Xspice serves one client at a time.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "client/app/canvas_choice.h"
#include "client/session/screen.h"
#include "client/session/session.h"
#include "tests/support/picture.h"
#include "tests/support/wait.h"

namespace cassia::test {

class LiveViewer {
 public:
  /// Connects to 127.0.0.1:`port` and returns with the first complete picture.
  static Result<std::unique_ptr<LiveViewer>> start(
      std::uint16_t port, const std::vector<client::RendererChoice>& renderers);

  /// Draws what comes until `condition` holds: false if it does not in time, or the session ends.
  bool pump_until(const std::function<bool()>& condition, Timeout limit = std::chrono::seconds(20));

  /// Draws what comes until all canvases show what `truth` gives at that moment. If they never do,
  /// the pictures are left as evidence under `name`.
  ::testing::AssertionResult shows(const std::function<Result<Picture>()>& truth,
                                   const std::string& name,
                                   Timeout limit = std::chrono::seconds(20));

  std::uint64_t draws() const { return views_.front()->screen.draws(); }
  /// Of all canvases.
  std::uint64_t failed_draws() const;

 private:
  struct View {
    View(client::CanvasBundle made, const Clock& clock)
        : bundle(std::move(made)), screen(*bundle.canvas, clock) {}
    client::CanvasBundle bundle;
    client::Screen screen;
  };

  LiveViewer() = default;
  void take_events(TimePoint deadline);
  bool complete() const;
  static Result<Picture> picture_of(View& view);

  SteadyClock clock_;
  std::vector<std::unique_ptr<View>> views_;
  std::unique_ptr<client::Session> session_;
  std::optional<Error> end_;
};

}  // namespace cassia::test
