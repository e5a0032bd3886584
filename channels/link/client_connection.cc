// SPDX-License-Identifier: Apache-2.0
#include "channels/link/client_connection.h"

#include <spice/enums.h>
#include <spice/protocol.h>

#include <deque>
#include <optional>

#include "channels/link/base_senders.h"
#include "channels/link/frame_reader.h"
#include "channels/link/message_sender.h"
#include "channels/link/sasl_exchange.h"
#include "channels/link/security_layer.h"
#include "channels/link/ticket.h"
#include "protocol/spice/base_messages.h"
#include "protocol/spice/link.h"

namespace cassia::channels {
namespace {

spice::Capabilities common_capabilities(bool sasl) {
  spice::Capabilities caps = {SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION, SPICE_COMMON_CAP_AUTH_SPICE,
                              SPICE_COMMON_CAP_MINI_HEADER};
  if (sasl) caps.set(SPICE_COMMON_CAP_AUTH_SASL);
  return caps;
}

/// The error of a refusal, as the owner of a connection tells them apart.
ErrorKind kind_of(std::uint32_t link_error) {
  switch (link_error) {
    case SPICE_LINK_ERR_PERMISSION_DENIED:
      return ErrorKind::auth;
    case SPICE_LINK_ERR_VERSION_MISMATCH:
    case SPICE_LINK_ERR_NEED_UNSECURED:
      return ErrorKind::unsupported;
    case SPICE_LINK_ERR_NEED_SECURED:
      return ErrorKind::permission;
    case SPICE_LINK_ERR_BAD_CONNECTION_ID:
      return ErrorKind::invalid_argument;
    case SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE:
      return ErrorKind::not_found;
    default:
      return ErrorKind::malformed;
  }
}

class Client final : public ClientConnection {
 public:
  Client(ClientLinkParams params, std::unique_ptr<Channel> channel)
      : params_(std::move(params)), channel_(std::move(channel)), sender_({}, [this] { wake(); }) {
    sender_.set_peer(params_.channel, {});
    sender_.set_carries_descriptors(params_.carries_descriptors);
    channel_->attach(&sender_);
    sender_.set_wait([this](auto waits, auto then) { hold(std::move(waits), std::move(then)); });
    sender_.set_expect_descriptor([this](auto then) { expected_ = std::move(then); });
    spice::LinkMessage message;
    message.connection_id = params_.connection_id;
    message.channel_type = static_cast<std::uint8_t>(params_.channel.type);
    message.channel_id = params_.channel.id;
    message.common = common_capabilities(params_.make_sasl != nullptr);
    message.channel = channel_->capabilities();
    sender_.send_raw(message.encode());
  }

  ~Client() override { leave_board(); }

  Result<void> receive(ByteView bytes, TimePoint now) override;
  void closed(const Error& why) override {
    if (state_ == State::closed) return;
    leave_board();
    state_ = State::closed;
    // libspice-server has no other answer to a wrong password.
    if (sasl_ && !frames_ && why.kind() == ErrorKind::closed) {
      server_said_ = Error(ErrorKind::auth, "the server refuses the user name or the password");
    }
    if (channel_) channel_->on_closed(server_said_ ? *server_said_ : why);
  }
  std::optional<Error> verdict() const override { return server_said_; }
  std::optional<std::uint32_t> refusal() const override { return refusal_; }
  std::vector<SharedBytes> take_output() override { return layer_.outgoing(sender_.take_output()); }
  std::vector<PassedDescriptor> take_descriptors() override { return sender_.take_descriptors(); }
  bool takes_descriptors() const override {
    return sender_.carries_descriptors() && state_ == State::open && channel_->takes_descriptors();
  }
  void receive_descriptors(std::vector<FileDescriptor> descriptors) override {
    for (FileDescriptor& each : descriptors) descriptors_.push_back(std::move(each));
  }
  void written(std::size_t bytes) override {
    sender_.written(layer_.written(bytes));
    if (state_ == State::open && sender_.take_writable_again()) channel_->on_writable();
  }
  bool reading_paused() const override { return sender_.paused() || hold_; }
  bool finished() const override { return sender_.finished() || layer_.failed(); }
  MovedChannel release_channel() override;
  std::unique_ptr<Channel> adopt_channel(MovedChannel moved, bool fresh) override;
  void send_migrate_data(Bytes data) override {
    sender_.send_body(SPICE_MSGC_MIGRATE_DATA, std::move(data));
  }
  void say_goodbye(std::uint32_t reason, TimePoint now) override {
    if (state_ != State::open) return sender_.close();
    channels::say_goodbye(sender_, SPICE_MSGC_DISCONNECTING, reason, now);
  }
  Channel& channel() override { return *channel_; }
  const TrafficStats& stats() const override { return sender_.stats(); }
  bool open() const override { return state_ == State::open; }

 private:
  enum class State { reply_header, reply_body, sasl, sasl_result, result, open, closed };

  Result<void> take(ByteView bytes, TimePoint now);
  Result<void> handshake(ByteView& bytes);
  Result<void> on_reply(ByteView body);
  Result<void> authenticate(const spice::LinkReply& reply);
  Result<void> on_sasl(ByteView& bytes);
  Result<void> frames(ByteView bytes, TimePoint now);
  void on_descriptor_byte();
  Result<void> on_sasl_result(ByteView body);
  Result<void> check_result(ByteView body);
  Result<void> on_result(ByteView body);
  Result<bool> on_frame(const spice::MessageHeader& header, ByteView body, TimePoint now);
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now, bool nested);
  Result<void> on_base_message(std::uint16_t type, ByteView body, TimePoint now, bool nested);
  Result<void> on_sub_messages(ByteView body, std::uint32_t offset, TimePoint now);
  Result<void> on_migrate(ByteView body);
  Result<void> on_migrate_data(ByteView body);
  void hold(std::vector<spice::ChannelWait> waits, std::function<void()> then);
  void go_on();
  void leave_board() {
    if (params_.board && state_ == State::open) params_.board->leave(params_.channel);
  }
  void count_for_ack();

  /// Messages are not handled before the channels named have come that far.
  struct Hold {
    std::vector<spice::ChannelWait> waits;
    std::function<void()> then;
  };

  ClientLinkParams params_;
  std::unique_ptr<Channel> channel_;
  MessageSender sender_;
  State state_ = State::reply_header;
  Bytes collected_;
  std::size_t wanted_ = spice::link_header_size;
  std::optional<SaslClientExchange> sasl_;
  SecurityLayer layer_;
  std::optional<FrameReader> frames_;
  spice::HeaderKind header_ = spice::HeaderKind::full;
  std::uint32_t ack_window_ = 0;
  std::uint32_t until_ack_ = 0;
  std::uint64_t serial_ = 0;  ///< of the message that is being handled
  std::optional<Hold> hold_;
  Bytes held_;  ///< at most what one receive() brought: reading is paused meanwhile
  TimePoint held_at_{};
  /// Wants the descriptor of the next byte, which belongs to no message.
  std::function<void(FileDescriptor)> expected_;
  /// What came with the bytes that are being handled, or are held.
  std::deque<FileDescriptor> descriptors_;
  bool migrate_data_due_ = false;
  std::optional<Error> server_said_;
  std::optional<std::uint32_t> refusal_;
};

Result<void> Client::receive(ByteView bytes, TimePoint now) {
  sender_.mutable_stats().bytes_received += bytes.size();
  if (layer_.on()) return take(CASSIA_TRY(layer_.incoming(bytes)), now);
  return take(bytes, now);
}

Result<void> Client::take(ByteView bytes, TimePoint now) {
  while (!bytes.empty() && state_ != State::open) {
    if (state_ == State::closed) return {};
    const bool was_plain = !layer_.on();
    CASSIA_TRY(handshake(bytes));
    if (was_plain && layer_.on()) return take(CASSIA_TRY(layer_.incoming(bytes)), now);
  }
  if (bytes.empty()) return {};
  return frames(bytes, now);
}

Result<void> Client::frames(ByteView bytes, TimePoint now) {
  const auto handle = [&](const spice::MessageHeader& header, ByteView body) {
    return on_frame(header, body, now);
  };
  while (!bytes.empty() && !hold_) {
    if (expected_) {
      bytes = bytes.subspan(1);
      on_descriptor_byte();
      continue;
    }
    bytes = CASSIA_TRY(frames_->feed(bytes, handle));
    if (!expected_) break;
  }
  if (hold_) {
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    held_at_ = now;
  } else if (!expected_) {
    descriptors_.clear();  // nobody has asked for them
  }
  return {};
}

void Client::on_descriptor_byte() {
  FileDescriptor descriptor;
  if (!descriptors_.empty()) {
    descriptor = std::move(descriptors_.front());
    descriptors_.pop_front();
  }
  std::exchange(expected_, nullptr)(std::move(descriptor));
}

void Client::hold(std::vector<spice::ChannelWait> waits, std::function<void()> then) {
  if (!params_.board || params_.board->reached(waits, params_.channel)) return then();
  hold_ = Hold{std::move(waits), std::move(then)};
}

// Called when the board has moved.
void Client::go_on() {
  if (!hold_ || state_ != State::open || !params_.board->reached(hold_->waits, params_.channel)) {
    return;
  }
  const auto then = std::move(hold_->then);
  hold_.reset();
  then();
  const Bytes held = std::exchange(held_, {});
  if (auto done = frames(held, held_at_); !done) {
    // There is no receive() to fail: the pump ends the connection and asks verdict().
    server_said_ = done.error();
    sender_.close();
  }
  wake();
}

MovedChannel Client::release_channel() {
  leave_board();
  state_ = State::closed;
  expected_ = nullptr;
  return {std::move(channel_), ack_window_, serial_};
}

std::unique_ptr<Channel> Client::adopt_channel(MovedChannel moved, bool fresh) {
  std::swap(channel_, moved.channel);
  channel_->attach(&sender_);
  // A server that takes over a conversation counts on, unless it has said otherwise.
  if (!fresh) {
    if (ack_window_ == 0) ack_window_ = until_ack_ = moved.ack_window;
    serial_ += moved.serial;
    if (params_.board) params_.board->handled(params_.channel, serial_);
  }
  if (fresh) channel_->on_open();
  return std::move(moved.channel);
}

Result<void> Client::handshake(ByteView& bytes) {
  if (state_ == State::sasl) return on_sasl(bytes);
  const std::size_t take = std::min(wanted_ - collected_.size(), bytes.size());
  collected_.insert(collected_.end(), bytes.begin(), bytes.begin() + static_cast<long>(take));
  bytes = bytes.subspan(take);
  if (state_ == State::reply_header && collected_.size() >= 4 &&
      wire::Reader(collected_).u32() != SPICE_MAGIC) {
    return fail(ErrorKind::malformed, "the peer is not a SPICE server (wrong magic)");
  }
  if (collected_.size() < wanted_) return {};
  const Bytes block = std::exchange(collected_, {});
  switch (state_) {
    case State::reply_header: {
      const auto header = CASSIA_TRY(wire::parse<spice::LinkHeader>(block));
      if (header.major != SPICE_VERSION_MAJOR) {
        return fail(ErrorKind::unsupported, "the server speaks SPICE {}.{}, not {}", header.major,
                    header.minor, SPICE_VERSION_MAJOR);
      }
      if (header.size < sizeof(SpiceLinkReply) || header.size > spice::max_link_body) {
        return fail(ErrorKind::malformed, "a link reply of {} bytes", header.size);
      }
      wanted_ = header.size;
      state_ = State::reply_body;
      return {};
    }
    case State::reply_body:
      return on_reply(block);
    case State::sasl_result:
      return on_sasl_result(block);
    default:
      return on_result(block);
  }
}

Result<void> Client::on_reply(ByteView body) {
  const spice::LinkReply reply = CASSIA_TRY(spice::LinkReply::parse(body));
  if (reply.error != SPICE_LINK_ERR_OK) {
    refusal_ = reply.error;
    return fail(kind_of(reply.error), "the server refuses the {} channel: {}",
                spice::to_string(params_.channel.type), spice::link_error_text(reply.error));
  }
  if (reply.common.has(SPICE_COMMON_CAP_MINI_HEADER)) header_ = spice::HeaderKind::mini;
  sender_.set_header(header_);
  sender_.set_peer(params_.channel, reply.channel);
  return authenticate(reply);
}

Result<void> Client::authenticate(const spice::LinkReply& reply) {
  const bool selects = reply.common.has(SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION);
  const bool ticket = !selects || reply.common.has(SPICE_COMMON_CAP_AUTH_SPICE);
  const bool sasl = selects && reply.common.has(SPICE_COMMON_CAP_AUTH_SASL) && params_.make_sasl;
  const bool use_sasl = sasl && (params_.prefer_sasl || !ticket);
  if (!ticket && !use_sasl) {
    return fail(ErrorKind::unsupported, "the server takes no password tickets, only SASL");
  }
  if (selects) {
    wire::Writer mechanism;
    mechanism.u32(use_sasl ? SPICE_COMMON_CAP_AUTH_SASL : SPICE_COMMON_CAP_AUTH_SPICE);
    sender_.send_raw(mechanism.take());
  }
  if (use_sasl) {
    sasl_.emplace(CASSIA_TRY(params_.make_sasl()));
    state_ = State::sasl;
    return {};
  }
  sender_.send_raw(CASSIA_TRY(encrypt_ticket(reply.public_key, params_.password)));
  wanted_ = 4;
  state_ = State::result;
  return {};
}

Result<void> Client::on_sasl(ByteView& bytes) {
  Bytes answer;
  const auto complete = sasl_->receive(bytes, answer);
  if (!answer.empty()) sender_.send_raw(std::move(answer));
  if (!complete) return fail(complete.error());
  if (!*complete) return {};
  wanted_ = 4;
  state_ = State::sasl_result;
  return {};
}

Result<void> Client::on_sasl_result(ByteView body) {
  CASSIA_TRY(check_result(body));
  CASSIA_TRY(sasl_->proven());
  if (sasl_->engine().layer_bits() > 0) {
    layer_.start(sasl_->engine(), sender_.take_output());
    sender_.set_carries_descriptors(false);
  }
  state_ = State::result;
  return {};
}

Result<void> Client::check_result(ByteView body) {
  const std::uint32_t result = wire::Reader(body).u32();
  if (result == SPICE_LINK_ERR_OK) return {};
  refusal_ = result;
  if (result == SPICE_LINK_ERR_PERMISSION_DENIED) {
    if (sasl_) return fail(ErrorKind::auth, "the server refuses the user name or the password");
    if (params_.password.empty()) return fail(ErrorKind::auth, "the server wants a password");
    return fail(ErrorKind::auth, "wrong password");
  }
  return fail(kind_of(result), "the server refuses the {} channel: {}",
              spice::to_string(params_.channel.type), spice::link_error_text(result));
}

Result<void> Client::on_result(ByteView body) {
  CASSIA_TRY(check_result(body));
  frames_.emplace(header_, params_.max_server_message);
  state_ = State::open;
  if (params_.board) params_.board->join(params_.channel, [this] { go_on(); });
  channel_->on_open();
  return {};
}

Result<bool> Client::on_frame(const spice::MessageHeader& header, ByteView body, TimePoint now) {
  ++sender_.mutable_stats().messages_received;
  count_for_ack();
  if (header.sub_list != 0) CASSIA_TRY(on_sub_messages(body, header.sub_list, now));
  serial_ = header_ == spice::HeaderKind::full ? header.serial : serial_ + 1;
  CASSIA_TRY(on_message(header.type, body, now, false));
  if (params_.board && state_ == State::open) params_.board->handled(params_.channel, serial_);
  return state_ == State::open && !sender_.finished() && !hold_ && !expected_;
}

void Client::count_for_ack() {
  if (ack_window_ == 0 || --until_ack_ != 0) return;
  until_ack_ = ack_window_;
  sender_.send_body(SPICE_MSGC_ACK, {});
}

Result<void> Client::on_sub_messages(ByteView body, std::uint32_t offset, TimePoint now) {
  for (const spice::SubMessage& sub : CASSIA_TRY(spice::parse_sub_messages(body, offset))) {
    CASSIA_TRY(on_message(sub.type, sub.body, now, true));
  }
  return {};
}

Result<void> Client::on_message(std::uint16_t type, ByteView body, TimePoint now, bool nested) {
  if (type < SPICE_MSG_BASE_LAST) return on_base_message(type, body, now, nested);
  return channel_->on_message(type, body, now);
}

Result<void> Client::on_base_message(std::uint16_t type, ByteView body, TimePoint now,
                                     bool nested) {
  switch (type) {
    case SPICE_MSG_SET_ACK: {
      const auto set = CASSIA_TRY(wire::parse<spice::SetAck>(body));
      ack_window_ = until_ack_ = set.window;
      sender_.send_body(SPICE_MSGC_ACK_SYNC, wire::encode(spice::AckSync{set.generation}));
      return {};
    }
    case SPICE_MSG_PING: {
      auto ping = CASSIA_TRY(wire::parse<spice::Ping>(body));
      ping.data = {};
      sender_.send_body(SPICE_MSGC_PONG, wire::encode(ping));
      return {};
    }
    case SPICE_MSG_NOTIFY: {
      const auto notify = CASSIA_TRY(wire::parse<spice::Notify>(body));
      channel_->on_notify(notify.severity, notify.text);
      return {};
    }
    case SPICE_MSG_DISCONNECTING: {
      const auto bye = CASSIA_TRY(wire::parse<spice::Disconnecting>(body));
      server_said_ = Error(ErrorKind::closed, fmt::format("the server disconnects: {}",
                                                          spice::link_error_text(bye.reason)));
      sender_.close();
      return {};
    }
    case SPICE_MSG_LIST:
      if (nested) return fail(ErrorKind::malformed, "a list of messages inside another");
      return on_sub_messages(body, 0, now);
    case SPICE_MSG_WAIT_FOR_CHANNELS:
      hold(CASSIA_TRY(wire::parse<spice::WaitForChannels>(body)).waits, [] {});
      return {};
    case SPICE_MSG_MIGRATE:
      return on_migrate(body);
    case SPICE_MSG_MIGRATE_DATA:
      return on_migrate_data(body);
    default:
      return fail(ErrorKind::malformed, "unknown base message {}", type);
  }
}

Result<void> Client::on_migrate(ByteView body) {
  const auto migrate = CASSIA_TRY(wire::parse<spice::Migrate>(body));
  if ((migrate.flags & SPICE_MIGRATE_NEED_FLUSH) != 0) {
    sender_.send_body(SPICE_MSGC_MIGRATE_FLUSH_MARK, {});
  }
  migrate_data_due_ = (migrate.flags & SPICE_MIGRATE_NEED_DATA_TRANSFER) != 0;
  if (!migrate_data_due_ && params_.on_migrate) {
    std::exchange(params_.on_migrate, nullptr)(std::nullopt);
  }
  return {};
}

Result<void> Client::on_migrate_data(ByteView body) {
  if (!std::exchange(migrate_data_due_, false)) {
    return fail(ErrorKind::malformed, "migration data that was not announced");
  }
  if (params_.on_migrate) std::exchange(params_.on_migrate, nullptr)(to_bytes(body));
  return {};
}

}  // namespace

std::unique_ptr<ClientConnection> ClientConnection::create(ClientLinkParams params,
                                                           std::unique_ptr<Channel> channel) {
  return std::make_unique<Client>(std::move(params), std::move(channel));
}

}  // namespace cassia::channels
