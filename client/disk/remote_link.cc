// SPDX-License-Identifier: Apache-2.0
// The storage channel over SPICE without the rest of a session: the main channel, which names the
// others, and of them only the ports.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "channels/link/client_connection.h"
#include "channels/main/main_channel.h"
#include "channels/port/port_channel.h"
#include "client/disk/remote_storage.h"
#include "dial/route.h"
#include "net/pump.h"
#include "net/stream.h"
#include "protocol/storage/rpc_client.h"

namespace cassia::client {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using spice::ChannelId;
using spice::ChannelType;

class RemoteLink;

/// The events of one port channel, told apart by the port's name.
class Port final : public channels::PortEvents {
 public:
  Port(RemoteLink& owner) : owner_(owner) {}
  void port_opened(const std::string& name, bool opened) override;
  void port_data(ByteView data) override;
  void port_event(channels::PortEvent event) override;
  void port_closed(const Error& why) override;

  channels::PortClient* channel = nullptr;

 private:
  RemoteLink& owner_;
  bool ours_ = false;
};

/// One SPICE connection. Its coroutine holds it.
struct Connection {
  std::unique_ptr<net::Stream> stream;
  std::unique_ptr<Port> port;
  std::unique_ptr<channels::ClientConnection> endpoint;
};

class RemoteLink final : public RemoteStorage, public channels::MainClientEvents {
 public:
  explicit RemoteLink(RemoteTarget target) : target_(std::move(target)) {}
  ~RemoteLink() override;

  Result<void> connect();
  Result<json> call(std::string_view verb, const json& params) override;

  void main_init(const channels::MainInit& init) override { session_ = init.session_id; }
  void main_channels(const std::vector<ChannelId>& channels) override;
  void main_mouse_mode(std::uint32_t, channels::MouseMode) override {}
  void main_closed(const Error&) override {}

  void found(channels::PortClient& port);
  void data(ByteView bytes);
  void lost(const Error& why);

 private:
  std::unique_ptr<channels::Channel> make_channel(Connection& connection);
  net::Task<Error> serve(ChannelId id, std::shared_ptr<Connection> connection);
  net::Task<> run_main();
  net::Task<> run_port(ChannelId id);
  void run_until(const std::function<bool()>& condition, Duration limit);

  RemoteTarget target_;
  asio::io_context io_;
  SteadyClock clock_;
  std::uint32_t session_ = 0;
  bool listed_ = false;    ///< the server has named its channels
  std::size_t ports_ = 0;  ///< that may still turn out to be the storage channel
  std::vector<std::weak_ptr<Connection>> connections_;
  channels::PortClient* port_ = nullptr;
  std::unique_ptr<storage::RpcClient> rpc_;
  std::optional<Error> over_;  ///< why nothing more can be asked
};

void Port::port_opened(const std::string& name, bool opened) {
  ours_ = name == storage::storage_port_name;
  if (!ours_) {
    channel->link()->close();
  } else if (opened) {
    owner_.found(*channel);
  }
}

void Port::port_data(ByteView bytes) {
  if (ours_) owner_.data(bytes);
}

void Port::port_event(channels::PortEvent event) {
  if (!ours_) return;
  if (event == channels::PortEvent::opened) owner_.found(*channel);
  if (event == channels::PortEvent::closed) {
    owner_.lost(Error(ErrorKind::closed, "the gateway closed the storage channel"));
  }
}

void Port::port_closed(const Error& why) {
  if (ours_) owner_.lost(why);
}

RemoteLink::~RemoteLink() {
  for (const auto& weak : connections_) {
    if (const auto connection = weak.lock(); connection && connection->stream) {
      connection->stream->close();
    }
  }
  // The coroutines end on their closed streams and let go of this object.
  io_.restart();
  io_.run_for(std::chrono::seconds(5));
}

std::unique_ptr<channels::Channel> RemoteLink::make_channel(Connection& connection) {
  if (!connection.port) return channels::MainClient::create(*this);
  auto port = channels::PortClient::create(*connection.port);
  connection.port->channel = port.get();
  return port;
}

net::Task<Error> RemoteLink::serve(ChannelId id, std::shared_ptr<Connection> connection) {
  connections_.push_back(connection);
  dial::Target target;
  target.plain = target_.server.plain;
  target.tls = target_.server.tls;
  target.user = target_.user;
  target.password = target_.password;
  target.connect.timeout = target_.timeout;
  target.connect.tls.ca_file = target_.ca_file;
  target.connect.tls.host_subject = target_.host_subject;
  target.connect.proxy = target_.proxy;
  target.secure_channels = target_.secure_channels;
  dial::Route route(target, id.type);
  for (;;) {
    auto stream = co_await net::connect(route.address(), target.connect);
    if (!stream) co_return stream.error();
    connection->stream = std::move(*stream);
    connection->endpoint = channels::ClientConnection::create(
        route.link_params(*connection->stream, id, session_), make_channel(*connection));
    const Error why = co_await net::pump(*connection->stream, *connection->endpoint, clock_);
    if (!route.turn(connection->endpoint->refusal())) {
      co_return connection->endpoint->verdict().value_or(why);
    }
  }
}

net::Task<> RemoteLink::run_main() {
  const auto connection = std::make_shared<Connection>();
  const Error why = co_await serve(ChannelId{}, connection);
  const std::string server =
      net::to_string(target_.server.plain ? *target_.server.plain : *target_.server.tls);
  lost(why.message().find(server) == std::string::npos ? why.in(server) : why);
}

net::Task<> RemoteLink::run_port(ChannelId id) {
  const auto connection = std::make_shared<Connection>();
  connection->port = std::make_unique<Port>(*this);
  (void)co_await serve(id, connection);
  --ports_;
}

void RemoteLink::main_channels(const std::vector<ChannelId>& channels) {
  if (std::exchange(listed_, true)) return;
  for (const ChannelId id : channels) {
    if (id.type != ChannelType::port) continue;
    ++ports_;
    asio::co_spawn(io_, run_port(id), asio::detached);
  }
}

void RemoteLink::found(channels::PortClient& port) {
  if (rpc_) return;
  port_ = &port;
  rpc_ = std::make_unique<storage::RpcClient>([this](Bytes bytes) { port_->send_data(bytes); });
}

void RemoteLink::data(ByteView bytes) {
  if (!rpc_ || over_) return;
  if (const auto taken = rpc_->receive(bytes); !taken) lost(taken.error());
}

void RemoteLink::lost(const Error& why) {
  if (over_) return;
  over_ = why;
  if (rpc_) rpc_->closed(why);
}

void RemoteLink::run_until(const std::function<bool()>& condition, Duration limit) {
  const TimePoint end = clock_.now() + limit;
  io_.restart();
  while (!condition() && clock_.now() < end && io_.run_one_until(end) > 0) {
  }
}

Result<void> RemoteLink::connect() {
  asio::co_spawn(io_, run_main(), asio::detached);
  run_until([this] { return rpc_ || over_ || (listed_ && ports_ == 0); }, target_.timeout);
  if (over_) return fail(*over_);
  if (rpc_) return {};
  const std::string server =
      net::to_string(target_.server.plain ? *target_.server.plain : *target_.server.tls);
  if (!listed_) return fail(ErrorKind::timeout, "{}: the server does not answer", server);
  return fail(ErrorKind::unsupported, "{}: this server has no storage channel ({})", server,
              storage::storage_port_name);
}

Result<json> RemoteLink::call(std::string_view verb, const json& params) {
  if (over_) return fail(*over_);
  std::optional<Result<json>> answer;
  rpc_->call(verb, params, [&answer](Result<json> result) { answer.emplace(std::move(result)); });
  run_until([&] { return answer.has_value(); }, std::chrono::hours(24));
  if (!answer) return fail(over_.value_or(Error(ErrorKind::closed, "the connection is lost")));
  return std::move(*answer);
}

}  // namespace

Result<std::unique_ptr<RemoteStorage>> connect_storage(RemoteTarget target) {
  auto link = std::make_unique<RemoteLink>(std::move(target));
  CASSIA_TRY(link->connect());
  return link;
}

}  // namespace cassia::client
