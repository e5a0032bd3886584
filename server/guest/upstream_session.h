// SPDX-License-Identifier: Apache-2.0
#pragma once

// One SPICE session with the upstream server, from its main channel's connect to the end of the
// first of its channels. Internal to the spice adapter, which starts the next one.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "channels/display/display_client.h"
#include "channels/link/client_connection.h"
#include "dial/route.h"
#include "net/task.h"
#include "server/guest/spice_guest.h"
#include "server/guest/upstream_agent.h"
#include "server/guest/upstream_audio.h"
#include "server/guest/upstream_device.h"

namespace cassia::server {

class UpstreamSession final : public channels::MainClientEvents,
                              public channels::InputsClientEvents,
                              public std::enable_shared_from_this<UpstreamSession> {
 public:
  /// `options` must outlive it.
  UpstreamSession(net::Executor executor, const Clock& clock, const SpiceGuestOptions& options,
                  dial::Target target, GuestEvents& events, std::uint64_t epoch);
  ~UpstreamSession() override;

  /// Before run(). Null: the upstream's sound channels stay closed.
  void set_audio(GuestAudioEvents* events) {
    if (events) {
      audio_ = std::make_unique<UpstreamAudio>(*events, silent_, options_.audio_compression);
    }
  }
  UpstreamAudio* audio() { return audio_.get(); }
  /// Runs to the end of the session and says why it ended.
  net::Task<Error> run();
  /// Closes all channels; run() ends soon after. No events from now on.
  void close();

  /// Once run() has ended: where the guest is now, if that is why.
  const std::optional<dial::Target>& moved() const { return moved_; }

  /// The guest's first picture was complete: the upstream works.
  bool was_shown() const { return shown_; }
  /// Null until they are open, and while the guest does not take its input.
  channels::InputsClient* inputs();
  channels::MainClient* main() { return main_; }
  GuestAgent* agent() { return silent_ ? nullptr : agent_.get(); }
  /// Null if the session is over or lists no such channel.
  std::shared_ptr<DeviceEnd> open_device(spice::ChannelId id, std::weak_ptr<DeviceEnd> viewer);
  bool ready() const { return session_id_ != 0 && !over_; }  ///< the main channel is up

 private:
  class Display;
  class Cursor;

  net::Task<Error> run_channel(spice::ChannelId id, std::unique_ptr<channels::Channel> channel,
                               std::uint32_t connection_id);
  void open_channel(spice::ChannelId id);
  net::Task<> side_channel(spice::ChannelId id, std::unique_ptr<channels::Channel> channel);
  // Device channels, see upstream_devices.cc.
  net::Task<> probe_ports(std::vector<spice::ChannelId> ports);
  net::Task<> device_channel(spice::ChannelId id, std::shared_ptr<UpstreamDevice> device);
  void list_devices(const std::vector<spice::ChannelId>& ids);
  void end(const Error& why);
  void shown();

  void main_init(const channels::MainInit& init) override;
  void main_channels(const std::vector<spice::ChannelId>& ids) override;
  void main_mouse_mode(std::uint32_t supported, channels::MouseMode current) override;
  void main_name(const std::string& name) override;
  void main_uuid(const channels::Uuid& uuid) override;
  void main_agent_connected(bool connected) override {
    if (agent_ && !silent_) agent_->connected(connected);
  }
  Result<void> main_agent_data(ByteView data) override {
    if (agent_ && !silent_) agent_->data(data);
    return {};
  }
  void main_agent_writable() override {
    if (agent_ && !silent_) agent_->writable();
  }
  void main_migrate_switch_host(const channels::MigrationTarget& there) override;
  void main_closed(const Error& why) override { end(why); }
  void inputs_modifiers(std::uint16_t modifiers) override;
  void inputs_closed(const Error& why) override;

  net::Executor executor_;
  const Clock& clock_;
  const SpiceGuestOptions& options_;
  const dial::Target target_;
  GuestEvents& events_;
  const std::uint64_t epoch_;  ///< makes image ids of different sessions differ
  std::uint32_t session_id_ = 0;
  bool over_ = false;
  bool silent_ = false;
  bool shown_ = false;
  bool local_ = false;
  bool absolute_ = false;  ///< client mouse mode was to be had, by the last we heard
  bool listed_ = false;    ///< the channels are known
  std::string why_;
  std::optional<dial::Target> moved_;
  std::vector<GuestDevice> devices_;
  std::vector<net::Stream*> streams_;  ///< of the channels that run
  std::vector<std::unique_ptr<Display>> displays_;
  std::vector<std::unique_ptr<Cursor>> cursors_;
  std::unique_ptr<UpstreamAudio> audio_;
  channels::InputsClient* inputs_ = nullptr;
  channels::ClientConnection* inputs_connection_ = nullptr;
  channels::MainClient* main_ = nullptr;
  std::unique_ptr<UpstreamAgent> agent_;  ///< null if nobody hears it
};

}  // namespace cassia::server
