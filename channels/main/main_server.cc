// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/main/agent_sender.h"
#include "channels/main/main_channel.h"
#include "protocol/spice/base_messages.h"
#include "protocol/spice/main_messages.h"

namespace cassia::channels {
namespace {

// Agent messages after which the client gets its tokens back.
constexpr std::uint32_t tokens_batch = 5;

class Server final : public MainServer {
 public:
  explicit Server(MainServerEvents& events) : events_(events) {}

  void on_open() override { events_.main_opened(); }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_closed(const Error& why) override { events_.main_closed(why); }
  void on_writable() override {
    flush_agent();
    if (agent_started_) events_.main_agent_writable();
  }

  void send_init(const MainInit& init) override;
  void send_channels(const std::vector<spice::ChannelId>& channels) override;
  void send_mouse_mode(std::uint32_t supported, MouseMode current) override {
    send(SPICE_MSG_MAIN_MOUSE_MODE,
         wire::encode(spice::MouseModeState{static_cast<std::uint16_t>(supported),
                                            static_cast<std::uint16_t>(current)}));
  }
  void send_multi_media_time(std::uint32_t time) override {
    send(SPICE_MSG_MAIN_MULTI_MEDIA_TIME, wire::encode(spice::MultiMediaTime{time}));
  }
  void send_name(std::string_view name) override {
    if (knows(SPICE_MAIN_CAP_NAME_AND_UUID)) {
      send(SPICE_MSG_MAIN_NAME, wire::encode(spice::ServerName{std::string(name)}));
    }
  }
  void send_uuid(const Uuid& uuid) override {
    if (knows(SPICE_MAIN_CAP_NAME_AND_UUID)) {
      send(SPICE_MSG_MAIN_UUID, wire::encode(spice::ServerUuid{uuid}));
    }
  }
  void send_notify(std::uint32_t severity, std::string_view text) override;
  void send_agent_connected(bool connected, std::uint32_t tokens) override;
  Result<void> send_agent_message(const std::vector<SharedBytes>& message) override;
  std::size_t agent_backlog() const override { return agent_.waiting(); }
  void pause_agent(bool paused) override;
  bool send_migrate_begin(const MigrationTarget& target,
                          std::optional<std::uint32_t> source_version) override;
  void send_migrate_cancel() override { send(SPICE_MSG_MAIN_MIGRATE_CANCEL, {}); }
  void send_migrate_end() override { send(SPICE_MSG_MAIN_MIGRATE_END, {}); }
  void send_migrate_switch_host(const MigrationTarget& target) override {
    send(SPICE_MSG_MAIN_MIGRATE_SWITCH_HOST, wire::encode(destination(target)));
  }
  void send_seamless_answer(bool yes) override {
    send(yes ? SPICE_MSG_MAIN_MIGRATE_DST_SEAMLESS_ACK : SPICE_MSG_MAIN_MIGRATE_DST_SEAMLESS_NACK,
         {});
  }
  void on_round_trip(Duration round_trip) override { events_.main_round_trip(round_trip); }
  void on_flush_mark() override { events_.main_flush_mark(); }
  Result<void> on_migrate_data(ByteView data) override {
    events_.main_migrate_data(data);
    return {};
  }

 private:
  static spice::MigrateBegin destination(const MigrationTarget& target) {
    return {target.port, target.tls_port, {target.host}, {target.cert_subject}};
  }
  Result<void> on_migration(std::uint16_t type, ByteView body);
  bool knows(unsigned cap) const { return link()->peer_capabilities().has(cap); }
  void flush_agent() {
    agent_.flush(*link(), [this](std::vector<SharedBytes> chunk) {
      link()->send(SPICE_MSG_MAIN_AGENT_DATA, std::move(chunk));
    });
  }
  void on_agent_start(std::uint32_t tokens);
  void return_tokens(std::uint32_t at_least);
  Result<void> on_agent_data(ByteView body);

  MainServerEvents& events_;
  AgentSender agent_;
  std::uint64_t client_tokens_ = 0;  // messages that the client may still send
  std::uint32_t used_tokens_ = 0;
  bool agent_connected_ = false;
  bool agent_started_ = false;  // the client has said AGENT_START since the agent connected
  bool agent_paused_ = false;
};

void Server::send_init(const MainInit& init) {
  agent_connected_ = init.agent_connected;
  agent_started_ = false;
  client_tokens_ = init.agent_tokens;
  spice::MainInit m;
  m.session_id = init.session_id;
  m.display_channels_hint = init.display_channels_hint;
  m.supported_mouse_modes = init.supported_mouse_modes;
  m.current_mouse_mode = init.current_mouse_mode;
  m.agent_connected = init.agent_connected ? 1 : 0;
  m.agent_tokens = init.agent_tokens;
  m.multi_media_time = init.multi_media_time;
  m.ram_hint = init.ram_hint;
  send(SPICE_MSG_MAIN_INIT, wire::encode(m));
}

void Server::send_channels(const std::vector<spice::ChannelId>& channels) {
  spice::ChannelsList list;
  for (const spice::ChannelId& id : channels) {
    list.channels.push_back({static_cast<std::uint8_t>(id.type), id.id});
  }
  send(SPICE_MSG_MAIN_CHANNELS_LIST, wire::encode(list));
}

void Server::send_notify(std::uint32_t severity, std::string_view text) {
  spice::Notify notify;
  notify.severity = severity;
  notify.visibility = SPICE_NOTIFY_VISIBILITY_HIGH;
  notify.text = std::string(text);
  send(SPICE_MSG_NOTIFY, wire::encode(notify));
}

void Server::send_agent_connected(bool connected, std::uint32_t tokens) {
  agent_connected_ = connected;
  agent_started_ = false;
  agent_.reset();
  if (!connected) {
    // A client that is not told its tokens with the next agent keeps those that it has.
    if (knows(SPICE_MAIN_CAP_AGENT_CONNECTED_TOKENS)) client_tokens_ = 0;
    send(SPICE_MSG_MAIN_AGENT_DISCONNECTED,
         wire::encode(spice::AgentDisconnected{SPICE_LINK_ERR_OK}));
    return;
  }
  used_tokens_ = 0;
  if (knows(SPICE_MAIN_CAP_AGENT_CONNECTED_TOKENS)) {
    client_tokens_ = tokens;
    send(SPICE_MSG_MAIN_AGENT_CONNECTED_TOKENS, wire::encode(spice::AgentTokens{tokens}));
  } else {
    client_tokens_ += tokens;
    send(SPICE_MSG_MAIN_AGENT_CONNECTED, {});
    send(SPICE_MSG_MAIN_AGENT_TOKEN, wire::encode(spice::AgentTokens{tokens}));
  }
}

Result<void> Server::send_agent_message(const std::vector<SharedBytes>& message) {
  if (!agent_started_) return fail(ErrorKind::closed, "the client does not listen to the agent");
  CASSIA_TRY(agent_.queue(message));
  flush_agent();
  return {};
}

void Server::pause_agent(bool paused) {
  agent_paused_ = paused;
  return_tokens(1);
}

void Server::on_agent_start(std::uint32_t tokens) {
  if (!agent_connected_) return;
  agent_.set_tokens(tokens);
  if (!std::exchange(agent_started_, true)) events_.main_agent_started();
  flush_agent();
}

void Server::return_tokens(std::uint32_t at_least) {
  if (!agent_connected_ || agent_paused_ || used_tokens_ < at_least) return;
  client_tokens_ += used_tokens_;
  send(SPICE_MSG_MAIN_AGENT_TOKEN,
       wire::encode(spice::AgentTokens{std::exchange(used_tokens_, 0)}));
}

Result<void> Server::on_agent_data(ByteView body) {
  // It crossed our AGENT_DISCONNECTED, or was meant for the agent before this one.
  if (!agent_connected_ || !agent_started_) {
    if (!knows(SPICE_MAIN_CAP_AGENT_CONNECTED_TOKENS) && client_tokens_ > 0) --client_tokens_;
    return {};
  }
  if (client_tokens_ == 0) {
    return fail(ErrorKind::malformed, "the client sends agent data without a token");
  }
  if (body.size() > spice::max_agent_chunk) {
    return fail(ErrorKind::malformed, "an agent message of {} bytes", body.size());
  }
  --client_tokens_;
  ++used_tokens_;
  CASSIA_TRY(events_.main_agent_data(body));
  return_tokens(client_tokens_ == 0 ? 1 : tokens_batch);
  return {};
}

Result<void> Server::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSGC_MAIN_ATTACH_CHANNELS:
      return events_.main_attach_channels(), Result<void>{};
    case SPICE_MSGC_MAIN_MOUSE_MODE_REQUEST: {
      const auto request = CASSIA_TRY(wire::parse<spice::MouseModeRequest>(body));
      if (request.mode == SPICE_MOUSE_MODE_CLIENT || request.mode == SPICE_MOUSE_MODE_SERVER) {
        events_.main_mouse_mode_request(static_cast<MouseMode>(request.mode));
      }
      return {};
    }
    case SPICE_MSGC_MAIN_AGENT_START:
      on_agent_start(CASSIA_TRY(wire::parse<spice::AgentTokens>(body)).count);
      return {};
    case SPICE_MSGC_MAIN_AGENT_TOKEN:
      agent_.add_tokens(CASSIA_TRY(wire::parse<spice::AgentTokens>(body)).count);
      flush_agent();
      if (agent_started_) events_.main_agent_writable();
      return {};
    case SPICE_MSGC_MAIN_AGENT_DATA:
      return on_agent_data(body);
    case SPICE_MSGC_MAIN_MIGRATE_CONNECTED:
    case SPICE_MSGC_MAIN_MIGRATE_CONNECT_ERROR:
    case SPICE_MSGC_MAIN_MIGRATE_END:
    case SPICE_MSGC_MAIN_MIGRATE_DST_DO_SEAMLESS:
    case SPICE_MSGC_MAIN_MIGRATE_CONNECTED_SEAMLESS:
      return on_migration(type, body);
    // How much it would cache: DISPLAY_INIT says it with more precision.
    case SPICE_MSGC_MAIN_CLIENT_INFO:
      CASSIA_TRY(wire::parse<spice::ClientInfo>(body));
      return {};
    case SPICE_MSGC_MAIN_QUALITY_INDICATOR:
      return {};  // bytes without a meaning in any server
    default:
      return fail(ErrorKind::malformed, "unknown main message {}", type);
  }
}

bool Server::send_migrate_begin(const MigrationTarget& target,
                                std::optional<std::uint32_t> source_version) {
  if (!knows(SPICE_MAIN_CAP_SEMI_SEAMLESS_MIGRATE)) return false;
  if (!source_version) {
    send(SPICE_MSG_MAIN_MIGRATE_BEGIN, wire::encode(destination(target)));
    return true;
  }
  if (!knows(SPICE_MAIN_CAP_SEAMLESS_MIGRATE)) return false;
  send(SPICE_MSG_MAIN_MIGRATE_BEGIN_SEAMLESS,
       wire::encode(spice::MigrateBeginSeamless{destination(target), *source_version}));
  return true;
}

Result<void> Server::on_migration(std::uint16_t type, ByteView body) {
  switch (type) {
    case SPICE_MSGC_MAIN_MIGRATE_CONNECTED:
      return events_.main_migrate_connected(false), Result<void>{};
    case SPICE_MSGC_MAIN_MIGRATE_CONNECTED_SEAMLESS:
      return events_.main_migrate_connected(true), Result<void>{};
    case SPICE_MSGC_MAIN_MIGRATE_CONNECT_ERROR:
      return events_.main_migrate_connect_error(), Result<void>{};
    case SPICE_MSGC_MAIN_MIGRATE_END:
      return events_.main_migrate_end(), Result<void>{};
    default:
      events_.main_migrate_do_seamless(
          CASSIA_TRY(wire::parse<spice::MigrateDoSeamless>(body)).source_version);
      return {};
  }
}

}  // namespace

std::unique_ptr<MainServer> MainServer::create(MainServerEvents& events) {
  return std::make_unique<Server>(events);
}

}  // namespace cassia::channels
