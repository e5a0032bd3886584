// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/gateway.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <spice/enums.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <set>

#include "base/log.h"
#include "net/pump.h"
#include "net/websocket.h"
#include "protocol/spice/base_messages.h"
#include "server/gateway/demo_disks.h"
#include "server/gateway/link_gate.h"
#include "server/guest/demo_guest.h"
#include "server/guest/page_guest.h"
#include "server/guest/spice_guest.h"

namespace cassia::server {
namespace asio = boost::asio;

namespace {

constexpr auto component = "gateway";
/// Wait after an accept that failed (out of descriptors): the listener stays up.
constexpr auto accept_pause = std::chrono::milliseconds(200);

/// spice-gtk 0.42 goes on to wait for its socket when the first messages came in one piece with the
/// link result and its SASL library has decoded them all: something must come after them.
constexpr auto sasl_nudge = std::chrono::milliseconds(250);
void nudge_client(channels::ServerConnection& link) {
  channels::Channel* channel = link.channel();
  if (!link.open() || channel == nullptr) return;
  std::vector<SharedBytes> body;
  body.emplace_back(wire::encode(spice::Ping{}));
  channel->link()->send(SPICE_MSG_PING, std::move(body));
}

std::unique_ptr<GuestSource> make_guest(const net::Executor& executor, const Clock& clock,
                                        const GatewayConfig& config) {
  if (!config.demo_page.empty()) {
    if (auto page = make_draw_page(config.demo_page)) {
      return make_page_guest(executor, std::move(*page));
    }
  }
  if (config.demo) {
    DemoGuestOptions options;
    if (!config.demo_clock.empty())
      options.clock_text = [text = config.demo_clock] { return text; };
    options.agent.folder = config.demo_files;
    options.audio = config.demo_audio;
    return make_demo_guest(executor, std::move(options));
  }
  if (config.dbus) return make_dbus_guest(executor, clock, {*config.dbus});
  SpiceGuestOptions options;
  options.address = *config.upstream;
  options.user = config.upstream_user;
  options.password = config.upstream_password;
  options.tls = config.upstream_tls;
  options.relay_ports = config.relay_ports;
  options.audio_compression = config.playback_compression;
  return make_spice_guest(executor, clock, std::move(options));
}

class GatewayServer final : public Gateway, public SessionRegistry {
 public:
  GatewayServer(net::Executor executor, const Clock& clock, GatewayConfig config,
                GatewayLimits limits)
      : executor_(executor),
        clock_(clock),
        config_(std::move(config)),
        limits_(limits),
        vm_(make_guest(executor, clock, config_)) {}

  Result<void> prepare();
  Result<void> prepare_storage();

  void start(std::function<void()> ready) override;
  std::vector<net::Address> addresses() const override;
  void stop(std::function<void()> stopped) override;
  std::size_t sessions() const override { return sessions_.size(); }
  Result<Bytes> picture() override;

  const channels::TicketKey& ticket_key() const override { return *key_; }
  bool admits(std::string_view password) const override;
  const AccessPolicy& access() const override { return config_.access; }
  std::shared_ptr<Session> find_session(std::uint32_t id) override;
  Result<std::shared_ptr<Session>> new_session(const std::string& peer,
                                               const std::string& user) override;

 private:
  struct Connection {
    net::Stream* stream = nullptr;
    channels::ServerConnection* link = nullptr;
    const LinkGate* gate = nullptr;
  };
  using Connections = std::map<std::uint64_t, Connection>;

  net::Task<> accept_from(net::Listener& listener, bool tls);
  net::Task<> serve(std::unique_ptr<net::Stream> stream, bool tls);
  net::Task<> serve_link(std::unique_ptr<net::Stream> stream);
  bool admit_connection(net::Stream& stream);
  void session_ended(std::uint32_t id);
  void connection_gone();

  net::Executor executor_;
  const Clock& clock_;
  GatewayConfig config_;
  GatewayLimits limits_;
  std::shared_ptr<const channels::TicketKey> key_;
  std::unique_ptr<net::TlsServer> tls_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::unique_ptr<DemoDisks> demo_disks_;
  std::shared_ptr<storage::StorageService> storage_;  ///< null if there is nothing to serve
  Vm vm_;
  std::map<std::uint32_t, std::shared_ptr<Session>> sessions_;
  Connections connections_;
  std::uint64_t next_connection_ = 1;
  std::set<net::Stream*> sniffed_;  ///< connections that have not said yet what they speak
  std::size_t handshakes_ = 0;
  std::size_t coroutines_ = 0;
  bool stopping_ = false;
  std::function<void()> stopped_;
};

Result<void> GatewayServer::prepare() {
  vm_.audio().playback().set_compression(config_.playback_compression);
  if (!config_.demo_page.empty()) vm_.head(0).pipeline.keep_history();
  vm_.set_gl_scanout(config_.gl_scanout);
  key_ = CASSIA_TRY(channels::TicketKey::generate());
  if (config_.tls) tls_ = CASSIA_TRY(net::TlsServer::create(*config_.tls));
  for (const auto& address : config_.listen) {
    listeners_.push_back(CASSIA_TRY(net::Listener::create(executor_, address)));
  }
  return prepare_storage();
}

Result<void> GatewayServer::prepare_storage() {
  storage::StorageService::Options options;
  options.root = config_.storage_root;
  if (config_.demo) {
    demo_disks_ = CASSIA_TRY(DemoDisks::create(config_.storage_root));
    options.root = demo_disks_->folder();
    options.local_disks = demo_disks_->disks();
    options.vm_name = "Cassia demo guest";
  } else if (!config_.qmp.empty()) {
    options.qmp = CASSIA_TRY(net::parse_socket_address("unix:" + config_.qmp));
  } else if (config_.storage_root.empty()) {
    return {};
  }
  storage_ = CASSIA_TRY(storage::StorageService::create(executor_, clock_, std::move(options)));
  return {};
}

std::vector<net::Address> GatewayServer::addresses() const {
  std::vector<net::Address> out;
  for (const auto& listener : listeners_) out.push_back(listener->address());
  return out;
}

void GatewayServer::start(std::function<void()> ready) {
  for (const auto& listener : listeners_) {
    const net::Address address = listener->address();
    const bool tls = address.transport == net::Transport::tls;
    log_info(component, "listening on {}{}", net::to_string(address), tls ? " (TLS)" : "");
    ++coroutines_;
    asio::co_spawn(executor_, accept_from(*listener, tls), asio::detached);
  }
  vm_.start(std::move(ready));
}

net::Task<> GatewayServer::accept_from(net::Listener& listener, bool tls) {
  while (!stopping_) {
    auto stream = co_await listener.accept();
    if (!stream) {
      if (stopping_ || stream.error().kind() == ErrorKind::canceled) break;
      log_warn(component, "{}", stream.error().message());
      asio::steady_timer pause(executor_, accept_pause);
      boost::system::error_code ignored;
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      continue;
    }
    if (!admit_connection(**stream)) continue;
    ++coroutines_;
    asio::co_spawn(executor_, serve(std::move(*stream), tls), asio::detached);
  }
  connection_gone();
}

bool GatewayServer::admit_connection(net::Stream& stream) {
  if (handshakes_ < limits_.handshakes && connections_.size() < limits_.connections) return true;
  log_warn(component, "{}: turned away, {} connections and {} handshakes are open", stream.peer(),
           connections_.size(), handshakes_);
  return false;
}

net::Task<> GatewayServer::serve(std::unique_ptr<net::Stream> stream, bool tls) {
  if (tls) {
    ++handshakes_;
    auto secured = co_await tls_->handshake(std::move(stream), limits_.handshake_timeout);
    --handshakes_;
    if (!secured) {
      log_warn(component, "{}", secured.error().message());
      connection_gone();
      co_return;
    }
    stream = std::move(*secured);
  }
  // SPICE as it is, or inside WebSocket: both on one port.
  ++handshakes_;
  net::Stream* const raw = stream.get();
  sniffed_.insert(raw);
  net::WebSocketServerOptions options;
  options.origins = config_.access.web_origins;
  options.timeout = limits_.handshake_timeout;
  auto known = co_await net::accept_any(std::move(stream), std::move(options));
  sniffed_.erase(raw);
  --handshakes_;
  if (!known) {
    log_warn(component, "{}", known.error().message());
    connection_gone();
    co_return;
  }
  stream = std::move(*known);
  co_await serve_link(std::move(stream));
  connection_gone();
}

net::Task<> GatewayServer::serve_link(std::unique_ptr<net::Stream> stream) {
  if (stopping_) co_return;
  const std::string peer = stream->peer();
  const GatePeer gate_peer{peer, stream->tls_bits(), stream->is_unix()};
  // While `pending` is true this connection counts as a handshake; at the deadline it is closed.
  const auto pending = std::make_shared<bool>(true);
  ++handshakes_;
  const auto handshake_over = [this, pending] {
    if (std::exchange(*pending, false)) --handshakes_;
  };
  asio::steady_timer nudge(executor_);
  const auto alive = std::make_shared<bool>(true);
  channels::ServerConnection* made = nullptr;
  const LinkGate* asked = nullptr;
  const auto opened = [&] {
    handshake_over();
    if (!asked->by_sasl_without_tls()) return;
    nudge.expires_after(sasl_nudge);
    nudge.async_wait([alive, made](const boost::system::error_code& ec) {
      if (!ec && *alive) nudge_client(*made);
    });
  };
  LinkGate gate(*this, gate_peer, opened);  // outlives the channel, whose events it owns
  auto link = channels::ServerConnection::create(
      gate, {.carries_descriptors = stream->carries_descriptors(), .ping_main = true});
  asked = &gate;
  made = link.get();
  const std::uint64_t number = next_connection_++;
  connections_[number] = {stream.get(), link.get(), &gate};

  bool late = false;
  asio::steady_timer deadline(executor_, limits_.handshake_timeout);
  deadline.async_wait([pending, &late, raw = stream.get()](const boost::system::error_code& ec) {
    if (ec || !*pending) return;
    late = true;
    raw->close();
  });
  const Error why = co_await net::pump(*stream, *link, clock_);
  *alive = false;
  const bool was_open = gate.session() != nullptr;
  handshake_over();
  connections_.erase(number);
  if (late) {
    log_warn(component, "{}: no SPICE handshake in time", peer);
  } else if (!was_open || why.kind() == ErrorKind::malformed) {
    log_warn(component, "{}: {}", peer, why.message());
  } else {
    log_debug(component, "{}: {}", peer, why.message());
  }
}

void GatewayServer::connection_gone() {
  if (--coroutines_ == 0 && stopping_ && stopped_) std::exchange(stopped_, nullptr)();
}

bool GatewayServer::admits(std::string_view password) const {
  if (!config_.password) return true;
  // In constant time for any two passwords: both are padded to the longest that SPICE allows.
  std::array<char, 64> expected{}, given{};
  if (password.size() >= given.size()) return false;
  config_.password->copy(expected.data(), expected.size() - 1);
  password.copy(given.data(), given.size() - 1);
  return CRYPTO_memcmp(expected.data(), given.data(), given.size()) == 0;
}

std::shared_ptr<Session> GatewayServer::find_session(std::uint32_t id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() || found->second->over() ? nullptr : found->second;
}

Result<std::shared_ptr<Session>> GatewayServer::new_session(const std::string& peer,
                                                            const std::string& user) {
  std::uint32_t id = 0;
  while (id == 0 || sessions_.count(id) != 0) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&id), sizeof id) != 1) {
      return fail(ErrorKind::internal, "no random numbers");
    }
  }
  auto session = std::make_shared<Session>(vm_, storage_, clock_, id, peer, user,
                                           [this, id] { session_ended(id); });
  sessions_[id] = session;
  log_info(component, "{}: viewer connected, {} now", session->peer(), sessions_.size());
  return session;
}

void GatewayServer::session_ended(std::uint32_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  const std::shared_ptr<Session> session = found->second;
  sessions_.erase(found);
  log_info(component, "{}: viewer gone, {} left", session->peer(), sessions_.size());
  for (auto& [number, connection] : connections_) {
    channels::Channel* channel = connection.link->channel();
    if (connection.gate->session() == session && channel) channel->link()->close();
  }
}

void GatewayServer::stop(std::function<void()> stopped) {
  if (stopping_) return;
  stopping_ = true;
  stopped_ = std::move(stopped);
  vm_.stop();
  if (storage_) storage_->stop();
  for (const auto& listener : listeners_) listener->close();
  for (net::Stream* stream : sniffed_) stream->close();
  const auto sessions = sessions_;
  for (const auto& [id, session] : sessions) session->close("the gateway is shutting down");
  for (auto& [number, connection] : connections_) {
    channels::Channel* channel = connection.link->channel();
    if (channel && channel->link()) {
      channel->link()->close();
    } else {
      connection.stream->close();
    }
  }
  // One for the case that nothing was open at all.
  ++coroutines_;
  asio::post(executor_, [this] { connection_gone(); });
}

Result<Bytes> GatewayServer::picture() {
  const raster::Bitmap picture = CASSIA_TRY(vm_.head(0).pipeline.picture());
  if (raster::bits_per_pixel(picture.format()) != 32) {
    return fail(ErrorKind::unsupported, "the guest's picture has not 32 bits a pixel");
  }
  Bytes out = to_bytes(fmt::format("P6\n{} {}\n255\n", picture.width(), picture.height()));
  out.reserve(out.size() + static_cast<std::size_t>(picture.width()) * picture.height() * 3);
  for (std::int32_t y = 0; y < picture.height(); ++y) {
    for (std::int32_t x = 0; x < picture.width(); ++x) {
      const std::uint32_t pixel = picture.row32(y)[x];
      out.push_back(static_cast<std::uint8_t>(pixel >> 16));
      out.push_back(static_cast<std::uint8_t>(pixel >> 8));
      out.push_back(static_cast<std::uint8_t>(pixel));
    }
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::create(net::Executor executor, const Clock& clock,
                                                 GatewayConfig config, GatewayLimits limits) {
  auto gateway =
      std::make_unique<GatewayServer>(std::move(executor), clock, std::move(config), limits);
  CASSIA_TRY(gateway->prepare());
  return std::unique_ptr<Gateway>(std::move(gateway));
}

}  // namespace cassia::server
