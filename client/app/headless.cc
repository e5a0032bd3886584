// SPDX-License-Identifier: Apache-2.0
#include "client/app/headless.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "client/app/audio_choice.h"
#include "client/app/canvas_choice.h"
#include "client/app/guest_cursor.h"
#include "client/app/panel_picture.h"
#include "client/app/png_file.h"
#include "client/app/stats_file.h"
#include "client/app/typist.h"
#include "client/session/screen.h"
#include "client/session/settle.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;
using raster::Bitmap;

constexpr auto default_settle = 500ms;  // when nothing says how long to stay
constexpr auto panel_patience = 10s;    // for the storage channel's first answers
constexpr auto port_patience = 2s;      // for the storage channel itself, if the server has one

class HeadlessRun {
 public:
  HeadlessRun(const ViewerOptions& options, Session& session, raster::Canvas& canvas)
      : options_(options),
        session_(session),
        screen_(canvas, clock_, options.session.display),
        settle_(options.settle.value_or(default_settle)),
        typist_(session, options.type),
        storage_([&session](std::string verb, const nlohmann::json& params, StorageReply reply) {
          session.call_storage(std::move(verb), params, std::move(reply));
        }),
        started_(clock_.now()) {}

  Result<void> run();
  Result<void> leave_files();

 private:
  bool panel_waits(TimePoint now) const;
  bool finished(TimePoint now) const;
  TimePoint next_deadline() const;
  Result<void> check_time(TimePoint now) const;
  void act(TimePoint now);
  Result<void> take_events();
  Result<void> handle(const std::deque<SessionEvent>& events);
  Result<Bitmap> picture();
  ViewerStatistics statistics();

  Result<void> on(const SessionDown& event) { return fail(event.why); }
  Result<void> on(const ChannelDown& event) {
    log_warn("viewer", "{}", event.why.message());
    return {};
  }
  Result<void> on(const ServerNotice& event) {
    log_info("viewer", "the server says: {}", event.text);
    return {};
  }
  Result<void> on(const StorageState& event) {
    return storage_.set_available(event.available), Result<void>{};
  }
  Result<void> on(const MainThreadCall& event) { return event.run(), Result<void>{}; }
  Result<void> on(const CursorSet& event) { return cursor_.set(event), Result<void>{}; }
  Result<void> on(const CursorMoved& event) { return cursor_.move(event.position), Result<void>{}; }
  Result<void> on(const CursorHidden&) { return cursor_.hide(), Result<void>{}; }
  Result<void> on(const DisplayEvent& event);
  template <class Other>
  Result<void> on(const Other&) {
    return {};
  }

  const ViewerOptions& options_;
  Session& session_;
  SteadyClock clock_;
  Screen screen_;
  SettleTracker settle_;
  Typist typist_;
  GuestCursor cursor_;
  StorageModel storage_;
  FrameMeter frames_;
  std::chrono::nanoseconds render_time_{};
  const TimePoint started_;
  std::optional<TimePoint> complete_at_;
};

Result<void> HeadlessRun::on(const DisplayEvent& event) {
  screen_.apply(event.change);
  settle_.changed(screen_.last_change(), screen_.complete());
  if (!complete_at_ && screen_.complete()) {
    complete_at_ = clock_.now();
    log_debug("viewer", "the first picture is complete");
  }
  return {};
}

Result<void> HeadlessRun::handle(const std::deque<SessionEvent>& events) {
  for (const SessionEvent& event : events) {
    CASSIA_TRY(std::visit([this](const auto& e) { return on(e); }, event));
  }
  return {};
}

Result<void> HeadlessRun::take_events() {
  // Most draws take less time than asking for the time: once for all that came together.
  const auto before = thread_cpu_time();
  const auto handled = handle(session_.take_events());
  render_time_ += thread_cpu_time() - before;
  CASSIA_TRY(handled);
  if (!screen_.take_damage().empty()) frames_.frame(clock_.now());
  return {};
}

bool HeadlessRun::panel_waits(TimePoint now) const {
  if (!options_.panel || storage_.complete()) return false;
  const Duration patience = storage_.available() ? panel_patience : port_patience;
  return now - *complete_at_ < patience;
}

bool HeadlessRun::finished(TimePoint now) const {
  if (!complete_at_) return false;
  if (options_.duration && now - started_ >= *options_.duration) return true;
  if (!typist_.done()) return false;
  if (panel_waits(now)) return false;
  const bool ends_by_rest = options_.settle || !options_.duration;
  return ends_by_rest && settle_.settled(now);
}

Result<void> HeadlessRun::check_time(TimePoint now) const {
  if (complete_at_) return {};
  Duration limit = options_.timeout;
  if (options_.duration) limit = std::min(limit, *options_.duration);
  if (now - started_ < limit) return {};
  return fail(ErrorKind::timeout, "{}: no complete picture within {:.3g} s",
              net::to_string(options_.session.address),
              std::chrono::duration<double>(limit).count());
}

void HeadlessRun::act(TimePoint now) {
  if (typist_.done() || !complete_at_) return;
  const bool begun = typist_.begun();
  if (!begun && !settle_.settled(now)) return;
  if (typist_.step(now, screen_.changes(), screen_.last_change())) settle_.acted(now);
}

TimePoint HeadlessRun::next_deadline() const {
  TimePoint next = started_ + options_.timeout;
  if (complete_at_) next = TimePoint::max();
  if (options_.duration) next = std::min(next, started_ + *options_.duration);
  if (const auto settles = settle_.settles_at()) next = std::min(next, *settles);
  if (typist_.begun()) next = std::min(next, typist_.next_step().value_or(TimePoint::max()));
  // While the panel waits for answers the picture may be at rest already: the deadline of the
  // answers.
  if (complete_at_ && options_.panel && next <= clock_.now()) next = clock_.now() + 50ms;
  return std::max(next, clock_.now() + 1ms);
}

Result<void> HeadlessRun::run() {
  for (;;) {
    CASSIA_TRY(take_events());
    const TimePoint now = clock_.now();
    act(now);
    if (finished(now)) return {};
    CASSIA_TRY(check_time(now));
    session_.wait_events(next_deadline());
  }
}

Result<Bitmap> HeadlessRun::picture() {
  Bitmap picture = CASSIA_TRY(screen_.snapshot());
  if (options_.cursor) cursor_.draw(picture, screen_.area().origin());
  if (options_.panel) CASSIA_TRY(draw_panel(picture, storage_));
  return picture;
}

ViewerStatistics HeadlessRun::statistics() {
  ViewerStatistics s;
  s.session = session_.statistics();
  s.renderer = screen_.canvas().name();
  s.frames = frames_;
  s.draws = screen_.draws();
  s.failed_draws = screen_.failures();
  s.render_time = render_time_;
  if (complete_at_) s.first_picture = *complete_at_ - started_;
  s.ran = clock_.now() - started_;
  return s;
}

Result<void> HeadlessRun::leave_files() {
  if (!options_.screenshot.empty()) {
    CASSIA_TRY(save_png(CASSIA_TRY(picture()), options_.screenshot));
  }
  if (!options_.stats.empty()) CASSIA_TRY(write_stats(statistics(), options_.stats));
  return {};
}

}  // namespace

Result<void> run_headless(const ViewerOptions& options) {
  const CanvasBundle bundle = CASSIA_TRY(make_headless_canvas(options.renderer));
  SessionOptions session_options = options.session;
  // With decoding threads asked for there is something to do beside drawing.
  session_options.video_planes = bundle.canvas->prefers_planes();
  session_options.own_thread = session_options.decode_threads.value_or(0) != 0;
  CASSIA_TRY(choose_audio(options, session_options));
  const auto session = CASSIA_TRY(Session::start(std::move(session_options)));
  HeadlessRun run(options, *session, *bundle.canvas);
  CASSIA_TRY(run.run());
  return run.leave_files();
}

}  // namespace cassia::client
