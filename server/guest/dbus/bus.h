// SPDX-License-Identifier: Apache-2.0
#pragma once

// One D-Bus connection on the event loop: sd-bus (man sd-bus) speaks the protocol, Boost.Asio waits
// for its socket and its timeouts. There is no thread beside the loop's.

#include <systemd/sd-bus.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "net/task.h"

namespace cassia::server::dbus {

/// Appends the arguments of a message; what sd_bus_message_append() and its like return.
using Fill = std::function<int(sd_bus_message*)>;
inline int no_arguments(sd_bus_message*) { return 0; }

struct Method {
  const char* path;
  const char* interface;
  const char* member;
  /// Stated as the caller on a private connection, where there are no names otherwise.
  const char* sender = nullptr;
};

/// All calls on the event loop's thread. Handlers are never called from inside a call.
class Bus final : public std::enable_shared_from_this<Bus> {
 public:
  /// The peer's answer, borrowed for the call; after close() none comes any more.
  using Reply = std::function<void(Result<sd_bus_message*>)>;
  enum class Role { client, server };

  /// A private connection over a connected unix socket. QEMU has the server's role on every one.
  static Result<std::shared_ptr<Bus>> create(net::Executor executor, FileDescriptor socket,
                                             Role role = Role::client);
  /// A message bus, and calls go to `destination` on it. Empty `address`: the session's bus.
  static Result<std::shared_ptr<Bus>> open(net::Executor executor, const std::string& address,
                                           std::string destination);
  ~Bus();

  void call(const Method& method, const Fill& fill, Reply reply,
            Duration timeout = std::chrono::seconds(10));
  /// Without waiting for an answer.
  void tell(const Method& method, const Fill& fill);
  /// Answers a call that a vtable's handler left open (it returned 1 and kept a reference).
  void answer(sd_bus_message* call, const Fill& fill);
  void signal(const Method& signal, const Fill& fill);

  /// `vtable` and `self` must outlive the bus, or its close().
  Result<void> serve(const char* path, const char* interface, const sd_bus_vtable* vtable,
                     void* self);
  /// Signals PropertiesChanged of all objects: path, message (not yet read).
  Result<void> watch_properties(std::function<void(const char* path, sd_bus_message*)> changed);

  /// For what has no call here; null after close().
  sd_bus* handle() const { return bus_; }

  /// Runs `action` later on the loop, unless the connection is closed by then.
  void post(std::function<void()> action);

  /// Called once when the peer has gone, not after close().
  void set_closed(std::function<void(const Error&)> closed) { closed_ = std::move(closed); }
  void close();
  bool open() const { return !over_; }

  /// Keeps a message alive for memory in it that is handed out. The last holder may let go on any
  /// thread; the message itself is released on the event loop's.
  std::shared_ptr<const void> keep(sd_bus_message* message);

 private:
  struct Unref {
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
  };
  using MessagePtr = std::unique_ptr<sd_bus_message, Unref>;

  explicit Bus(net::Executor executor) : executor_(executor), socket_(executor), timer_(executor) {}
  Result<void> start();
  Result<MessagePtr> make_call(const Method& method, const Fill& fill);
  void schedule();
  void work();
  void wait();
  void over(const Error& why);

  net::Executor executor_;
  boost::asio::posix::stream_descriptor socket_;  ///< a duplicate: sd-bus closes its own
  boost::asio::steady_timer timer_;
  sd_bus* bus_ = nullptr;
  std::string destination_;
  std::function<void(const Error&)> closed_;
  std::function<void(const char*, sd_bus_message*)> changed_;
  bool over_ = false;
  bool scheduled_ = false, reading_ = false, writing_ = false;
};

/// The array of bytes that comes next in `message`, as it lies there. Errors: malformed.
Result<ByteView> read_bytes(sd_bus_message* message);
/// The error that -`code` or an error message stands for.
Error bus_error(int code, std::string_view what);

/// A vtable's handler that calls a member function of its object, which reads the message, and
/// answers with nothing. What comes malformed is answered so and changes nothing.
template <class T, Result<void> (T::*method)(sd_bus_message*)>
int deliver(sd_bus_message* message, void* self, sd_bus_error* error) {
  const Result<void> done = (static_cast<T*>(self)->*method)(message);
  if (!done) {
    return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS, done.error().message().c_str());
  }
  return sd_bus_reply_method_return(message, "");
}

}  // namespace cassia::server::dbus
