// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "net/task.h"
#include "storage/ops/create.h"

namespace cassia::storage {

/// A folder that is a storage root, an event loop, and images made by our own engine.
class LiveTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "cassia-live-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::filesystem::create_directory(folder_ / "root");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path in_root(const std::string& name) const { return folder_ / "root" / name; }

  void make(const std::string& name, const std::string& format, std::uint64_t size,
            const std::string& backing = {}, const std::string& backing_format = {}) {
    CreateImageSpec spec;
    spec.path = in_root(name).string();
    spec.format = format;
    spec.size = size;
    spec.backing_file = backing;
    spec.backing_format = backing_format;
    spec.backing_unchecked = !backing.empty();
    const auto plan = plan_create(images_, spec);
    ASSERT_TRUE(plan) << plan.error().message();
    const auto made = create_image(*plan);
    ASSERT_TRUE(made) << made.error().message();
  }

  /// Runs `task` to its end; other coroutines run meanwhile.
  template <class T>
  T run(net::Task<T> task) {
    std::optional<T> out;
    boost::asio::co_spawn(
        io_,
        [](net::Task<T> inner, std::optional<T>& to) -> net::Task<> {
          to.emplace(co_await std::move(inner));
        }(std::move(task), out),
        boost::asio::detached);
    io_.restart();
    while (!out && io_.run_one_for(std::chrono::seconds(30)) > 0) {
    }
    return std::move(out.value());
  }

  boost::asio::io_context io_;
  std::filesystem::path folder_;
  FormatRegistry formats_ = FormatRegistry::standard();
  FollowAll references_;
  ImageEnvironment images_{formats_, references_};
};

}  // namespace cassia::storage
