// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/file.h"
#include "base/log.h"
#include "server/gateway/gateway.h"

namespace cassia::server {
namespace {

namespace asio = boost::asio;

constexpr auto stop_limit = std::chrono::seconds(4);

int complain(const Error& error) {
  std::fprintf(stderr, "cassia-gateway: %s\n", error.message().c_str());
  return exit_code(error);
}

void announce(const GatewayConfig& config, const Gateway& gateway) {
  std::string lines;
  for (const auto& address : gateway.addresses()) {
    lines += fmt::format("READY {}\n", net::to_string(address));
  }
  if (config.print_ready) {
    std::fputs(lines.c_str(), stdout);
    std::fflush(stdout);
  }
  if (config.ready_fd < 0) return;
  if (::write(config.ready_fd, lines.data(), lines.size()) < 0) {
    log_warn("gateway", "--ready-fd {} cannot be written", config.ready_fd);
  }
  ::close(config.ready_fd);
}

void write_picture(const GatewayConfig& config, Gateway& gateway) {
  auto picture = gateway.picture();
  Result<void> written;
  if (picture) {
    written = write_file_atomically(config.debug_picture, *picture);
  } else {
    written = fail(picture.error());
  }
  if (!written) log_warn("gateway", "--debug-picture: {}", written.error().message());
}

void on_picture_signal(asio::signal_set& signals, const GatewayConfig& config, Gateway& gateway) {
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    write_picture(config, gateway);
    on_picture_signal(signals, config, gateway);
  });
}

int serve(const GatewayConfig& config) {
  SteadyClock clock;
  asio::io_context io(1);
  auto gateway = Gateway::create(io.get_executor(), clock, config);
  if (!gateway) return complain(gateway.error());

  asio::steady_timer limit(io);
  asio::signal_set end(io, SIGINT, SIGTERM);
  asio::signal_set picture(io);
  if (!config.debug_picture.empty()) {
    picture.add(SIGUSR1);
    on_picture_signal(picture, config, **gateway);
  }
  end.async_wait([&](const boost::system::error_code& ec, int signal) {
    if (ec) return;
    log_info("gateway", "{}: shutting down", signal == SIGINT ? "SIGINT" : "SIGTERM");
    (*gateway)->stop([&] { io.stop(); });
    // A peer that hangs in a handshake does not hold up the end: all that lasts is closed by now.
    limit.expires_after(stop_limit);
    limit.async_wait([](const boost::system::error_code& wait_ec) {
      if (!wait_ec) std::_Exit(0);
    });
  });
  (*gateway)->start([&] { announce(config, **gateway); });
  io.run();
  return 0;
}

int run(int argc, char** argv) {
  auto line = parse_command_line(argc, argv);
  if (!line) return complain(line.error());
  if (!line->text_to_print.empty()) {
    std::fputs(line->text_to_print.c_str(), stdout);
    return 0;
  }
  auto config = make_config(line->options);
  if (!config) return complain(config.error());
  if (!set_log_level(config->log_level)) {
    return complain(
        {ErrorKind::invalid_argument,
         fmt::format("--log-level {}: not debug, info, warn, error or off", config->log_level)});
  }
  std::signal(SIGPIPE, SIG_IGN);
  return serve(*config);
}

}  // namespace
}  // namespace cassia::server

int main(int argc, char** argv) { return cassia::server::run(argc, argv); }
