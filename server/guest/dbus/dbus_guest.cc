// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/dbus_guest.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "server/guest/dbus/qmp_door.h"
#include "server/guest/dbus/session.h"

namespace cassia::server {
namespace asio = boost::asio;

namespace {

constexpr std::string_view monitor_scheme = "dbus+unix://";
constexpr std::string_view bus_scheme = "dbus:";

/// What the coroutine and the adapter share: the coroutine may end after the adapter is gone.
struct State {
  State(net::Executor e, const Clock& c, DbusGuestOptions o)
      : executor(e), clock(c), options(std::move(o)), wake(e) {}
  net::Executor executor;
  const Clock& clock;
  DbusGuestOptions options;
  asio::steady_timer wake;  ///< of the retry, or of a session's end
  std::shared_ptr<dbus::Session> session;
  GuestAudioEvents* audio = nullptr;
  std::function<void()> interrupt;  ///< of a connect that waits for QEMU's monitor
  bool stopped = false;
};

net::Task<Result<std::shared_ptr<dbus::Bus>>> connect(State& state) {
  const DbusAddress& address = state.options.address;
  if (address.qmp.empty()) {
    co_return dbus::Bus::open(state.executor, address.bus, address.destination);
  }
  net::Address monitor{net::Transport::unix_socket, {}, 0, address.qmp};
  auto socket = co_await dbus::open_display(std::move(monitor), state.clock,
                                            state.options.connect_timeout, state.interrupt);
  if (!socket) co_return fail(socket.error());
  co_return dbus::Bus::create(state.executor, std::move(*socket));
}

/// From a connection to its end, which it says. True: the guest was seen.
net::Task<std::pair<Error, bool>> run_session(std::shared_ptr<State> state, GuestEvents& events,
                                              std::uint64_t epoch) {
  auto bus = co_await connect(*state);
  if (!bus) co_return std::pair(bus.error(), false);
  if (state->stopped) {
    (*bus)->close();
    co_return std::pair(Error(ErrorKind::canceled, "stopped"), false);
  }
  Error end(ErrorKind::canceled, "stopped");
  bool over = false;
  state->session = std::make_shared<dbus::Session>(state->executor, std::move(*bus), events,
                                                   state->audio, epoch, [&](const Error& why) {
                                                     end = why;
                                                     over = true;
                                                     state->wake.cancel();
                                                   });
  state->wake.expires_at(asio::steady_timer::time_point::max());
  state->session->start();
  boost::system::error_code ignored;
  if (!over) {
    co_await state->wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  const bool worked = state->session->was_shown();
  state->session->close();
  state->session.reset();
  co_return std::pair(end, worked);
}

net::Task<> keep_connected(std::shared_ptr<State> state, GuestEvents& events) {
  Duration wait = state->options.first_retry;
  std::string told;  // the same failure is told once
  for (std::uint64_t epoch = 1; !state->stopped; ++epoch) {
    const auto [why, worked] = co_await run_session(state, events, epoch);
    if (state->stopped) break;
    if (worked) wait = state->options.first_retry;
    const LogLevel level = why.message() == told ? LogLevel::debug : LogLevel::info;
    log(level, "dbus", "{}; trying again", told = why.message());
    events.guest_offline(why.message());
    boost::system::error_code ignored;
    state->wake.expires_after(wait);
    co_await state->wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    wait = std::min(wait * 2, state->options.longest_retry);
  }
}

class DbusGuest final : public GuestSource {
 public:
  DbusGuest(net::Executor executor, const Clock& clock, DbusGuestOptions options)
      : state_(std::make_shared<State>(std::move(executor), clock, std::move(options))) {}
  ~DbusGuest() override { DbusGuest::stop(); }

  void set_audio(GuestAudioEvents& events) override { state_->audio = &events; }
  void record_data(channels::AudioMode mode, std::uint32_t, SharedBytes packet) override {
    if (auto* to = session()) to->record_data(mode, packet.view());
  }
  void start(GuestEvents& events) override {
    asio::co_spawn(state_->executor, keep_connected(state_, events), asio::detached);
  }
  void stop() override {
    if (std::exchange(state_->stopped, true)) return;
    if (state_->session) state_->session->close();
    state_->wake.cancel();
    if (state_->interrupt) state_->interrupt();
  }
  std::string name() const override {
    const DbusAddress& address = state_->options.address;
    return address.qmp.empty() ? "dbus " + address.destination : "dbus by " + address.qmp;
  }

  void key_down(std::uint32_t scancode) override {
    if (auto* to = session()) to->key(scancode, true);
  }
  void key_up(std::uint32_t scancode) override {
    if (auto* to = session()) to->key(scancode, false);
  }
  void key_modifiers(std::uint16_t modifiers) override {
    if (auto* to = session()) to->modifiers(modifiers);
  }
  void mouse_motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held) override {
    if (auto* to = session()) to->motion(dx, dy, held);
  }
  void mouse_position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held,
                      DisplayId display) override {
    if (auto* to = session()) to->position(x, y, held, display);
  }
  void mouse_press(channels::MouseButton button, channels::ButtonMask) override {
    if (auto* to = session()) to->button(button, true);
  }
  void mouse_release(channels::MouseButton button, channels::ButtonMask) override {
    if (auto* to = session()) to->button(button, false);
  }
  void request_mouse_mode(channels::MouseMode mode) override {
    if (auto* to = session()) to->request_mouse_mode(mode);
  }
  GuestAgent* agent() override { return state_->session ? state_->session->agent() : nullptr; }

 private:
  dbus::Session* session() { return state_->session.get(); }

  std::shared_ptr<State> state_;
};

}  // namespace

bool is_dbus_uri(const std::string& uri) {
  return uri.starts_with(monitor_scheme) || uri.starts_with(bus_scheme);
}

Result<DbusAddress> parse_dbus_uri(const std::string& uri) {
  DbusAddress out;
  if (uri.starts_with(monitor_scheme)) {
    out.qmp = uri.substr(monitor_scheme.size());
    if (out.qmp.starts_with('/')) return out;
    return fail(ErrorKind::invalid_argument,
                "{}: after dbus+unix:// comes the path of QEMU's monitor socket", uri);
  }
  if (uri.starts_with(bus_scheme)) {
    const std::string rest = uri.substr(bus_scheme.size());
    const std::size_t at = rest.find('@');
    out.destination = rest.substr(0, at);
    if (at != std::string::npos) out.bus = rest.substr(at + 1);
    const bool name = sd_bus_service_name_is_valid(out.destination.c_str()) > 0;
    if (name && (at == std::string::npos || !out.bus.empty())) return out;
  }
  return fail(ErrorKind::invalid_argument,
              "{}: neither dbus+unix:///PATH of QEMU's monitor nor dbus:NAME or dbus:NAME@BUS",
              uri);
}

std::unique_ptr<GuestSource> make_dbus_guest(net::Executor executor, const Clock& clock,
                                             DbusGuestOptions options) {
  return std::make_unique<DbusGuest>(std::move(executor), clock, std::move(options));
}

}  // namespace cassia::server
