// SPDX-License-Identifier: Apache-2.0
// spice-replay: plays a recorded session to every client that connects, until SIGTERM.

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "tests/replay/replay_server.h"

namespace cassia::test {
namespace {

struct Options {
  std::string listen = "127.0.0.1:0", file;
  double speed = 1;
};

Result<void> replay(const Options& options) {
  const SessionTape tape = CASSIA_TRY(SessionTape::load(options.file));
  const auto address = CASSIA_TRY(net::parse_socket_address(options.listen));
  const SteadyClock clock;
  boost::asio::io_context io(1);
  const auto server = CASSIA_TRY(
      ReplayServer::create(io.get_executor(), clock, tape, address, {.speed = options.speed}));
  boost::asio::signal_set end(io, SIGINT, SIGTERM);
  end.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  server->start();
  std::printf("READY %s\n", net::to_string(server->address()).c_str());
  std::fflush(stdout);
  io.run();
  return {};
}

}  // namespace
}  // namespace cassia::test

int main(int argc, char** argv) {
  cassia::test::Options options;
  CLI::App app("Plays a recorded SPICE session.", "spice-replay");
  app.add_option("FILE", options.file, "What spice-record has written")->required();
  app.add_option("--listen", options.listen, "Where clients connect (127.0.0.1:0)");
  app.add_option("--speed", options.speed, "1 is the recorded pace, 0 as fast as the client reads")
      ->check(CLI::Range(0.0, 1000.0));
  CLI11_PARSE(app, argc, argv);
  if (const auto done = cassia::test::replay(options); !done) {
    std::fprintf(stderr, "spice-replay: %s\n", done.error().message().c_str());
    return cassia::exit_code(done.error());
  }
  return 0;
}
