// SPDX-License-Identifier: Apache-2.0
#pragma once

// The client side of the QEMU Machine Protocol (QEMU docs/interop/qmp-spec.txt), sans-I/O.
// Commands carry ids and may overlap; each gets its reply once, also when the connection ends.

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/endpoint.h"

namespace cassia::qmp {

/// The largest line a session accepts. query-named-block-nodes of a VM with hundreds of nodes stays
/// far below.
inline constexpr std::size_t max_line = 8u << 20;

struct Greeting {
  int major = 0;
  int minor = 0;
  int micro = 0;
  std::string package;  ///< "Debian 1:7.2+dfsg-7+deb12u18", may be empty
};

/// Borrowed for the call of the handler.
struct Event {
  std::string_view name;  ///< "DEVICE_DELETED"
  const nlohmann::json& data;
  std::int64_t timestamp_us = 0;  ///< of the host's clock, since 1970; 0 if QEMU could not tell
};

/// What a command returned, or QEMU's error as a kind and "command: what QEMU said".
using Reply = std::function<void(Result<nlohmann::json>)>;

class Session final : public Endpoint {
 public:
  /// Called from receive() and closed(). A handler may call execute(); it must not destroy the
  /// session.
  struct Handlers {
    std::function<void(const Greeting&)> ready;  ///< greeted and capabilities negotiated
    std::function<void(const Event&)> event;
    std::function<void(const Error&)> closed;
  };

  explicit Session(Handlers handlers);
  ~Session() override;

  /// Sends a command, or keeps it until the session is ready. `arguments` is an object or null.
  void execute(std::string_view command, const nlohmann::json& arguments, Reply reply);

  /// The same for a command that takes a file descriptor (getfd, add-fd): it leaves with the command,
  /// where the connection carries descriptors. Only once ready().
  void execute_with(std::string_view command, const nlohmann::json& arguments,
                    std::shared_ptr<const FileDescriptor> descriptor, Reply reply);

  /// QEMU has spoken. It serves one client a socket: the next one connects and then hears nothing,
  /// so an owner that sees false for two seconds knows that somebody else holds the socket.
  bool greeted() const { return greeted_; }
  bool ready() const { return ready_; }
  const Greeting& greeting() const { return greeting_; }

  /// Asks the pump to close the connection.
  void finish();

  Result<void> receive(ByteView bytes, TimePoint now) override;
  void closed(const Error& why) override;
  std::vector<SharedBytes> take_output() override;
  std::vector<PassedDescriptor> take_descriptors() override;
  bool finished() const override { return finished_; }

 private:
  struct Pending {
    std::string command;
    Reply reply;
  };

  Result<void> line(std::string_view text);
  Result<void> greet(const nlohmann::json& message);
  Result<void> event(const nlohmann::json& message);
  Result<void> reply(const nlohmann::json& message);
  void negotiate();
  void send(std::string text);

  Handlers handlers_;
  Greeting greeting_;
  bool greeted_ = false;
  bool ready_ = false;
  bool finished_ = false;
  bool closed_ = false;
  std::uint64_t next_id_ = 1;
  std::string partial_;            ///< the start of a line whose end has not come yet
  std::vector<std::string> held_;  ///< commands that wait for ready_
  std::vector<SharedBytes> output_;
  std::vector<PassedDescriptor> descriptors_;  ///< of output_
  std::vector<PassedDescriptor> taken_;        ///< of what take_output() gave last
  std::map<std::uint64_t, Pending> pending_;
};

}  // namespace cassia::qmp
