// SPDX-License-Identifier: Apache-2.0
#include "client/session/session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/session/session_core.h"
#include "render/codec/decode_pool.h"

namespace cassia::client {
namespace {

namespace asio = boost::asio;

/// 0: images and video are decoded by the network thread.
unsigned decode_threads(const SessionOptions& options) {
  const unsigned processors = codec::DecodePool::processors();
  const unsigned usual = processors > 1 && options.own_thread ? processors : 0;
  return options.decode_threads.value_or(usual);
}

class NetworkSession final : public Session {
 public:
  NetworkSession(SessionOptions options, std::function<void()> wake,
                 std::unique_ptr<codec::DecodePool> decode_pool)
      : options_(std::move(options)),
        queue_({}, std::move(wake)),
        decode_pool_(std::move(decode_pool)),
        video_pool_(decode_pool_ ? std::make_unique<StrandPool>(decode_threads(options_))
                                 : nullptr),
        core_(std::in_place, io_, options_, queue_, decode_pool_.get(), video_pool_.get()) {
    queue_.set_drained([this] { asio::post(io_, [this] { core_->drained(); }); });
    asio::co_spawn(io_, core_->run(), asio::detached);
    if (options_.own_thread) thread_ = std::thread([this] { io_.run(); });
  }

  ~NetworkSession() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    if (decode_pool_) decode_pool_->stop();
    if (video_pool_) video_pool_->stop();  // from here on nothing is posted
    core_->release();
  }

  std::deque<SessionEvent> take_events() override { return queue_.take(); }
  bool wait_events(TimePoint deadline) override {
    if (options_.own_thread) return queue_.wait_until(deadline);
    // What one read brought is handed out before the next one.
    while (!queue_.waiting()) {
      if (io_.run_one_until(deadline) == 0) break;
    }
    return queue_.waiting();
  }

  void key_down(std::uint32_t code) override {
    to_inputs([=](auto& inputs) { inputs.key_down(code); });
  }
  void key_up(std::uint32_t code) override {
    to_inputs([=](auto& inputs) { inputs.key_up(code); });
  }
  void key_modifiers(std::uint16_t locks) override {
    to_inputs([=](auto& inputs) { inputs.key_modifiers(locks); });
  }
  void mouse_motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held) override {
    to_inputs([=](auto& inputs) { inputs.mouse_motion(dx, dy, held); });
  }
  void mouse_position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held,
                      std::uint8_t display) override {
    to_inputs([=](auto& inputs) { inputs.mouse_position(x, y, held, display); });
  }
  void mouse_press(channels::MouseButton button, channels::ButtonMask held) override {
    to_inputs([=](auto& inputs) { inputs.mouse_press(button, held); });
  }
  void mouse_release(channels::MouseButton button, channels::ButtonMask held) override {
    to_inputs([=](auto& inputs) { inputs.mouse_release(button, held); });
  }

  void request_mouse_mode(channels::MouseMode mode) override {
    asio::post(io_, [this, mode] {
      if (core_->main() != nullptr) core_->main()->request_mouse_mode(mode);
    });
  }

  void with_agent(std::function<void(AgentLink&)> action) override {
    asio::post(io_, [this, action = std::move(action)] { action(core_->agent()); });
  }

  void call_storage(std::string verb, const nlohmann::json& params,
                    std::function<void(Result<nlohmann::json>)> reply) override {
    asio::post(io_, [this, verb = std::move(verb), params, reply = std::move(reply)]() mutable {
      core_->storage().call(verb, params, std::move(reply));
    });
  }

  SessionStatistics statistics() override {
    if (!options_.own_thread) return core_->statistics();
    std::promise<SessionStatistics> promise;
    auto future = promise.get_future();
    asio::post(io_, [&] { promise.set_value(core_->statistics()); });
    return future.get();
  }

 private:
  template <class Send>
  void to_inputs(Send send) {
    asio::post(io_, [this, send] {
      if (core_->inputs() != nullptr) send(*core_->inputs());
    });
  }

  const SessionOptions options_;
  EventQueue queue_;
  const std::unique_ptr<codec::DecodePool> decode_pool_;
  const std::unique_ptr<StrandPool> video_pool_;
  // The io_context goes first of the two: its coroutines refer to the core.
  std::optional<SessionCore> core_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Session>> Session::start(SessionOptions options,
                                                std::function<void()> wake) {
  if (options.user.empty() && options.password.size() > 60) {
    return fail(ErrorKind::invalid_argument, "the password is longer than SPICE's 60 bytes");
  }
  std::unique_ptr<codec::DecodePool> decode_pool;
  if (const unsigned threads = decode_threads(options); threads != 0) {
    decode_pool = CASSIA_TRY(codec::DecodePool::create(threads));
  }
  return std::unique_ptr<Session>(std::make_unique<NetworkSession>(
      std::move(options), std::move(wake), std::move(decode_pool)));
}

}  // namespace cassia::client
