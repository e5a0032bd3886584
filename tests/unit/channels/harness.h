// SPDX-License-Identifier: Apache-2.0
#pragma once

// A client and a server connection joined in memory, and the recorders that tests look into.

#include <unistd.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "channels/link/client_connection.h"
#include "channels/link/server_connection.h"

namespace cassia::channels {

/// All that waits to leave, in one buffer.
inline Bytes drain(Endpoint& from) {
  Bytes all;
  for (const SharedBytes& piece : from.take_output()) {
    all.insert(all.end(), piece.view().begin(), piece.view().end());
  }
  from.written(all.size());
  return all;
}

/// Feeds `bytes` in fragments of `size`; stops at the first error.
inline Result<void> feed(Endpoint& to, ByteView bytes, std::size_t size) {
  while (!bytes.empty()) {
    const std::size_t now = std::min(size, bytes.size());
    CASSIA_TRY(to.receive(bytes.first(now), TimePoint{}));
    bytes = bytes.subspan(now);
  }
  return {};
}

/// All of `from`'s output to `to`, in fragments; a descriptor arrives with the fragment that ends
/// with its byte, as over a unix socket. False: there was none.
inline Result<bool> carry(Endpoint& from, Endpoint& to, std::size_t fragment) {
  const std::vector<SharedBytes> pieces = from.take_output();
  auto passed = from.take_descriptors();
  auto next = passed.begin();
  Bytes bytes;
  std::size_t all = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    bytes.insert(bytes.end(), pieces[i].view().begin(), pieces[i].view().end());
    all += pieces[i].size();
    if (next == passed.end() || next->piece != i) continue;
    CASSIA_TRY(feed(to, ByteView(bytes).first(bytes.size() - 1), fragment));
    bytes.erase(bytes.begin(), bytes.end() - 1);
    std::vector<FileDescriptor> copies;
    copies.emplace_back(::dup((next++)->descriptor->get()));
    if (to.takes_descriptors()) to.receive_descriptors(std::move(copies));
    CASSIA_TRY(feed(to, std::exchange(bytes, {}), fragment));
  }
  from.written(all);
  CASSIA_TRY(feed(to, bytes, fragment));
  return !pieces.empty();
}

/// One 1024-bit key for all tests of a program.
inline std::shared_ptr<const TicketKey> test_key() {
  static const std::shared_ptr<const TicketKey> key = *TicketKey::generate();
  return key;
}

class TestPolicy : public LinkPolicy {
 public:
  using Maker = std::function<std::unique_ptr<Channel>(const LinkRequest&)>;
  explicit TestPolicy(Maker maker) : maker_(std::move(maker)) {}

  const TicketKey& ticket_key() const override { return *test_key(); }
  spice::Capabilities capabilities(spice::ChannelType) const override { return caps; }
  Result<void> check_request(const LinkRequest& request) override {
    last = request;
    if (refusal) return fail(*refusal);
    return {};
  }
  Result<void> check_password(const LinkRequest&, std::string_view given) override {
    if (given != password) return fail(ErrorKind::auth, "wrong password");
    return {};
  }
  Result<std::unique_ptr<Channel>> open(const LinkRequest& request) override {
    if (open_refusal) return fail(*open_refusal);
    return maker_(request);
  }

  spice::Capabilities caps;
  std::string password;
  std::optional<Error> refusal;
  std::optional<Error> open_refusal;
  LinkRequest last;

 private:
  Maker maker_;
};

/// Both ends; pump() moves bytes in fragments until nothing waits.
class Pair {
 public:
  Pair(TestPolicy::Maker server_channel, std::unique_ptr<Channel> client_channel,
       ClientLinkParams params = {}, std::size_t fragment = 1, ServerConnectionLimits limits = {})
      : policy(std::move(server_channel)),
        server(ServerConnection::create(policy, limits)),
        client(ClientConnection::create(std::move(params), std::move(client_channel))),
        fragment_(fragment) {}

  void pump() {
    for (bool moved = true; moved;) {
      moved = move(*client, *server, server_error);
      moved = move(*server, *client, client_error) || moved;
    }
  }

  TestPolicy policy;
  std::unique_ptr<ServerConnection> server;
  std::unique_ptr<ClientConnection> client;
  std::optional<Error> server_error;
  std::optional<Error> client_error;

 private:
  bool move(Endpoint& from, Endpoint& to, std::optional<Error>& error) {
    if (error) return false;
    const auto moved = carry(from, to, fragment_);
    if (moved) return *moved;
    error = moved.error();
    to.closed(*error);
    return true;
  }

  std::size_t fragment_;
};

/// A channel that remembers its messages.
class RecordingChannel : public Channel {
 public:
  struct Log {
    bool open = false;
    int writable = 0;
    std::vector<std::pair<std::uint16_t, Bytes>> messages;
    std::vector<std::string> notices;
    std::optional<Error> closed;
    RecordingChannel* channel = nullptr;
  };
  explicit RecordingChannel(Log& log) : log_(log) { log_.channel = this; }

  void on_open() override { log_.open = true; }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint) override {
    log_.messages.emplace_back(type, to_bytes(body));
    return {};
  }
  void on_writable() override { ++log_.writable; }
  void on_notify(std::uint32_t, std::string_view text) override { log_.notices.emplace_back(text); }
  void on_closed(const Error& why) override { log_.closed = why; }
  void say(std::uint16_t type, Bytes body) { send(type, std::move(body)); }

 private:
  Log& log_;
};

}  // namespace cassia::channels
