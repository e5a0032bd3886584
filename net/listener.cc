// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "base/file.h"
#include "net/socket_stream.h"

namespace cassia::net {
namespace asio = boost::asio;
using asio::ip::tcp;
using StreamProtocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<StreamProtocol>;

namespace {

/// The file of a bound unix socket; removes it if it is still the same file.
class SocketFile {
 public:
  SocketFile() = default;
  explicit SocketFile(std::string path) : path_(std::move(path)) {
    if (::lstat(path_.c_str(), &made_) != 0) path_.clear();
  }
  SocketFile(SocketFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), made_(other.made_) {}
  SocketFile& operator=(SocketFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(made_, other.made_);
    return *this;
  }
  ~SocketFile() { remove(); }

  void remove() {
    struct stat now {};
    if (path_.empty() || ::lstat(path_.c_str(), &now) != 0) return;
    if (now.st_ino == made_.st_ino && now.st_dev == made_.st_dev) ::unlink(path_.c_str());
    path_.clear();
  }

 private:
  std::string path_;
  struct stat made_ {};
};

class SocketListener final : public Listener {
 public:
  SocketListener(Acceptor acceptor, Address address, SocketFile file)
      : acceptor_(std::move(acceptor)), address_(std::move(address)), file_(std::move(file)) {}

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    boost::system::error_code ec;
    Socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return fail(socket_error(ec, to_string(address_)));
    tune(socket);
    co_return std::unique_ptr<Stream>(std::make_unique<SocketStream>(std::move(socket)));
  }

  Address address() const override { return address_; }

  void close() override {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    file_.remove();
  }

 private:
  Acceptor acceptor_;
  Address address_;
  SocketFile file_;
};

/// True if a process accepts connections at `path`.
bool somebody_listens(const sockaddr_un& name) {
  FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return true;
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0)
    return true;
  return errno != ECONNREFUSED && errno != ENOENT;
}

Result<void> clear_stale(const Address& address) {
  struct stat status {};
  if (::lstat(address.path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) {
    return fail(ErrorKind::exists, "{}: there is a file that is not a socket", to_string(address));
  }
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, address.path.data(), address.path.size());
  if (somebody_listens(name)) {
    return fail(ErrorKind::busy, "{}: another program is listening there", to_string(address));
  }
  if (::unlink(address.path.c_str()) != 0) return fail_errno(errno, to_string(address));
  return {};
}

Result<Acceptor> open_acceptor(const Executor& executor, const StreamProtocol::endpoint& endpoint,
                               const std::string& name, bool both_families) {
  Acceptor acceptor(executor);
  boost::system::error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec && endpoint.protocol().family() != AF_UNIX) {
    acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  }
  if (!ec && both_families) acceptor.set_option(asio::ip::v6_only(false), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (ec) return fail(socket_error(ec, name));
  return acceptor;
}

Result<std::unique_ptr<Listener>> listen_unix(const Executor& executor, const Address& address) {
  if (address.path.size() >= sizeof(sockaddr_un::sun_path)) {
    return fail(ErrorKind::invalid_argument, "{}: path of a unix socket is too long",
                to_string(address));
  }
  CASSIA_TRY(clear_stale(address));
  Acceptor acceptor = CASSIA_TRY(open_acceptor(
      executor, asio::local::stream_protocol::endpoint(address.path), to_string(address), false));
  SocketFile file(address.path);
  // Nobody can connect before listen(): the mode is right from the first connection on.
  if (::chmod(address.path.c_str(), 0600) != 0) return fail_errno(errno, to_string(address));
  boost::system::error_code ec;
  acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return fail(socket_error(ec, to_string(address)));
  return std::unique_ptr<Listener>(
      std::make_unique<SocketListener>(std::move(acceptor), address, std::move(file)));
}

Result<std::unique_ptr<Listener>> listen_at(const Executor& executor, const Address& address,
                                            const tcp::endpoint& endpoint, bool both_families) {
  Acceptor acceptor =
      CASSIA_TRY(open_acceptor(executor, endpoint, to_string(address), both_families));
  boost::system::error_code ec;
  acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return fail(socket_error(ec, to_string(address)));
  const auto local = acceptor.local_endpoint(ec);
  tcp::endpoint bound;
  std::memcpy(bound.data(), local.data(), std::min(local.size(), bound.capacity()));
  Address real = address;
  real.host = bound.address().to_string();
  real.port = bound.port();
  return std::unique_ptr<Listener>(
      std::make_unique<SocketListener>(std::move(acceptor), real, SocketFile()));
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::create(Executor executor, const Address& address) {
  if (address.transport == Transport::unix_socket) return listen_unix(executor, address);
  if (address.host.empty() || address.host == "*") {
    auto both = listen_at(executor, address, tcp::endpoint(tcp::v6(), address.port), true);
    if (both) return both;
    return listen_at(executor, address, tcp::endpoint(tcp::v4(), address.port), false);
  }
  tcp::resolver resolver(executor);
  boost::system::error_code ec;
  const auto found =
      resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, ec);
  if (ec || found.empty()) {
    return fail(ErrorKind::not_found, "{}: {}", to_string(address), ec.message());
  }
  return listen_at(executor, address, found.begin()->endpoint(), false);
}

}  // namespace cassia::net
