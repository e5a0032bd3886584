// SPDX-License-Identifier: Apache-2.0
#pragma once

// A QEMU whose guest is a boot sector, which the firmware runs: no system has to boot. With it, as
// a test wants, a gateway and a viewer.

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"
#include "tests/support/qmp_client.h"

namespace cassia::test {

inline std::string text_of(const std::filesystem::path& file) {
  const auto bytes = read_file(file);
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

class QemuDevices : public ::testing::Test {
 protected:
  /// `more` on top of a machine without devices; it does not run yet.
  void start(std::vector<std::string> more) {
    std::vector<std::string> command = {
        "qemu-system-x86_64",
        "-nodefaults",
        "-machine",
        "pc,accel=tcg",
        "-m",
        "64",
        "-display",
        "none",
        "-vga",
        "std",
        "-S",
        "-spice",
        "unix=on,disable-ticketing=on,addr=" + (folder_ / "spice").string(),
        "-qmp",
        "unix:" + (folder_ / "qmp").string() + ",server=on,wait=off"};
    command.insert(command.end(), more.begin(), more.end());
    auto qemu = Process::start(command);
    ASSERT_TRUE(qemu) << qemu.error().message();
    qemu_.emplace(std::move(*qemu));
    auto qmp = QmpClient::connect(folder_ / "qmp");
    ASSERT_TRUE(qmp) << qmp.error().message() << qemu_->errors();
    qmp_.emplace(std::move(*qmp));
  }
  void start_gateway(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--upstream", uri(), "--log-level", "debug"});
    auto gateway = Gateway::start(std::move(more));
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
  }
  void start_viewer(const std::string& uri, std::vector<std::string> arguments) {
    std::vector<std::string> command = {
        program("cassia-viewer"), "--headless", "--duration", "90", "--log-level", "info"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.push_back(uri);
    auto viewer = Process::start(command);
    ASSERT_TRUE(viewer) << viewer.error().message();
    viewer_.emplace(std::move(*viewer));
  }
  std::string uri() const { return "spice+unix://" + (folder_ / "spice").string(); }

  std::string monitor(const std::string& line) {
    const auto answer = qmp_->execute("human-monitor-command", {{"command-line", line}});
    return answer ? answer->get<std::string>() : answer.error().message();
  }
  /// Waits until QEMU says that a client has a channel of this type.
  bool channel_open(int type) {
    return wait_until([&] {
      const auto spice = qmp_->execute("query-spice");
      if (!spice || !spice->contains("channels")) return false;
      for (const auto& channel : spice->at("channels"))
        if (channel.at("channel-type") == type) return true;
      return false;
    });
  }
  std::string evidence() {
    return (viewer_ ? viewer_->errors() : "") + (gateway_ ? gateway_->process().errors() : "") +
           qemu_->errors();
  }

  TemporaryFolder folder_;
  std::optional<Process> qemu_;
  std::optional<QmpClient> qmp_;
  std::unique_ptr<Gateway> gateway_;
  std::optional<Process> viewer_;
};

}  // namespace cassia::test
