// SPDX-License-Identifier: Apache-2.0
// cassia-gateway --demo as a program, seen by spice-gtk's spicy-screenshot.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/file.h"
#include "net/self_signed.h"
#include "tests/support/gtk_client.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;

class DemoGateway : public ::testing::Test {
 protected:
  /// Starts it on a TCP port and a unix socket and waits until it says that it is ready.
  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> command = {program("cassia-gateway"),
                                        "--demo",
                                        "--no-auth",
                                        "--listen",
                                        "127.0.0.1:0",
                                        "--listen",
                                        "unix:" + socket(),
                                        "--print-ready",
                                        "--demo-clock",
                                        "12:34:56",
                                        "--debug-picture",
                                        folder_ / "authoritative.ppm"};
    command.insert(command.end(), more.begin(), more.end());
    auto process = Process::start(command);
    ASSERT_TRUE(process) << process.error().message();
    gateway_.emplace(std::move(*process));
    const auto ready = gateway_->wait_for_text("READY unix:");
    ASSERT_TRUE(ready) << ready.error().message() << gateway_->errors();
    std::smatch port;
    const std::string output = gateway_->output();
    ASSERT_TRUE(std::regex_search(output, port, std::regex("READY (127.0.0.1:[0-9]+)")));
    uri_ = "spice://" + port[1].str();
  }

  /// The authoritative picture, as the gateway writes it on SIGUSR1.
  Picture authoritative() {
    const std::filesystem::path file = folder_ / "authoritative.ppm";
    std::filesystem::remove(file);
    gateway_->signal(SIGUSR1);
    EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(file); }));
    auto picture = load_picture(file);
    EXPECT_TRUE(picture) << picture.error().message();
    return picture ? *picture : Picture{};
  }

  std::string socket() const { return folder_ / "gw.sock"; }

  TemporaryFolder folder_;
  std::optional<Process> gateway_;
  std::string uri_;
};

TEST_F(DemoGateway, StockClientSeesItInEachCompressionItMayPrefer) {
  start();
  const Picture expected = authoritative();
  for (const std::string wish : {"off", "quic", "lz", "glz", "lz4", "auto_lz", "auto_glz"}) {
    const auto seen = gtk_client(uri_, {"--compression", wish});
    ASSERT_TRUE(seen) << seen.error().message();
    ASSERT_EQ(seen->status, GtkStatus::complete) << wish << ": " << seen->errors;
    EXPECT_TRUE(same_picture(seen->picture, expected, "demo-" + wish));
  }
}

TEST_F(DemoGateway, StockClientSeesTheAuthoritativePicture) {
  start();
  const Picture expected = authoritative();
  EXPECT_GE(expected.colours(), 50u);
  const auto by_tcp = spicy_screenshot(uri_);
  ASSERT_TRUE(by_tcp) << by_tcp.error().message();
  EXPECT_TRUE(same_picture(*by_tcp, expected, "demo-tcp"));
  const auto by_unix = spicy_screenshot("spice+unix://" + socket());
  ASSERT_TRUE(by_unix) << by_unix.error().message();
  EXPECT_TRUE(same_picture(*by_unix, expected, "demo-unix"));
}

TEST_F(DemoGateway, TheStockLibraryOpensEveryChannel) {
  start();
  const auto seen = gtk_client(uri_);
  ASSERT_TRUE(seen) << seen.error().message();
  ASSERT_EQ(seen->status, GtkStatus::complete) << seen->output << seen->errors;
  EXPECT_THAT(seen->output, ::testing::HasSubstr("channel main:0 opened"));
  EXPECT_THAT(seen->output, ::testing::HasSubstr("channel display:0 opened"));
  EXPECT_TRUE(same_picture(seen->picture, authoritative(), "demo-library"));
}

/// Bytes that came on the display channel, from a viewer's --stats.
std::size_t display_bytes(const ViewerResult& seen) {
  const auto stats = nlohmann::json::parse(seen.stats);
  return stats["channels"]["display:0"]["bytes_received"].get<std::size_t>();
}

TEST_F(DemoGateway, AViewerOnAUnixSocketReadsThePictureFromSharedMemory) {
  start({"--gl-scanout"});
  const std::string unix_uri = "spice+unix://" + socket();
  for (const std::string renderer : {"cairo", "gl"}) {
    const auto seen = view(unix_uri, {.renderer = renderer, .type = "hello " + renderer + "\n"});
    ASSERT_TRUE(seen) << seen.error().message();
    EXPECT_TRUE(same_picture(seen->screenshot, authoritative(), "demo-scanout-" + renderer));
    EXPECT_LT(display_bytes(*seen), 5'000u) << "no pixels travel";
  }
  const auto sent = view(unix_uri, {.more = {"--no-gl-scanout"}});
  ASSERT_TRUE(sent) << sent.error().message();
  EXPECT_TRUE(same_picture(sent->screenshot, authoritative(), "demo-no-scanout"));
  EXPECT_GT(display_bytes(*sent), 10'000u);
  const auto by_tcp = view(uri_);
  ASSERT_TRUE(by_tcp) << by_tcp.error().message();
  EXPECT_TRUE(same_picture(by_tcp->screenshot, authoritative(), "demo-scanout-tcp"));
  EXPECT_GT(display_bytes(*by_tcp), 10'000u);
}

TEST_F(DemoGateway, TlsViewersAreServedToo) {
  const auto pair = net::make_self_signed("127.0.0.1");
  ASSERT_TRUE(pair);
  ASSERT_TRUE(write_file_atomically(folder_ / "crt", as_bytes(pair->certificate)));
  ASSERT_TRUE(write_file_atomically(folder_ / "key", as_bytes(pair->key), 0600));
  start(
      {"--tls-listen", "127.0.0.1:0", "--tls-cert", folder_ / "crt", "--tls-key", folder_ / "key"});
  const std::string output = gateway_->output();
  const auto at = output.rfind("READY 127.0.0.1:");
  ASSERT_NE(at, std::string::npos);
  const auto port_at = at + std::string_view("READY 127.0.0.1:").size();
  const std::string port = output.substr(port_at, output.find('\n', port_at) - port_at);
  ProcessOptions options;
  options.environment = {"SSL_CERT_FILE=" + (folder_ / "crt").string()};
  const auto finished = run(
      {"spicy-screenshot", "--uri=spice://127.0.0.1?tls-port=" + port, "-o", folder_ / "tls.ppm"},
      options);
  const auto picture = load_picture(folder_ / "tls.ppm");
  ASSERT_TRUE(picture) << picture.error().message() << finished->errors << gateway_->errors();
  EXPECT_TRUE(same_picture(*picture, authoritative(), "demo-tls"));

  const std::string uri = "spice+tls://127.0.0.1:" + port;
  const auto ours = view(uri, {.more = {"--ca-file", (folder_ / "crt").string()}});
  ASSERT_TRUE(ours) << ours.error().message();
  EXPECT_TRUE(same_picture(ours->screenshot, authoritative(), "demo-tls-viewer"));
  const auto distrusted = run({program("cassia-viewer"), "--headless", uri});
  ASSERT_TRUE(distrusted) << distrusted.error().message();
  EXPECT_EQ(distrusted->status, 1);
  EXPECT_THAT(distrusted->errors, ::testing::HasSubstr("certificate"));
}

TEST_F(DemoGateway, SigtermLeavesNothingBehind) {
  const std::filesystem::path temporary = folder_ / "tmp";
  std::filesystem::create_directory(temporary);
  ProcessOptions options;
  options.environment = {"TMPDIR=" + temporary.string()};
  auto process = Process::start(
      {program("cassia-gateway"), "--demo", "--listen", "unix:" + socket(), "--print-ready"},
      options);
  ASSERT_TRUE(process) << process.error().message();
  ASSERT_TRUE(process->wait_for_text("READY"));
  EXPECT_TRUE(std::filesystem::exists(socket()));
  EXPECT_FALSE(std::filesystem::is_empty(temporary));  // the demo's disks
  process->signal(SIGTERM);
  const auto status = process->wait(seconds(20));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(*status, 0) << process->errors();
  EXPECT_FALSE(std::filesystem::exists(socket()));
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

}  // namespace
}  // namespace cassia::test
