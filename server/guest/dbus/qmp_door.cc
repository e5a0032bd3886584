// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/qmp_door.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "net/pump.h"
#include "protocol/qmp/session.h"
#include "server/guest/dbus/listener.h"

namespace cassia::server::dbus {
namespace asio = boost::asio;

namespace {

constexpr char name_there[] = "cassia-display";

Error explained(const Error& error) {
  return {error.kind(),
          error.message() + " (the VM needs -display dbus,p2p=on to be served over D-Bus)"};
}

}  // namespace

net::Task<Result<FileDescriptor>> open_display(net::Address qmp, const Clock& clock, Duration limit,
                                               std::function<void()>& interrupt) {
  const std::string where = "QMP socket " + net::to_string(qmp);
  net::ConnectOptions how;
  how.timeout = limit;
  auto stream = co_await net::connect(qmp, how);
  if (!stream) co_return fail(stream.error().in("QMP socket"));
  auto pair = socket_pair();
  if (!pair) co_return fail(pair.error());
  const auto theirs = std::make_shared<const FileDescriptor>(std::move(pair->second));

  std::optional<Error> problem;
  bool done = false;
  qmp::Session* session = nullptr;
  const auto finish = [&](Result<nlohmann::json> reply) {
    reply ? void(done = true) : void(problem = explained(reply.error()));
    session->finish();
  };
  qmp::Session::Handlers handlers;
  handlers.ready = [&](const qmp::Greeting&) {
    session->execute_with("getfd", {{"fdname", name_there}}, theirs, [&](auto reply) {
      if (!reply) return finish(std::move(reply));
      session->execute("add_client", {{"protocol", "@dbus-display"}, {"fdname", name_there}},
                       finish);
    });
  };
  qmp::Session talk(std::move(handlers));
  session = &talk;

  asio::steady_timer timer(co_await asio::this_coro::executor, limit);
  const auto late = std::make_shared<bool>(false);
  const std::shared_ptr<net::Stream> open = std::move(*stream);
  interrupt = [weak = std::weak_ptr(open)] {
    if (const auto still = weak.lock()) still->close();
  };
  timer.async_wait([late, close = interrupt](const boost::system::error_code& ec) {
    if (ec) return;
    *late = true;
    close();
  });
  const Error why = co_await net::pump(*open, talk, clock);
  timer.cancel();
  interrupt = nullptr;
  if (done) co_return std::move(pair->first);
  if (problem) co_return fail(problem->in(where));
  if (*late) {
    co_return fail(ErrorKind::busy,
                   "{}: no answer; QEMU serves one client a socket, give it a second -qmp", where);
  }
  co_return fail(why.in(where));
}

}  // namespace cassia::server::dbus
