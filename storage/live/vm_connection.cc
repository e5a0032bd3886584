// SPDX-License-Identifier: Apache-2.0
#include "storage/live/vm_connection.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/log.h"
#include "net/pump.h"
#include "net/stream.h"
#include "storage/live/signal.h"

namespace cassia::storage {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

template <class... Args>
void call_all(std::vector<std::weak_ptr<std::function<void(Args...)>>>& handlers,
              std::type_identity_t<Args>... args) {
  std::erase_if(handlers, [](const auto& handler) { return handler.expired(); });
  const auto now = handlers;  // a handler may add another
  for (const auto& weak : now) {
    if (const auto handler = weak.lock()) (*handler)(args...);
  }
}

/// Where the reply to a command lands; it may come after nobody waits for it any more.
struct Slot {
  explicit Slot(const net::Executor& executor) : arrived(executor) {}
  Signal arrived;
  std::optional<Result<json>> result;
};

}  // namespace

std::shared_ptr<VmConnection> VmConnection::create(net::Executor executor, const Clock& clock,
                                                   Options options) {
  return std::shared_ptr<VmConnection>(
      new VmConnection(std::move(executor), clock, std::move(options)));
}

VmConnection::VmConnection(net::Executor executor, const Clock& clock, Options options)
    : executor_(std::move(executor)), clock_(clock), options_(std::move(options)) {
  problem_ = fmt::format("QMP socket {}: not connected yet", net::to_string(options_.address));
}

VmConnection::~VmConnection() = default;

net::Task<> VmConnection::run() {
  const auto self = shared_from_this();
  while (!stopping_) {
    net::ConnectOptions how;
    how.timeout = options_.greeting_timeout;
    auto stream = co_await net::connect(options_.address, how);
    if (stopping_) break;
    if (stream) {
      co_await serve(std::move(*stream));
    } else {
      problem_ = "QMP socket " + stream.error().message();
      decide();
    }
    if (!stopping_) co_await pause(options_.retry);
  }
}

void VmConnection::stop() {
  stopping_ = true;
  if (stream_) stream_->close();
  if (interrupt_) interrupt_();
  call_all(ready_handlers_, false);
}

net::Task<> VmConnection::pause(Duration time) {
  Signal signal(executor_);
  interrupt_ = [&signal] { signal.set(); };
  co_await signal.wait(time);
  interrupt_ = nullptr;
}

net::Task<> VmConnection::serve(std::unique_ptr<net::Stream> stream) {
  const std::string name = net::to_string(options_.address);
  qmp::Session::Handlers handlers;
  handlers.ready = [this](const qmp::Greeting& greeting) {
    greeting_ = greeting;
    changed(true);
  };
  handlers.event = [this](const qmp::Event& event) { call_all(event_handlers_, event); };
  session_ = std::make_shared<qmp::Session>(std::move(handlers));
  const auto session = session_;
  stream_ = std::move(stream);
  peer_ = stream_->peer();
  if (!decided_) problem_ = fmt::format("QMP socket {}: waiting for QEMU's greeting", name);
  const auto silent = std::make_shared<bool>(false);
  asio::steady_timer limit(executor_, options_.greeting_timeout);
  limit.async_wait([session, silent, weak = std::weak_ptr(stream_)](boost::system::error_code ec) {
    const auto open = weak.lock();
    if (ec || !open || session->greeted()) return;
    *silent = true;
    open->close();
  });
  const Error why = co_await net::pump(*stream_, *session, clock_);
  const bool was_ready = problem_.empty();
  session_.reset();
  stream_.reset();
  if (*silent) {
    problem_ = fmt::format(
        "QMP socket {} is held by another client: no greeting within {} ms (QEMU serves one client "
        "a "
        "socket; give it a second -qmp)",
        name,
        std::chrono::duration_cast<std::chrono::milliseconds>(options_.greeting_timeout).count());
  } else {
    problem_ = fmt::format("QMP socket {}: {}", name, why.message());
  }
  decide();
  if (was_ready) changed(false);
}

void VmConnection::decide() {
  if (std::exchange(decided_, true)) return;
  if (!problem_.empty()) log_warn("storage", "{}", problem_);
  call_all(decision_handlers_);
}

net::Task<> VmConnection::wait_decided(Duration limit) {
  if (decided_) co_return;
  Signal signal(executor_);
  const auto handler = std::make_shared<std::function<void()>>([&signal] { signal.set(); });
  decision_handlers_.push_back(handler);
  co_await signal.wait(limit);
}

void VmConnection::changed(bool ready) {
  if (ready) {
    problem_.clear();
    ++generation_;
    log_info("storage", "connected to QEMU {}.{}.{} at {}", greeting_.major, greeting_.minor,
             greeting_.micro, net::to_string(options_.address));
    decide();
  } else if (!stopping_) {
    log_warn("storage", "{}", problem_);
  }
  call_all(ready_handlers_, ready);
}

net::Task<Result<json>> VmConnection::execute(std::string command) {
  return execute(std::move(command), json());
}

net::Task<Result<json>> VmConnection::execute(std::string command, json arguments) {
  if (!ready()) co_return fail(ErrorKind::closed, "{}: {}", command, problem_);
  const auto slot = std::make_shared<Slot>(executor_);
  session_->execute(command, arguments, [slot](Result<json> result) {
    slot->result.emplace(std::move(result));
    slot->arrived.set();
  });
  co_await slot->arrived.wait(options_.command_timeout);
  if (!slot->result) {
    co_return fail(
        ErrorKind::timeout, "{}: QEMU has not answered for {} s", command,
        std::chrono::duration_cast<std::chrono::seconds>(options_.command_timeout).count());
  }
  if (!*slot->result && slot->result->error().kind() == ErrorKind::closed) {
    const std::string name = net::to_string(options_.address);
    co_return fail(slot->result->error().in("QMP socket " + name));
  }
  co_return std::move(*slot->result);
}

net::Task<bool> VmConnection::wait_ready(Duration limit) {
  if (ready() || stopping_) co_return ready();
  Signal signal(executor_);
  const Subscription subscription = on_ready([&signal, this](bool ready) {
    if (ready || stopping_) signal.set();
  });
  co_await signal.wait(limit);
  co_return ready();
}

VmConnection::Subscription VmConnection::on_event(std::function<void(const qmp::Event&)> handler) {
  auto kept = std::make_shared<std::function<void(const qmp::Event&)>>(std::move(handler));
  event_handlers_.push_back(kept);
  return kept;
}

VmConnection::Subscription VmConnection::on_ready(std::function<void(bool)> handler) {
  auto kept = std::make_shared<std::function<void(bool)>>(std::move(handler));
  ready_handlers_.push_back(kept);
  return kept;
}

}  // namespace cassia::storage
