// SPDX-License-Identifier: Apache-2.0
#include "channels/link/server_connection.h"

#include <spice/enums.h>
#include <spice/protocol.h>

#include <algorithm>
#include <optional>

#include "channels/link/frame_reader.h"
#include "channels/link/message_sender.h"
#include "channels/link/sasl_exchange.h"
#include "channels/link/security_layer.h"
#include "protocol/spice/base_messages.h"
#include "protocol/spice/link.h"

namespace cassia::channels {
namespace {

std::uint32_t link_error_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::not_found:
      return SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE;
    case ErrorKind::invalid_argument:
      return SPICE_LINK_ERR_BAD_CONNECTION_ID;
    case ErrorKind::permission:
      return SPICE_LINK_ERR_NEED_SECURED;
    case ErrorKind::auth:
      return SPICE_LINK_ERR_PERMISSION_DENIED;
    case ErrorKind::malformed:
      return SPICE_LINK_ERR_INVALID_DATA;
    default:
      return SPICE_LINK_ERR_ERROR;
  }
}

class Server final : public ServerConnection {
 public:
  Server(LinkPolicy& policy, ServerConnectionLimits limits)
      : policy_(policy),
        limits_(limits),
        sender_({limits.writable_below, limits.max_pending}, [this] { wake(); }) {
    sender_.set_carries_descriptors(limits.carries_descriptors);
  }

  Result<void> receive(ByteView bytes, TimePoint now) override;
  void closed(const Error& why) override {
    if (state_ == State::closed) return;
    state_ = State::closed;
    if (channel_) channel_->on_closed(why);
  }
  std::vector<SharedBytes> take_output() override { return layer_.outgoing(sender_.take_output()); }
  std::vector<PassedDescriptor> take_descriptors() override { return sender_.take_descriptors(); }
  void written(std::size_t bytes) override {
    sender_.written(layer_.written(bytes));
    // While reading is paused no ack can open the window: who paused it must hear that output left.
    if (state_ == State::open && sender_.paused()) return channel_->on_writable();
    offer_writable();
  }
  bool reading_paused() const override { return sender_.paused(); }
  bool finished() const override { return sender_.finished() || layer_.failed(); }
  Channel* channel() override { return channel_.get(); }
  const TrafficStats& stats() const override { return sender_.stats(); }
  bool open() const override { return state_ == State::open; }
  void ping(TimePoint now, std::size_t filler) override;
  std::optional<Duration> round_trip() const override { return round_trip_; }

 private:
  enum class State { link_header, link_body, mechanism, ticket, sasl, open, closed };

  Result<void> handshake(ByteView& bytes);
  Result<void> frames(ByteView bytes, TimePoint now);
  Result<void> on_link_header(ByteView block);
  Result<void> on_link_body(ByteView block);
  Result<void> on_mechanism(ByteView block);
  Result<void> on_ticket(ByteView block);
  Result<void> on_sasl(ByteView& bytes);
  Result<void> admit();
  void expect(State state, std::size_t bytes) {
    state_ = state;
    wanted_ = bytes;
  }
  tl::unexpected<Error> refuse(std::uint32_t code, Error why);
  void send_result(std::uint32_t code);
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now);
  Result<void> on_pong(ByteView body, TimePoint now);
  void offer_writable() {
    if (state_ == State::open && sender_.take_writable_again()) channel_->on_writable();
  }

  LinkPolicy& policy_;
  ServerConnectionLimits limits_;
  MessageSender sender_;
  std::unique_ptr<Channel> channel_;
  State state_ = State::link_header;
  Bytes collected_;
  std::size_t wanted_ = spice::link_header_size;
  LinkRequest request_;
  std::optional<SaslServerExchange> sasl_;
  SecurityLayer layer_;
  std::optional<FrameReader> frames_;
  std::uint32_t generation_ = 0;
  bool acks_synced_ = false;
  TimePoint now_{};
  std::uint32_t ping_id_ = 0;
  std::optional<TimePoint> pinged_at_;  ///< while its answer is due
  std::optional<Duration> round_trip_;
};

Result<void> Server::receive(ByteView bytes, TimePoint now) {
  now_ = now;
  sender_.mutable_stats().bytes_received += bytes.size();
  while (!bytes.empty() && state_ != State::open) {
    if (state_ == State::closed) return {};
    CASSIA_TRY(handshake(bytes));
  }
  if (bytes.empty()) return {};
  if (!layer_.on()) return frames(bytes, now);
  return frames(CASSIA_TRY(layer_.incoming(bytes)), now);
}

Result<void> Server::frames(ByteView bytes, TimePoint now) {
  CASSIA_TRY(
      frames_->feed(bytes, [&](const spice::MessageHeader& header, ByteView body) -> Result<bool> {
        ++sender_.mutable_stats().messages_received;
        CASSIA_TRY(on_message(header.type, body, now));
        return state_ == State::open && !sender_.finished();
      }));
  if (state_ == State::open && !sender_.finished()) channel_->on_input_handled();
  return {};
}

void Server::ping(TimePoint now, std::size_t filler) {
  pinged_at_ = now;
  const auto time = std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch());
  spice::Ping ping;
  ping.id = ++ping_id_;
  ping.timestamp = static_cast<std::uint64_t>(time.count());
  ping.data = wire::Blob(SharedBytes(Bytes(filler)));
  sender_.send_body(SPICE_MSG_PING, wire::encode(ping));
}

// The client's word for when we asked is not taken.
Result<void> Server::on_pong(ByteView body, TimePoint now) {
  const auto pong = CASSIA_TRY(wire::parse<spice::Ping>(body));
  if (pong.id != ping_id_ || !pinged_at_) return {};
  round_trip_ = now - *pinged_at_;
  pinged_at_.reset();
  channel_->on_round_trip(*round_trip_);
  return {};
}

Result<void> Server::handshake(ByteView& bytes) {
  if (state_ == State::sasl) return on_sasl(bytes);
  const std::size_t take = std::min(wanted_ - collected_.size(), bytes.size());
  collected_.insert(collected_.end(), bytes.begin(), bytes.begin() + static_cast<long>(take));
  bytes = bytes.subspan(take);
  // Whoever speaks another protocol may never send a whole header: look as soon as there are 4
  // bytes.
  if (state_ == State::link_header && collected_.size() >= 4 &&
      wire::Reader(collected_).u32() != SPICE_MAGIC) {
    return refuse(SPICE_LINK_ERR_INVALID_MAGIC,
                  {ErrorKind::malformed, "the peer is not a SPICE client (wrong magic)"});
  }
  if (collected_.size() < wanted_) return {};
  const Bytes block = std::exchange(collected_, {});
  switch (state_) {
    case State::link_header:
      return on_link_header(block);
    case State::link_body:
      return on_link_body(block);
    case State::mechanism:
      return on_mechanism(block);
    default:
      return on_ticket(block);
  }
}

tl::unexpected<Error> Server::refuse(std::uint32_t code, Error why) {
  spice::LinkReply reply;
  reply.error = code;
  sender_.send_raw(reply.encode());
  return fail(std::move(why));
}

Result<void> Server::on_link_header(ByteView block) {
  const auto header = CASSIA_TRY(wire::parse<spice::LinkHeader>(block));
  if (header.major != SPICE_VERSION_MAJOR) {
    return refuse(SPICE_LINK_ERR_VERSION_MISMATCH,
                  {ErrorKind::unsupported,
                   fmt::format("the client speaks SPICE {}.{}", header.major, header.minor)});
  }
  if (header.size < sizeof(SpiceLinkMess) || header.size > spice::max_link_body) {
    return refuse(SPICE_LINK_ERR_INVALID_DATA,
                  {ErrorKind::malformed, fmt::format("a link message of {} bytes", header.size)});
  }
  expect(State::link_body, header.size);
  return {};
}

Result<void> Server::on_link_body(ByteView block) {
  const auto message = spice::LinkMessage::parse(block);
  if (!message) return refuse(SPICE_LINK_ERR_INVALID_DATA, message.error());
  request_.channel = {static_cast<spice::ChannelType>(message->channel_type), message->channel_id};
  request_.connection_id = message->connection_id;
  request_.common = message->common;
  request_.channel_caps = message->channel;
  if (auto checked = policy_.check_request(request_); !checked) {
    std::uint32_t code = link_error_of(checked.error().kind());
    if (checked.error().kind() == ErrorKind::unsupported) code = SPICE_LINK_ERR_NEED_UNSECURED;
    return refuse(code, checked.error());
  }
  spice::LinkReply reply;
  const ByteView key = policy_.ticket_key().public_key();
  if (key.size() != reply.public_key.size()) {
    return refuse(SPICE_LINK_ERR_ERROR, {ErrorKind::internal, "the ticket key has a wrong size"});
  }
  std::copy(key.begin(), key.end(), reply.public_key.begin());
  reply.common = {SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION, SPICE_COMMON_CAP_MINI_HEADER};
  if (policy_.takes_tickets()) reply.common.set(SPICE_COMMON_CAP_AUTH_SPICE);
  const bool selects = request_.common.has(SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION);
  if (selects && request_.common.has(SPICE_COMMON_CAP_AUTH_SASL)) {
    auto sasl = policy_.make_sasl(request_);
    if (!sasl) return refuse(link_error_of(sasl.error().kind()), sasl.error());
    if (*sasl) {
      sasl_.emplace(std::move(*sasl));
      reply.common.set(SPICE_COMMON_CAP_AUTH_SASL);
    }
  }
  if (!sasl_ && !policy_.takes_tickets()) {
    return refuse(SPICE_LINK_ERR_PERMISSION_DENIED,
                  {ErrorKind::auth, "the client does not know SASL, and tickets are not taken"});
  }
  reply.channel = policy_.capabilities(request_.channel.type);
  sender_.send_raw(reply.encode());
  if (selects) {
    expect(State::mechanism, 4);
  } else {
    expect(State::ticket, spice::ticket_size);
  }
  return {};
}

Result<void> Server::on_mechanism(ByteView block) {
  const std::uint32_t mechanism = wire::Reader(block).u32();
  if (mechanism == SPICE_COMMON_CAP_AUTH_SASL && sasl_) {
    sender_.send_raw(sasl_->greeting());
    state_ = State::sasl;
    return {};
  }
  sasl_.reset();
  if (mechanism != SPICE_COMMON_CAP_AUTH_SPICE || !policy_.takes_tickets()) {
    send_result(SPICE_LINK_ERR_INVALID_DATA);
    return fail(ErrorKind::unsupported, "the client wants authentication mechanism {}", mechanism);
  }
  expect(State::ticket, spice::ticket_size);
  return {};
}

void Server::send_result(std::uint32_t code) {
  wire::Writer writer;
  writer.u32(code);
  sender_.send_raw(writer.take());
}

Result<void> Server::on_ticket(ByteView block) {
  const auto password = policy_.ticket_key().decrypt(block);
  auto allowed =
      password ? policy_.check_password(request_, *password) : Result<void>(fail(password.error()));
  if (!allowed) {
    send_result(SPICE_LINK_ERR_PERMISSION_DENIED);
    return allowed;
  }
  return admit();
}

Result<void> Server::on_sasl(ByteView& bytes) {
  Bytes answer;
  auto done = sasl_->receive(bytes, answer);
  if (!answer.empty()) sender_.send_raw(std::move(answer));
  Result<void> allowed;
  if (!done) {
    allowed = fail(done.error());
  } else if (!*done) {
    return {};
  } else {
    allowed = policy_.check_user(request_, sasl_->engine().user());
  }
  if (!allowed) {
    send_result(allowed.error().kind() == ErrorKind::auth ? SPICE_LINK_ERR_PERMISSION_DENIED
                                                          : SPICE_LINK_ERR_INVALID_DATA);
    return allowed;
  }
  // The exchange has a result of its own, which is not protected yet; that of the link is.
  send_result(SPICE_LINK_ERR_OK);
  if (sasl_->engine().layer_bits() > 0) {
    layer_.start(sasl_->engine(), sender_.take_output());
    sender_.set_carries_descriptors(false);
  }
  return admit();
}

Result<void> Server::admit() {
  auto channel = policy_.open(request_);
  if (!channel) {
    send_result(link_error_of(channel.error().kind()));
    return fail(channel.error());
  }
  send_result(SPICE_LINK_ERR_OK);
  const auto header = request_.common.has(SPICE_COMMON_CAP_MINI_HEADER) ? spice::HeaderKind::mini
                                                                        : spice::HeaderKind::full;
  frames_.emplace(header, std::max(limits_.max_client_message, (*channel)->largest_message()));
  sender_.set_header(header);
  sender_.set_peer(request_.channel, request_.channel_caps);
  channel_ = std::move(*channel);
  channel_->attach(&sender_);
  state_ = State::open;
  // Counting starts after the request itself.
  sender_.send_body(SPICE_MSG_SET_ACK,
                    wire::encode(spice::SetAck{++generation_, limits_.ack_window}));
  sender_.expect_acks(limits_.ack_window);
  channel_->on_open();
  if (limits_.ping_main && request_.channel.type == spice::ChannelType::main) ping(now_, 0);
  return {};
}

Result<void> Server::on_message(std::uint16_t type, ByteView body, TimePoint now) {
  switch (type) {
    case SPICE_MSGC_ACK_SYNC: {
      const auto sync = CASSIA_TRY(wire::parse<spice::AckSync>(body));
      acks_synced_ = sync.generation == generation_;
      return {};
    }
    case SPICE_MSGC_ACK:
      if (acks_synced_) sender_.ack();
      offer_writable();
      return {};
    case SPICE_MSGC_DISCONNECTING:
      CASSIA_TRY(wire::parse<spice::Disconnecting>(body));
      sender_.close();
      return {};
    case SPICE_MSGC_PONG:
      return on_pong(body, now);
    case SPICE_MSGC_MIGRATE_FLUSH_MARK:
      return channel_->on_flush_mark(), Result<void>{};
    case SPICE_MSGC_MIGRATE_DATA:
      return channel_->on_migrate_data(body);
    default:
      break;
  }
  // Client and server messages alike begin after 100.
  if (type <= SPICE_MSG_BASE_LAST)
    return fail(ErrorKind::malformed, "unknown base message {}", type);
  return channel_->on_message(type, body, now);
}

}  // namespace

std::unique_ptr<ServerConnection> ServerConnection::create(LinkPolicy& policy,
                                                           ServerConnectionLimits limits) {
  return std::make_unique<Server>(policy, limits);
}

}  // namespace cassia::channels
