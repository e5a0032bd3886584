// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/bus.h"

#include <fcntl.h>
#include <poll.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "base/log.h"

namespace cassia::server::dbus {
namespace asio = boost::asio;

namespace {

/// Messages handled before others of the loop have their turn.
constexpr int most_in_a_row = 64;

struct Waiting {
  Bus::Reply reply;
  std::string what;
};

int on_reply(sd_bus_message* message, void* data, sd_bus_error*) {
  auto& waiting = *static_cast<Waiting*>(data);
  const sd_bus_error* error = sd_bus_message_get_error(message);
  if (error) {
    const int code = sd_bus_error_get_errno(error);
    const Error shown = bus_error(code, waiting.what);
    waiting.reply(
        fail(shown.kind(), "{}: {}", waiting.what, error->message ? error->message : error->name));
  } else {
    waiting.reply(message);
  }
  return 1;
}

void forget(void* data) { delete static_cast<Waiting*>(data); }

std::uint64_t microseconds(Duration time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

}  // namespace

Error bus_error(int code, std::string_view what) {
  const int number = code < 0 ? -code : code;
  if (number == ETIMEDOUT) return {ErrorKind::timeout, fmt::format("{}: no answer", what)};
  if (number == ECONNRESET || number == ENOTCONN || number == EPIPE) {
    return {ErrorKind::closed, fmt::format("{}: the connection is closed", what)};
  }
  return errno_error(number, what);
}

Result<ByteView> read_bytes(sd_bus_message* message) {
  const void* data = nullptr;
  std::size_t size = 0;
  const int got = sd_bus_message_read_array(message, 'y', &data, &size);
  if (got < 0) return fail(ErrorKind::malformed, "D-Bus: no bytes where some are due");
  return ByteView(static_cast<const std::uint8_t*>(data), size);
}

Result<std::shared_ptr<Bus>> Bus::create(net::Executor executor, FileDescriptor socket, Role role) {
  std::shared_ptr<Bus> self(new Bus(std::move(executor)));
  int code = sd_bus_new(&self->bus_);
  if (code >= 0) code = sd_bus_set_fd(self->bus_, socket.get(), socket.get());
  if (code < 0) return fail(bus_error(code, "D-Bus"));
  socket.release();
  sd_id128_t id;
  if (role == Role::server && (code = sd_id128_randomize(&id)) >= 0) {
    code = sd_bus_set_server(self->bus_, 1, id);
  }
  if (code >= 0) code = sd_bus_negotiate_fds(self->bus_, 1);
  // Nobody but the one peer is there: all that we serve is for it.
  if (code >= 0) code = sd_bus_set_trusted(self->bus_, 1);
  if (code < 0) return fail(bus_error(code, "D-Bus"));
  CASSIA_TRY(self->start());
  return self;
}

Result<std::shared_ptr<Bus>> Bus::open(net::Executor executor, const std::string& address,
                                       std::string destination) {
  std::shared_ptr<Bus> self(new Bus(std::move(executor)));
  self->destination_ = std::move(destination);
  const char* session = ::getenv("DBUS_SESSION_BUS_ADDRESS");
  const std::string where = !address.empty() ? address : session ? session : "";
  if (where.empty()) {
    return fail(ErrorKind::not_found, "D-Bus: no address given and no session bus is running");
  }
  int code = sd_bus_new(&self->bus_);
  if (code >= 0) code = sd_bus_set_address(self->bus_, where.c_str());
  if (code >= 0) code = sd_bus_set_bus_client(self->bus_, 1);
  if (code >= 0) code = sd_bus_negotiate_fds(self->bus_, 1);
  if (code < 0) return fail(bus_error(code, "D-Bus " + where));
  if (const auto started = self->start(); !started) return fail(started.error().in(where));
  return self;
}

Result<void> Bus::start() {
  if (const int code = sd_bus_start(bus_); code < 0) return fail(bus_error(code, "D-Bus"));
  const int fd = sd_bus_get_fd(bus_);
  if (fd < 0) return fail(bus_error(fd, "D-Bus"));
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return fail_errno(errno, "D-Bus");
  socket_.assign(copy);
  schedule();
  return {};
}

Bus::~Bus() {
  over_ = true;
  if (bus_) sd_bus_close_unref(bus_);
}

void Bus::close() {
  if (std::exchange(over_, true)) return;
  closed_ = nullptr;
  timer_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  // Not from inside sd_bus_process(), which may be calling us; the handlers may be gone by then.
  asio::post(executor_, [self = shared_from_this()] {
    if (self->bus_) self->bus_ = sd_bus_close_unref(self->bus_);
    self->changed_ = nullptr;
  });
}

void Bus::over(const Error& why) {
  if (over_) return;
  const auto closed = std::exchange(closed_, nullptr);
  close();
  if (closed) closed(why);
}

Result<Bus::MessagePtr> Bus::make_call(const Method& method, const Fill& fill) {
  if (over_) return fail(ErrorKind::closed, "{}: the connection is closed", method.member);
  sd_bus_message* made = nullptr;
  int code = sd_bus_message_new_method_call(bus_, &made,
                                            destination_.empty() ? nullptr : destination_.c_str(),
                                            method.path, method.interface, method.member);
  MessagePtr message(made);
  if (code >= 0 && method.sender && destination_.empty()) {
    code = sd_bus_message_set_sender(made, method.sender);
  }
  if (code >= 0) code = fill(made);
  if (code < 0) return fail(bus_error(code, method.member));
  return message;
}

void Bus::call(const Method& method, const Fill& fill, Reply reply, Duration timeout) {
  auto waiting = std::make_unique<Waiting>(Waiting{std::move(reply), method.member});
  auto message = make_call(method, fill);
  int code = 0;
  if (message) {
    sd_bus_slot* slot = nullptr;
    code = sd_bus_call_async(bus_, &slot, message->get(), on_reply, waiting.get(),
                             microseconds(timeout));
    if (code >= 0) {
      sd_bus_slot_set_destroy_callback(slot, forget);
      sd_bus_slot_set_floating(slot, 1);
      sd_bus_slot_unref(slot);
      waiting.release();
      return schedule();
    }
  }
  const Error why = message ? bus_error(code, method.member) : message.error();
  asio::post(executor_, [waiting = std::shared_ptr<Waiting>(std::move(waiting)), why,
                         self = weak_from_this()] {
    const auto bus = self.lock();
    if (bus && bus->open()) waiting->reply(fail(why));
  });
}

void Bus::tell(const Method& method, const Fill& fill) {
  auto message = make_call(method, fill);
  int code = 0;
  if (message) code = sd_bus_message_set_expect_reply(message->get(), 0);
  if (message && code >= 0) code = sd_bus_send(bus_, message->get(), nullptr);
  if (!message || code < 0) {
    return log_debug("dbus", "{}",
                     (message ? bus_error(code, method.member) : message.error()).message());
  }
  schedule();
}

void Bus::answer(sd_bus_message* call, const Fill& fill) {
  if (over_) return;
  sd_bus_message* made = nullptr;
  int code = sd_bus_message_new_method_return(call, &made);
  const MessagePtr message(made);
  if (code >= 0) code = fill(made);
  if (code >= 0) code = sd_bus_send(bus_, made, nullptr);
  if (code < 0) log_debug("dbus", "{}", bus_error(code, "answer").message());
  schedule();
}

void Bus::signal(const Method& signal, const Fill& fill) {
  if (over_) return;
  sd_bus_message* made = nullptr;
  int code = sd_bus_message_new_signal(bus_, &made, signal.path, signal.interface, signal.member);
  const MessagePtr message(made);
  if (code >= 0) code = fill(made);
  if (code >= 0) code = sd_bus_send(bus_, made, nullptr);
  if (code < 0) log_debug("dbus", "{}", bus_error(code, signal.member).message());
  schedule();
}

Result<void> Bus::serve(const char* path, const char* interface, const sd_bus_vtable* vtable,
                        void* self) {
  const int code = sd_bus_add_object_vtable(bus_, nullptr, path, interface, vtable, self);
  if (code < 0) return fail(bus_error(code, interface));
  return {};
}

Result<void> Bus::watch_properties(std::function<void(const char*, sd_bus_message*)> changed) {
  changed_ = std::move(changed);
  const auto on_signal = [](sd_bus_message* message, void* data, sd_bus_error*) {
    auto& bus = *static_cast<Bus*>(data);
    const char* path = sd_bus_message_get_path(message);
    if (!bus.over_ && path) bus.changed_(path, message);
    return 0;
  };
  const int code = sd_bus_match_signal_async(
      bus_, nullptr, destination_.empty() ? nullptr : destination_.c_str(), nullptr,
      "org.freedesktop.DBus.Properties", "PropertiesChanged", on_signal, nullptr, this);
  if (code < 0) return fail(bus_error(code, "PropertiesChanged"));
  schedule();
  return {};
}

std::shared_ptr<const void> Bus::keep(sd_bus_message* message) {
  const auto home = std::this_thread::get_id();
  return {sd_bus_message_ref(message), [executor = executor_, home](sd_bus_message* held) {
            if (std::this_thread::get_id() == home) return void(sd_bus_message_unref(held));
            asio::post(executor,
                       [held = std::shared_ptr<sd_bus_message>(
                            held, [](sd_bus_message* m) { sd_bus_message_unref(m); })] {});
          }};
}

void Bus::post(std::function<void()> action) {
  asio::post(executor_, [weak = weak_from_this(), action = std::move(action)] {
    const auto self = weak.lock();
    if (self && self->open()) action();
  });
}

void Bus::schedule() {
  if (over_ || std::exchange(scheduled_, true)) return;
  asio::post(executor_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->scheduled_ = false;
    self->work();
  });
}

void Bus::work() {
  const auto self = shared_from_this();
  for (int i = 0; i < most_in_a_row; ++i) {
    if (over_) return;
    const int code = sd_bus_process(bus_, nullptr);
    if (over_) return;
    if (code < 0) return over(bus_error(code, "D-Bus"));
    if (code == 0) return wait();
  }
  schedule();
}

void Bus::wait() {
  const int events = sd_bus_get_events(bus_);
  std::uint64_t until = UINT64_MAX;
  const int code = events < 0 ? events : sd_bus_get_timeout(bus_, &until);
  if (code < 0) return over(bus_error(code, "D-Bus"));
  const auto then = [weak = weak_from_this()](bool Bus::*armed) {
    return [weak, armed](const boost::system::error_code& ec) {
      const auto self = weak.lock();
      if (!self || self->over_) return;
      self.get()->*armed = false;
      if (!ec) self->work();
    };
  };
  using Wait = asio::posix::stream_descriptor;
  if ((events & POLLIN) != 0 && !std::exchange(reading_, true)) {
    socket_.async_wait(Wait::wait_read, then(&Bus::reading_));
  }
  if ((events & POLLOUT) != 0 && !std::exchange(writing_, true)) {
    socket_.async_wait(Wait::wait_write, then(&Bus::writing_));
  }
  if (until == UINT64_MAX) return void(timer_.cancel());
  // sd-bus counts on CLOCK_MONOTONIC, as steady_clock does here.
  timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::microseconds(until)));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
    const auto self = weak.lock();
    if (self && !ec) self->work();
  });
}

}  // namespace cassia::server::dbus
