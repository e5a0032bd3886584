// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>
#include <spice/protocol.h>

#include <utility>

#include "channels/main/agent_sender.h"
#include "channels/main/main_channel.h"
#include "protocol/spice/main_messages.h"

namespace cassia::channels {
namespace {

// AGENT_DATA messages that the server may send before it gets tokens back, and how many are given
// back at a time.
constexpr std::uint32_t tokens_granted = 64;
constexpr std::uint32_t tokens_batch = 16;

class Client final : public MainClient {
 public:
  Client(MainClientEvents& events, MainClientOptions options)
      : events_(events), options_(options) {}

  spice::Capabilities capabilities() const override {
    spice::Capabilities caps = {SPICE_MAIN_CAP_NAME_AND_UUID,
                                SPICE_MAIN_CAP_AGENT_CONNECTED_TOKENS};
    if (options_.migration) {
      caps.set(SPICE_MAIN_CAP_SEMI_SEAMLESS_MIGRATE);
      caps.set(SPICE_MAIN_CAP_SEAMLESS_MIGRATE);
    }
    return caps;
  }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_notify(std::uint32_t severity, std::string_view text) override {
    events_.main_notify(severity, text);
  }
  void on_closed(const Error& why) override { events_.main_closed(why); }
  void on_writable() override {
    flush_agent();
    if (agent_connected_) events_.main_agent_writable();
  }

  void request_mouse_mode(MouseMode mode) override {
    send(SPICE_MSGC_MAIN_MOUSE_MODE_REQUEST,
         wire::encode(spice::MouseModeRequest{static_cast<std::uint16_t>(mode)}));
  }
  Result<void> send_agent_message(const std::vector<SharedBytes>& message) override;
  std::size_t agent_backlog() const override { return agent_.waiting(); }
  void pause_agent(bool paused) override;
  void send_migrate_connected(bool seamless) override {
    send(seamless ? SPICE_MSGC_MAIN_MIGRATE_CONNECTED_SEAMLESS : SPICE_MSGC_MAIN_MIGRATE_CONNECTED,
         {});
  }
  void send_migrate_connect_error() override { send(SPICE_MSGC_MAIN_MIGRATE_CONNECT_ERROR, {}); }
  void send_migrate_end() override {
    if (agent_connected_) agent_stopped();
    migrated_ = true;
    send(SPICE_MSGC_MAIN_MIGRATE_END, {});
  }

 private:
  Result<void> on_init(ByteView body);
  Result<void> on_channels(ByteView body);
  Result<void> on_migration(std::uint16_t type, ByteView body);
  void agent_started();
  void agent_stopped();
  Result<void> on_agent_data(ByteView body);
  void return_tokens(std::uint32_t at_least);
  void flush_agent() {
    agent_.flush(*link(), [this](std::vector<SharedBytes> chunk) {
      link()->send(SPICE_MSGC_MAIN_AGENT_DATA, std::move(chunk));
    });
  }

  MainClientEvents& events_;
  MainClientOptions options_;
  AgentSender agent_;
  std::uint32_t used_tokens_ = 0;  // messages taken whose tokens the server has not got back yet
  bool agent_connected_ = false;
  bool agent_paused_ = false;
  bool migrated_ = false;  // the next INIT is of a destination, where all channels are already
};

Result<void> Client::on_init(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::MainInit>(body));
  MainInit init;
  init.session_id = m.session_id;
  init.display_channels_hint = m.display_channels_hint;
  init.supported_mouse_modes = m.supported_mouse_modes;
  init.current_mouse_mode = m.current_mouse_mode;
  init.agent_connected = m.agent_connected != 0;
  init.agent_tokens = m.agent_tokens;
  init.multi_media_time = m.multi_media_time;
  init.ram_hint = m.ram_hint;
  if (!std::exchange(migrated_, false)) send(SPICE_MSGC_MAIN_ATTACH_CHANNELS, {});
  agent_.set_tokens(m.agent_tokens);
  events_.main_init(init);
  if (init.agent_connected) agent_started();
  return {};
}

Result<void> Client::on_channels(ByteView body) {
  const auto list = CASSIA_TRY(wire::parse<spice::ChannelsList>(body));
  std::vector<spice::ChannelId> channels;
  for (const spice::ChannelEntry& entry : list.channels) {
    channels.push_back({static_cast<spice::ChannelType>(entry.type), entry.id});
  }
  events_.main_channels(channels);
  return {};
}

void Client::agent_started() {
  agent_connected_ = true;
  used_tokens_ = 0;
  send(SPICE_MSGC_MAIN_AGENT_START, wire::encode(spice::AgentTokens{tokens_granted}));
  events_.main_agent_connected(true);
}

void Client::agent_stopped() {
  agent_connected_ = false;
  agent_.reset();
  events_.main_agent_connected(false);
}

Result<void> Client::send_agent_message(const std::vector<SharedBytes>& message) {
  if (!agent_connected_) return fail(ErrorKind::closed, "the guest runs no agent");
  CASSIA_TRY(agent_.queue(message));
  flush_agent();
  return {};
}

void Client::pause_agent(bool paused) {
  agent_paused_ = paused;
  return_tokens(1);
}

void Client::return_tokens(std::uint32_t at_least) {
  if (!agent_connected_ || agent_paused_ || used_tokens_ < at_least) return;
  send(SPICE_MSGC_MAIN_AGENT_TOKEN,
       wire::encode(spice::AgentTokens{std::exchange(used_tokens_, 0)}));
}

Result<void> Client::on_agent_data(ByteView body) {
  if (!agent_connected_) return {};
  ++used_tokens_;
  CASSIA_TRY(events_.main_agent_data(body));
  return_tokens(tokens_batch);
  return {};
}

Result<void> Client::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSG_MAIN_INIT:
      return on_init(body);
    case SPICE_MSG_MAIN_CHANNELS_LIST:
      return on_channels(body);
    case SPICE_MSG_MAIN_MOUSE_MODE: {
      const auto m = CASSIA_TRY(wire::parse<spice::MouseModeState>(body));
      events_.main_mouse_mode(m.supported, static_cast<MouseMode>(m.current));
      return {};
    }
    case SPICE_MSG_MAIN_MULTI_MEDIA_TIME:
      events_.main_multi_media_time(CASSIA_TRY(wire::parse<spice::MultiMediaTime>(body)).time);
      return {};
    case SPICE_MSG_MAIN_AGENT_CONNECTED:
      return agent_started(), Result<void>{};
    case SPICE_MSG_MAIN_AGENT_CONNECTED_TOKENS:
      agent_.set_tokens(CASSIA_TRY(wire::parse<spice::AgentTokens>(body)).count);
      agent_started();
      return {};
    case SPICE_MSG_MAIN_AGENT_DISCONNECTED:
      return agent_stopped(), Result<void>{};
    case SPICE_MSG_MAIN_AGENT_DATA:
      return on_agent_data(body);
    case SPICE_MSG_MAIN_AGENT_TOKEN:
      agent_.add_tokens(CASSIA_TRY(wire::parse<spice::AgentTokens>(body)).count);
      flush_agent();
      if (agent_connected_) events_.main_agent_writable();
      return {};
    case SPICE_MSG_MAIN_NAME:
      events_.main_name(CASSIA_TRY(wire::parse<spice::ServerName>(body)).text);
      return {};
    case SPICE_MSG_MAIN_UUID:
      events_.main_uuid(CASSIA_TRY(wire::parse<spice::ServerUuid>(body)).uuid);
      return {};
    case SPICE_MSG_MAIN_MIGRATE_BEGIN:
    case SPICE_MSG_MAIN_MIGRATE_BEGIN_SEAMLESS:
    case SPICE_MSG_MAIN_MIGRATE_CANCEL:
    case SPICE_MSG_MAIN_MIGRATE_END:
    case SPICE_MSG_MAIN_MIGRATE_SWITCH_HOST:
      return on_migration(type, body);
    // Answers to a destination's channel before this one takes it over: see MigrationChannel.
    case SPICE_MSG_MAIN_MIGRATE_DST_SEAMLESS_ACK:
    case SPICE_MSG_MAIN_MIGRATE_DST_SEAMLESS_NACK:
      return {};
    default:
      return {};  // what newer servers may add
  }
}

MigrationTarget target_of(const spice::MigrateBegin& m) {
  return {m.host.text, m.port, m.tls_port, m.cert_subject.text};
}

Result<void> Client::on_migration(std::uint16_t type, ByteView body) {
  switch (type) {
    case SPICE_MSG_MAIN_MIGRATE_BEGIN:
      events_.main_migrate_begin(target_of(CASSIA_TRY(wire::parse<spice::MigrateBegin>(body))),
                                 std::nullopt);
      return {};
    case SPICE_MSG_MAIN_MIGRATE_BEGIN_SEAMLESS: {
      const auto m = CASSIA_TRY(wire::parse<spice::MigrateBeginSeamless>(body));
      events_.main_migrate_begin(target_of(m.destination), m.source_version);
      return {};
    }
    case SPICE_MSG_MAIN_MIGRATE_CANCEL:
      return events_.main_migrate_cancel(), Result<void>{};
    case SPICE_MSG_MAIN_MIGRATE_END:
      return events_.main_migrate_end(), Result<void>{};
    default:
      events_.main_migrate_switch_host(
          target_of(CASSIA_TRY(wire::parse<spice::MigrateBegin>(body))));
      return {};
  }
}

}  // namespace

std::unique_ptr<MainClient> MainClient::create(MainClientEvents& events,
                                               MainClientOptions options) {
  return std::make_unique<Client>(events, options);
}

Bytes encode_do_seamless(std::uint32_t source_version) {
  return wire::encode(spice::MigrateDoSeamless{source_version});
}

}  // namespace cassia::channels
