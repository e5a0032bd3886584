// SPDX-License-Identifier: Apache-2.0
#pragma once

// The storage channel within a session: the port that bears its name, and the calls on it.

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "channels/port/port_channel.h"
#include "client/session/event_queue.h"
#include "protocol/storage/rpc_client.h"

namespace cassia::client {

/// Network thread only. Replies go to the main thread as MainThreadCall events.
class StorageLink {
 public:
  explicit StorageLink(EventQueue& queue) : queue_(queue) {}

  using Reply = std::function<void(Result<nlohmann::json>)>;
  void call(std::string_view verb, const nlohmann::json& params, Reply reply);

 private:
  friend class PortFeed;
  void opened(channels::PortClient& port);
  void closed(const Error& why);

  EventQueue& queue_;
  channels::PortClient* port_ = nullptr;
  std::unique_ptr<storage::RpcClient> rpc_;
};

/// Events of one port channel: if it is the storage channel and none is open yet, it is used; any
/// other port is closed again.
class PortFeed final : public channels::PortEvents {
 public:
  explicit PortFeed(StorageLink& storage) : storage_(storage) {}

  void set_port(channels::PortClient* port) { port_ = port; }
  bool is_storage() const { return is_storage_; }
  /// The session has let go of the connection.
  void end(const Error& why);

  void port_opened(const std::string& name, bool opened) override;
  void port_data(ByteView data) override;
  void port_event(channels::PortEvent event) override;
  void port_closed(const Error& why) override { end(why); }

 private:
  void use();

  StorageLink& storage_;
  channels::PortClient* port_ = nullptr;
  bool is_storage_ = false;
  bool in_use_ = false;
};

}  // namespace cassia::client
