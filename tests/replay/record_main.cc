// SPDX-License-Identifier: Apache-2.0
// spice-record: a recording proxy. Point a client at it instead of the server; end it with SIGTERM.

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "tests/replay/recorder.h"

namespace cassia::test {
namespace {

struct Options {
  std::string listen = "127.0.0.1:0", server, out;
  bool server_only = false;
};

net::Task<> accept_all(net::Listener& listener, RecorderOptions options, RecordingFile& file) {
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) co_return;
    const net::Executor executor = (*client)->executor();
    boost::asio::co_spawn(executor, record_connection(std::move(*client), options, file),
                          boost::asio::detached);
  }
}

Result<void> record(const Options& options) {
  RecorderOptions recorder;
  recorder.server = CASSIA_TRY(net::parse_spice_uri(options.server));
  recorder.client_messages = !options.server_only;
  const auto address = CASSIA_TRY(net::parse_socket_address(options.listen));
  const SteadyClock clock;
  const auto file = CASSIA_TRY(RecordingFile::create(options.out, clock));
  boost::asio::io_context io(1);
  const auto listener = CASSIA_TRY(net::Listener::create(io.get_executor(), address));
  boost::asio::signal_set end(io, SIGINT, SIGTERM);
  end.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  boost::asio::co_spawn(io, accept_all(*listener, recorder, *file), boost::asio::detached);
  std::printf("READY %s\n", net::to_string(listener->address()).c_str());
  std::fflush(stdout);
  io.run();
  return file->finish();
}

}  // namespace
}  // namespace cassia::test

int main(int argc, char** argv) {
  cassia::test::Options options;
  CLI::App app("Records the SPICE session that passes through it.", "spice-record");
  app.add_option("--listen", options.listen, "Where the client connects (127.0.0.1:0)");
  app.add_option("--server", options.server, "URI of the server")->required();
  app.add_option("--out", options.out, "The recording")->required();
  app.add_flag("--server-only", options.server_only, "Leave out what the client says");
  CLI11_PARSE(app, argc, argv);
  if (const auto done = cassia::test::record(options); !done) {
    std::fprintf(stderr, "spice-record: %s\n", done.error().message().c_str());
    return cassia::exit_code(done.error());
  }
  return 0;
}
