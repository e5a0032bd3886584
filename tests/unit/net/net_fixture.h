// SPDX-License-Identifier: Apache-2.0
#pragma once

// One event loop a test, and connected pairs of streams on it.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>

#include "net/stream.h"

namespace cassia::net {

class NetTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "cassia-net-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Runs `task` (and all it started) to its end.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> out;
    boost::asio::co_spawn(
        io_, [&]() -> Task<> { out.emplace(co_await std::move(task)); },
        [](std::exception_ptr e) {
          if (e) std::rethrow_exception(e);
        });
    io_.restart();
    io_.run();
    return std::move(*out);
  }

  Executor executor() { return io_.get_executor(); }

  struct Pair {
    std::unique_ptr<Stream> client;
    std::unique_ptr<Stream> server;
  };

  /// Two ends of one connection through a listener at `where`.
  Pair make_pair(const Address& where) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto listener = Listener::create(executor(), where);
    EXPECT_TRUE(listener) << listener.error().message();
    return run([](Listener& l) -> Task<Pair> {
      auto [client, server] = co_await (connect(l.address()) && l.accept());
      EXPECT_TRUE(client && server);
      co_return Pair{std::move(*client), std::move(*server)};
    }(**listener));
  }

  Address unix_at(const char* name) {
    return {Transport::unix_socket, {}, 0, (folder_ / name).string()};
  }
  static Address any_port() { return {Transport::tcp, "127.0.0.1", 0, {}}; }

  boost::asio::io_context io_;
  std::filesystem::path folder_;
};

}  // namespace cassia::net
