// SPDX-License-Identifier: Apache-2.0
#include "client/app/viewer.h"

#include <SDL.h>
#include <spice/vd_agent.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "client/app/audio_choice.h"
#include "client/app/clipboard.h"
#include "client/app/file_drop.h"
#include "client/app/guest_cursor.h"
#include "client/app/guest_resize.h"
#include "client/app/stats_file.h"
#include "client/app/viewer_window.h"
#include "client/input/hotkeys.h"
#include "client/input/keyboard.h"
#include "client/input/mouse.h"
#include "client/session/agent_link.h"
#include "client/session/stream_decoder.h"
#include "client/ui/storage_panel.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;
using raster::Point;
using raster::Size;

constexpr auto frame_interval = 8ms;    // a flood of draws becomes at most so many presents
constexpr auto panel_interval = 100ms;  // an open panel moves (progress bars, blinking) this often
constexpr auto notice_time = 5s;        // how long a sentence of the server stays on the screen

/// Joins window, session, screen and panel. Main thread only.
class Viewer {
 public:
  Viewer(const ViewerOptions& options, Session& session, ViewerWindow& window,
         HostClipboard& host_clipboard)
      : options_(options),
        session_(session),
        window_(window),
        clipboard_(session, host_clipboard),
        screen_(window.canvas(), clock_),
        keyboard_(session),
        mouse_(session, options.session.display),
        hotkeys_(options.hotkeys),
        storage_([&session](std::string verb, const nlohmann::json& params, StorageReply reply) {
          session.call_storage(std::move(verb), params, std::move(reply));
        }),
        panel_(storage_),
        panel_open_(options.panel),
        started_(clock_.now()) {
    message_ = "connecting to " + net::to_string(options.session.address);
    set_title();
  }

  Result<void> run();
  ViewerStatistics statistics();

 private:
  void handle(const SDL_Event& event);
  void on_window(const SDL_WindowEvent& event);
  void on_key(const SDL_KeyboardEvent& event);
  void on_button(const SDL_MouseButtonEvent& event);
  void on_motion(const SDL_MouseMotionEvent& event);
  void on_hotkey(HotkeyAction action);
  void take_events();
  void draw(TimePoint now);
  int wait_ms(TimePoint now) const;

  void on(const SessionUp&);
  void on(const SessionDown& event);
  void on(const ChannelDown& event) { log_warn("viewer", "{}", event.why.message()); }
  void on(const MouseModeSet& event);
  void on(const GuestNamed& event);
  void on(const ServerNotice& event);
  void on(const GuestLocks& event) { keyboard_.guest_locks(event.locks); }
  void on(const StorageState& event) { storage_.set_available(event.available); }
  void on(const MainThreadCall& event) { event.run(); }
  void on(const CursorSet& event);
  void on(const CursorMoved& event);
  void on(const CursorHidden&);
  void on(const DisplayEvent& event);
  void on(const AgentEvent& event);

  void resize_guest(TimePoint now);
  void cursor_changed();
  void set_grab(bool grab);
  void set_title();
  void set_panel(bool open);
  void let_go_of_input();
  bool gui_shown() const { return panel_open_ || !message_.empty(); }

  const ViewerOptions& options_;
  Session& session_;
  ViewerWindow& window_;
  ClipboardLink clipboard_;
  SteadyClock clock_;
  Screen screen_;
  GuestCursor cursor_;
  Keyboard keyboard_;
  Mouse mouse_;
  Hotkeys hotkeys_;
  StorageModel storage_;
  StoragePanel panel_;
  FileProgressText file_text_;
  GuestResize guest_resize_;
  bool panel_open_;
  bool running_ = true;
  bool redraw_ = true;
  std::string name_, state_, message_;
  TimePoint message_until_ = TimePoint::max();
  std::optional<Error> lost_;  ///< the connection is over for good
  Size picture_;
  TimePoint last_frame_{};
  FrameMeter frames_;
  const TimePoint started_;
  std::optional<TimePoint> complete_at_;
  std::chrono::nanoseconds render_time_{};  ///< drawing and presenting
};

Result<void> Viewer::run() {
  set_panel(panel_open_);
  while (running_) {
    SDL_Event event;
    if (SDL_WaitEventTimeout(&event, wait_ms(clock_.now())) != 0) {
      do handle(event);
      while (SDL_PollEvent(&event) != 0);
    }
    take_events();
    clipboard_.dispatch();
    const TimePoint now = clock_.now();
    resize_guest(now);
    if (panel_open_) storage_.tick(now);
    if (now >= message_until_) {
      message_.clear();
      message_until_ = TimePoint::max();
      redraw_ = true;
    }
    if (options_.duration && now - started_ >= *options_.duration) break;
    draw(now);
  }
  let_go_of_input();
  if (lost_) return fail(*lost_);
  return {};
}

int Viewer::wait_ms(TimePoint now) const {
  Duration wait = 1h;
  if (options_.duration) wait = std::min(wait, started_ + *options_.duration - now);
  if (message_until_ != TimePoint::max()) wait = std::min(wait, message_until_ - now);
  if (guest_resize_.next() != TimePoint::max()) wait = std::min(wait, guest_resize_.next() - now);
  const bool frame_due = redraw_ || (gui_shown() && window_.gui_input().waiting());
  if (frame_due) wait = std::min(wait, last_frame_ + frame_interval - now);
  if (gui_shown()) wait = std::min<Duration>(wait, panel_interval);
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return static_cast<int>(std::max<std::int64_t>(ms, 0));
}

void Viewer::take_events() {
  const std::deque<SessionEvent> events = session_.take_events();
  if (events.empty()) return;
  const auto before = thread_cpu_time();
  for (const SessionEvent& event : events) {
    std::visit([this](const auto& e) { on(e); }, event);
  }
  render_time_ += thread_cpu_time() - before;
}

void Viewer::draw(TimePoint now) {
  if (gui_shown()) redraw_ = true;
  if (!redraw_ || now - last_frame_ < frame_interval) return;
  const auto before = thread_cpu_time();
  redraw_ = false;
  last_frame_ = now;
  WindowContents contents;
  contents.screen = &screen_;
  contents.cursor = mouse_.mode() == channels::MouseMode::server ? &cursor_ : nullptr;
  contents.message = message_;
  const bool was_open = panel_open_;
  if (panel_open_) contents.panel = [this] { panel_.draw(panel_open_); };
  if (const auto drawn = window_.draw(contents, now); !drawn) {
    log_error("viewer", "{}", drawn.error().message());
  } else if (*drawn) {
    frames_.frame(now);
  }
  mouse_.set_viewport(window_.viewport());
  if (was_open && !panel_open_) set_panel(false);
  render_time_ += thread_cpu_time() - before;
}

void Viewer::handle(const SDL_Event& event) {
  if (gui_shown()) window_.gui_input().feed(event);
  switch (event.type) {
    case SDL_QUIT:
      running_ = false;
      break;
    case SDL_WINDOWEVENT:
      on_window(event.window);
      break;
    case SDL_KEYDOWN:
    case SDL_KEYUP:
      on_key(event.key);
      break;
    case SDL_MOUSEMOTION:
      on_motion(event.motion);
      break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
      on_button(event.button);
      break;
    case SDL_CLIPBOARDUPDATE:
      clipboard_.host_changed();
      break;
    case SDL_DROPFILE:
      session_.with_agent(
          [path = std::string(event.drop.file)](AgentLink& agent) { agent.send_file(path); });
      SDL_free(event.drop.file);
      break;
    case SDL_MOUSEWHEEL:
      if (!panel_open_ || !window_.gui().wants_mouse()) mouse_.wheel(event.wheel.preciseY);
      break;
    default:
      break;
  }
}

std::uint16_t host_locks() {
  const SDL_Keymod mod = SDL_GetModState();
  using channels::KeyModifiers;
  return static_cast<std::uint16_t>(((mod & KMOD_NUM) != 0 ? KeyModifiers::num_lock : 0) |
                                    ((mod & KMOD_CAPS) != 0 ? KeyModifiers::caps_lock : 0) |
                                    ((mod & KMOD_SCROLL) != 0 ? KeyModifiers::scroll_lock : 0));
}

void Viewer::on_window(const SDL_WindowEvent& event) {
  switch (event.event) {
    case SDL_WINDOWEVENT_FOCUS_GAINED:
      keyboard_.host_locks(host_locks());
      clipboard_.host_changed();
      break;
    case SDL_WINDOWEVENT_RESIZED:
      guest_resize_.window_resized({event.data1, event.data2}, clock_.now());
      break;
    case SDL_WINDOWEVENT_FOCUS_LOST:
      let_go_of_input();
      hotkeys_.reset();
      break;
    case SDL_WINDOWEVENT_SIZE_CHANGED:
    case SDL_WINDOWEVENT_EXPOSED:
      window_.invalidate();
      redraw_ = true;
      break;
    default:
      break;
  }
}

void Viewer::let_go_of_input() {
  keyboard_.release_all();
  mouse_.release_all();
  set_grab(false);
  window_.gui().make_current();
  window_.gui_input().release();
}

void Viewer::on_key(const SDL_KeyboardEvent& event) {
  const int key = event.keysym.scancode;
  const bool down = event.type == SDL_KEYDOWN;
  const HotkeyResult hotkey = hotkeys_.feed(key, down, event.repeat != 0);
  on_hotkey(hotkey.action);
  if (hotkey.consumed) return;
  if (!down) return keyboard_.release(key);
  if (panel_open_ && window_.gui().wants_keyboard()) return;
  keyboard_.press(key);
}

void Viewer::on_hotkey(HotkeyAction action) {
  switch (action) {
    case HotkeyAction::none:
      break;
    case HotkeyAction::release_pointer:
      set_grab(false);
      break;
    case HotkeyAction::toggle_panel:
      set_panel(!panel_open_);
      break;
    case HotkeyAction::toggle_fullscreen:
      window_.toggle_fullscreen();
      redraw_ = true;
      break;
  }
}

void Viewer::set_panel(bool open) {
  panel_open_ = open;
  redraw_ = true;
  window_.invalidate();
  if (open) {
    let_go_of_input();
    storage_.refresh();
    SDL_StartTextInput();
  } else {
    SDL_StopTextInput();
  }
  cursor_changed();
}

void Viewer::on_motion(const SDL_MouseMotionEvent& event) {
  if (panel_open_ && window_.gui().wants_mouse()) return;
  mouse_.move({event.x, event.y}, event.xrel, event.yrel);
}

void Viewer::on_button(const SDL_MouseButtonEvent& event) {
  const bool down = event.type == SDL_MOUSEBUTTONDOWN;
  // The pointer may have jumped onto the panel since the GUI last looked.
  const bool on_panel = window_.gui().wants_mouse() || window_.gui_covers({event.x, event.y});
  if (down && panel_open_ && on_panel) return;
  if (down && mouse_.mode() == channels::MouseMode::server && !mouse_.grabbed()) {
    set_grab(true);  // the click that takes the pointer is not the guest's
    return;
  }
  // SDL numbers its buttons as Mouse does: left 1, middle 2, right 3, then the side buttons.
  if (down) mouse_.move({event.x, event.y}, 0, 0);
  mouse_.button(event.button, down);
}

void Viewer::set_grab(bool grab) {
  if (grab == mouse_.grabbed()) return;
  mouse_.set_grabbed(grab);
  SDL_SetRelativeMouseMode(grab ? SDL_TRUE : SDL_FALSE);
  window_.grab_keyboard(grab);
  set_title();
}

void Viewer::on(const SessionUp&) {
  screen_.reset();
  cursor_.reset();
  message_.clear();
  message_until_ = TimePoint::max();
  state_.clear();
  keyboard_.release_all();
  window_.invalidate();
  redraw_ = true;
  set_title();
}

void Viewer::on(const SessionDown& event) {
  set_grab(false);
  state_ = event.retrying ? "connecting again" : "not connected";
  message_ = event.why.message();
  if (event.retrying) {
    message_ += fmt::format("\ntrying again in {} s",
                            std::chrono::ceil<std::chrono::seconds>(event.delay).count());
  } else {
    lost_ = event.why;
    message_ += "\nclose the window to end";
  }
  message_until_ = TimePoint::max();
  log_warn("viewer", "{}", event.why.message());
  set_title();
}

void Viewer::on(const MouseModeSet& event) {
  mouse_.set_mode(event.mode);
  if (event.mode == channels::MouseMode::client) set_grab(false);
  cursor_changed();
  set_title();
}

void Viewer::on(const GuestNamed& event) {
  name_ = event.name;
  set_title();
}

void Viewer::on(const ServerNotice& event) {
  log_info("viewer", "the server says: {}", event.text);
  // QEMU remarks on every plain connection that it is insecure: nothing to show over the picture.
  if (event.text.find("is insecure") != std::string::npos) return;
  message_ = event.text;
  message_until_ = clock_.now() + notice_time;
  state_ = event.text;
  redraw_ = true;
  set_title();
}

void Viewer::on(const CursorSet& event) {
  cursor_.set(event);
  cursor_changed();
}
void Viewer::on(const CursorMoved& event) {
  const bool showed = cursor_.visible();
  cursor_.move(event.position);
  if (mouse_.mode() == channels::MouseMode::server) redraw_ = true;
  if (!showed) cursor_changed();
}
void Viewer::on(const CursorHidden&) {
  cursor_.hide();
  cursor_changed();
}

void Viewer::cursor_changed() {
  if (mouse_.mode() == channels::MouseMode::client && !panel_open_) {
    window_.show_cursor(cursor_);
  } else {
    window_.show_plain_cursor();
  }
  redraw_ = true;
}

void Viewer::on(const DisplayEvent& event) {
  screen_.apply(event.change);
  redraw_ = true;
  if (!screen_.complete()) return;
  if (!complete_at_) complete_at_ = clock_.now();
  // The guest draws again: what was said while it was away is over.
  if (std::holds_alternative<DisplayMarked>(event.change) && !state_.empty()) {
    state_.clear();
    set_title();
  }
  const Size size = screen_.area().size();
  if (size == picture_ || size.empty()) return;
  picture_ = size;
  window_.picture_resized(size);
}

void Viewer::on(const AgentEvent& event) {
  clipboard_.on(event);
  if (const auto* state = std::get_if<AgentState>(&event.change)) {
    guest_resize_.set_possible(options_.resize_guest &&
                               state->caps.has(VD_AGENT_CAP_MONITORS_CONFIG));
  }
  if (const auto* file = std::get_if<FileMoved>(&event.change)) {
    file_text_.on(file->progress);
    message_ = file_text_.text();
    message_until_ = file_text_.busy() ? TimePoint::max() : clock_.now() + notice_time;
    redraw_ = true;
  }
}

void Viewer::resize_guest(TimePoint now) {
  const auto size = guest_resize_.take(picture_, now);
  if (!size) return;
  spice::AgentMonitorsConfig config;
  config.use_position = true;
  config.monitors = {{static_cast<std::uint32_t>(size->height),
                      static_cast<std::uint32_t>(size->width), 32, 0, 0}};
  session_.with_agent([config](AgentLink& agent) { agent.send(config); });
}

void Viewer::set_title() {
  std::string title = !options_.title.empty() ? options_.title : name_;
  if (title.empty()) title = net::to_string(options_.session.address);
  if (!state_.empty()) title += fmt::format(" ({})", state_);
  if (mouse_.grabbed()) title += " - Ctrl+Alt releases the pointer";
  window_.set_title(title + " - Cassia");
}

ViewerStatistics Viewer::statistics() {
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

}  // namespace

Result<void> run_viewer(const ViewerOptions& options) {
  const auto window = CASSIA_TRY(ViewerWindow::create(options));
  SessionOptions session_options = options.session;
  session_options.video_codecs = usable_video_codecs();
  session_options.video_planes = window->canvas().prefers_planes();
  CASSIA_TRY(choose_audio(options, session_options));
  // The network thread's sign that events wait; SDL_PushEvent may be called from any thread.
  const auto wake = [type = SDL_RegisterEvents(1)] {
    SDL_Event event{};
    event.type = type;
    SDL_PushEvent(&event);
  };
  const auto session = CASSIA_TRY(Session::start(std::move(session_options), wake));
  const auto host_clipboard =
      make_host_clipboard(window->on_x11() && options.session.clipboard, wake);
  Viewer viewer(options, *session, *window, *host_clipboard);
  const auto ran = viewer.run();
  if (!options.stats.empty()) CASSIA_TRY(write_stats(viewer.statistics(), options.stats));
  return ran;
}

}  // namespace cassia::client
