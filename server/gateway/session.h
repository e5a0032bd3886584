// SPDX-License-Identifier: Apache-2.0
#pragma once

// One viewer: its main channel and the channels that joined it by its connection id.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "channels/display/glz_dictionaries.h"
#include "channels/main/main_channel.h"
#include "server/gateway/agent_viewer.h"
#include "server/gateway/vm.h"
#include "storage/live/storage_service.h"

namespace cassia::server {

/// A channel and the object that its events go to; the latter must outlive the former.
struct JoinedChannel {
  std::unique_ptr<channels::Channel> channel;
  std::shared_ptr<void> events;
};

class Session final : public channels::MainServerEvents,
                      public VmListener,
                      public std::enable_shared_from_this<Session> {
 public:
  /// `vm` must outlive the session; `storage` may be null. `ended` is called once, when the main
  /// channel has closed.
  Session(Vm& vm, std::shared_ptr<storage::StorageService> storage, const Clock& clock,
          std::uint32_t id, std::string peer, std::string user, std::function<void()> ended);
  ~Session() override;

  std::uint32_t id() const { return id_; }
  /// Where the viewer is, for logs and audit; with its user's name if there is one.
  const std::string& peer() const { return peer_; }
  const std::string& user() const { return user_; }  ///< by SASL; empty without
  bool over() const { return over_; }

  /// True if this session announces such a channel.
  bool has(spice::ChannelId id) const;
  JoinedChannel open_main();
  /// Any other channel of the list.
  Result<JoinedChannel> open(spice::ChannelId id);

  /// Tells the viewer why and closes the main channel; the others follow.
  void close(std::string_view why);

 private:
  std::vector<spice::ChannelId> channel_list() const;

  void main_opened() override;
  void main_attach_channels() override;
  void main_mouse_mode_request(channels::MouseMode mode) override;
  void main_agent_started() override;
  Result<void> main_agent_data(ByteView data) override;
  void main_round_trip(Duration round_trip) override;
  void main_closed(const Error& why) override;
  void vm_mouse_mode(std::uint32_t supported, channels::MouseMode current) override;
  void vm_name(const std::string& name) override;
  void vm_uuid(const channels::Uuid& uuid) override;
  void vm_channels(const std::vector<spice::ChannelId>& appeared) override;

  Vm& vm_;
  std::shared_ptr<storage::StorageService> storage_;
  const Clock& clock_;
  std::uint32_t id_;
  std::string user_;
  std::string peer_;
  std::function<void()> ended_;
  const std::vector<spice::ChannelId> list_;
  const std::shared_ptr<channels::GlzDictionaries> glz_ =
      std::make_shared<channels::GlzDictionaries>();
  channels::MainServer* main_ = nullptr;  ///< null until it is open and once it has closed
  channels::MainServer* made_ = nullptr;
  std::unique_ptr<AgentViewer> agent_;  ///< as long as main_
  bool attached_ = false;               ///< the viewer has been told of the channels
  bool over_ = false;
};

}  // namespace cassia::server
