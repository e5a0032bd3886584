// SPDX-License-Identifier: Apache-2.0
#pragma once

// The viewer's session and canvas inside a test, against a SPICE server that the test plays.

#include <memory>
#include <set>
#include <vector>

#include "client/app/canvas_choice.h"
#include "client/session/screen.h"
#include "client/session/session.h"
#include "tests/support/wait.h"

namespace cassia::test {

class VideoViewer {
 public:
  VideoViewer(const net::Address& server, unsigned threads,
              std::vector<channels::VideoCodec> codecs,
              client::RendererChoice renderer = client::RendererChoice::cairo)
      : bundle_(*client::make_headless_canvas(renderer)), screen_(*bundle_.canvas, clock_) {
    client::SessionOptions options;
    options.address = server;
    options.decode_threads = threads;
    options.video_codecs = std::move(codecs);
    options.video_planes = bundle_.canvas->prefers_planes();
    session_ = *client::Session::start(std::move(options));
  }

  /// Draws what comes until `condition` holds: false if it does not in time.
  template <class Condition>
  bool pump_until(Condition condition) {
    return wait_until([&] {
      session_->wait_events(clock_.now() + std::chrono::milliseconds(5));
      for (const client::SessionEvent& event : session_->take_events()) {
        if (const auto* display = std::get_if<client::DisplayEvent>(&event)) {
          if (const auto* made = std::get_if<client::StreamCreated>(&display->change)) {
            codecs_seen_.insert(made->stream.codec);
          }
          if (const auto* picture = std::get_if<client::StreamPicture>(&display->change)) {
            planes_seen_ += picture->planes ? 1u : 0u;
          }
          screen_.apply(display->change);
        }
      }
      return condition();
    });
  }
  /// Until the picture is complete and this many draws and frames were carried out.
  bool pump_draws(std::uint64_t draws) {
    return pump_until([&] { return screen_.complete() && screen_.draws() >= draws; });
  }

  client::Screen& screen() { return screen_; }
  /// Of streams that the server has made.
  const std::set<channels::VideoCodec>& codecs_seen() const { return codecs_seen_; }
  /// Pictures that came as planes.
  std::uint64_t planes_seen() const { return planes_seen_; }
  client::VideoStatistics video() { return session_->statistics().video; }

 private:
  SteadyClock clock_;
  client::CanvasBundle bundle_;
  client::Screen screen_;
  std::set<channels::VideoCodec> codecs_seen_;
  std::uint64_t planes_seen_ = 0;
  std::unique_ptr<client::Session> session_;
};

}  // namespace cassia::test
