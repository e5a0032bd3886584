// SPDX-License-Identifier: Apache-2.0
// The demo guest's devices with the stock client library.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

Result<Process> stock_client(const std::string& uri, std::vector<std::string> arguments) {
  std::vector<std::string> command = {program("spice_gtk_devices"), "--uri", uri};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Process::start(std::move(command));
}

class DemoDevices : public ::testing::Test {
 protected:
  void SetUp() override {
    auto gateway = Gateway::start({"--demo"});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
    std::filesystem::create_directory(folder_ / "shared");
    ASSERT_TRUE(write_file_atomically(folder_ / "shared/apple pie.txt", as_bytes("one")));
    ASSERT_TRUE(write_file_atomically(folder_ / "shared/bread.txt", as_bytes("two")));
  }
  void expect_listing() {
    const auto told = gateway_->process().wait_for_text("the viewer shares ");
    EXPECT_TRUE(told) << told.error().message() << gateway_->process().errors();
    const std::string log = gateway_->process().errors() + gateway_->process().output();
    EXPECT_THAT(log, HasSubstr("apple pie.txt"));
    EXPECT_THAT(log, HasSubstr("bread.txt"));
  }

  TemporaryFolder folder_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(DemoDevices, StockClientHearsTheEchoOfItsPort) {
  auto client =
      stock_client(gateway_->uri(), {"--port", "org.cassia.demo.echo", "--say", "hallo!"});
  ASSERT_TRUE(client) << client.error().message();
  const auto status = client->wait(seconds(30));
  ASSERT_TRUE(status) << status.error().message() << client->output() << client->errors();
  EXPECT_EQ(*status, 0) << client->output() << client->errors();
  EXPECT_THAT(client->output(), HasSubstr("port org.cassia.demo.echo opened"));
  EXPECT_THAT(client->output(), HasSubstr("heard hallo!"));
}

TEST_F(DemoDevices, StockClientSharesItsFolder) {
  auto client = stock_client(gateway_->uri(), {"--share", folder_ / "shared"});
  ASSERT_TRUE(client) << client.error().message();
  expect_listing();
}

TEST_F(DemoDevices, TheSecondViewerGetsThePortWhenTheFirstLetsGo) {
  const std::vector<std::string> port = {"--port", "org.cassia.demo.echo"};
  auto first = stock_client(gateway_->uri(), port);
  ASSERT_TRUE(first) << first.error().message();
  ASSERT_TRUE(first->wait_for_text("port org.cassia.demo.echo opened"));
  auto second = stock_client(gateway_->uri(), port);
  ASSERT_TRUE(second) << second.error().message();
  // CHANNEL_NOT_AVAILABLE, and the session goes on.
  EXPECT_TRUE(second->wait_for_text("channel port:1 event 23")) << second->output();
  EXPECT_TRUE(second->running());
  EXPECT_THAT(second->output(), testing::Not(HasSubstr("demo.echo opened")));
  first->stop();
  auto third = stock_client(gateway_->uri(), {port[0], port[1], "--say", "mine"});
  ASSERT_TRUE(third) << third.error().message();
  const auto status = third->wait(seconds(30));
  EXPECT_TRUE(status && *status == 0) << third->output() << third->errors();
  EXPECT_TRUE(second->running());
}

}  // namespace
}  // namespace cassia::test
