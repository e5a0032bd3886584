// SPDX-License-Identifier: Apache-2.0
#include "server/guest/spice_guest.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "dial/route.h"
#include "server/guest/upstream_session.h"

namespace cassia::server {
namespace asio = boost::asio;

namespace {

dial::Target target_of(const SpiceGuestOptions& options) {
  dial::Target target = dial::target_of(options.address);
  target.user = options.user;
  target.password = options.password;
  target.connect.timeout = options.connect_timeout;
  target.connect.tls = options.tls;
  return target;
}

std::string name_of(const dial::Target& target) {
  return net::to_string(target.plain ? *target.plain : *target.tls);
}

/// What the coroutine and the adapter share: the coroutine may end after the adapter is gone.
struct State {
  State(net::Executor e, const Clock& c, SpiceGuestOptions o)
      : executor(e), clock(c), options(std::move(o)), target(target_of(options)), retry(e) {}
  net::Executor executor;
  const Clock& clock;
  SpiceGuestOptions options;
  dial::Target target;  ///< where the guest is: it may have migrated
  asio::steady_timer retry;
  std::shared_ptr<UpstreamSession> session;
  GuestAudioEvents* audio = nullptr;
  bool stopped = false;
};

net::Task<> keep_connected(std::shared_ptr<State> state, GuestEvents& events) {
  Duration wait = state->options.first_retry;
  std::string told;  // the same failure is told once
  for (std::uint64_t epoch = 1; !state->stopped; ++epoch) {
    state->session = std::make_shared<UpstreamSession>(
        state->executor, state->clock, state->options, state->target, events, epoch);
    state->session->set_audio(state->audio);
    const Error why = co_await state->session->run();
    if (state->stopped) break;
    const auto moved = state->session->moved();
    const bool worked = state->session->was_shown();
    if (worked) wait = state->options.first_retry;
    state->session.reset();
    if (moved) {
      state->target = *moved;
      log_info("upstream", "the guest is at {} now", name_of(state->target));
      // At once, unless it is sent from host to host without ever being there.
      if (worked) {
        events.guest_moved();
        continue;
      }
    }
    const LogLevel level = why.message() == told ? LogLevel::debug : LogLevel::info;
    log(level, "upstream", "{}; trying again", told = why.message());
    events.guest_offline(why.message());
    boost::system::error_code ignored;
    state->retry.expires_after(wait);
    co_await state->retry.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    wait = std::min(wait * 2, state->options.longest_retry);
  }
  state->session.reset();
}

class SpiceGuest final : public GuestSource {
 public:
  SpiceGuest(net::Executor executor, const Clock& clock, SpiceGuestOptions options)
      : state_(std::make_shared<State>(std::move(executor), clock, std::move(options))) {}
  ~SpiceGuest() override { SpiceGuest::stop(); }

  void set_audio(GuestAudioEvents& events) override { state_->audio = &events; }
  void record_data(channels::AudioMode mode, std::uint32_t time, SharedBytes packet) override {
    auto* audio = state_->session ? state_->session->audio() : nullptr;
    if (audio) audio->record_data(mode, time, std::move(packet));
  }
  void start(GuestEvents& events) override {
    asio::co_spawn(state_->executor, keep_connected(state_, events), asio::detached);
  }
  void stop() override {
    if (std::exchange(state_->stopped, true)) return;
    state_->retry.cancel();
    if (state_->session) state_->session->close();
  }
  std::string name() const override { return "spice " + name_of(state_->target); }

  void key_down(std::uint32_t scancode) override {
    if (auto* to = inputs()) to->key_down(scancode);
  }
  void key_up(std::uint32_t scancode) override {
    if (auto* to = inputs()) to->key_up(scancode);
  }
  void key_modifiers(std::uint16_t modifiers) override {
    if (auto* to = inputs()) to->key_modifiers(modifiers);
  }
  void mouse_motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held) override {
    if (auto* to = inputs()) to->mouse_motion(dx, dy, held);
  }
  void mouse_position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held,
                      DisplayId display) override {
    if (auto* to = inputs()) to->mouse_position(x, y, held, display);
  }
  void mouse_press(channels::MouseButton button, channels::ButtonMask held) override {
    if (auto* to = inputs()) to->mouse_press(button, held);
  }
  void mouse_release(channels::MouseButton button, channels::ButtonMask held) override {
    if (auto* to = inputs()) to->mouse_release(button, held);
  }
  void request_mouse_mode(channels::MouseMode mode) override {
    auto* main = state_->session ? state_->session->main() : nullptr;
    if (main && state_->session->ready()) main->request_mouse_mode(mode);
  }
  GuestAgent* agent() override { return state_->session ? state_->session->agent() : nullptr; }
  std::shared_ptr<DeviceEnd> open_device(spice::ChannelId id,
                                         std::weak_ptr<DeviceEnd> viewer) override {
    return state_->session ? state_->session->open_device(id, std::move(viewer)) : nullptr;
  }

 private:
  channels::InputsClient* inputs() { return state_->session ? state_->session->inputs() : nullptr; }

  std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<GuestSource> make_spice_guest(net::Executor executor, const Clock& clock,
                                              SpiceGuestOptions options) {
  return std::make_unique<SpiceGuest>(std::move(executor), clock, std::move(options));
}

}  // namespace cassia::server
