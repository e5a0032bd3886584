// SPDX-License-Identifier: Apache-2.0
// The edge of the command line: help, mistakes, and what goes to the remote half.

#include <gtest/gtest.h>

#include <sstream>

#include "client/disk/cli.h"

namespace cassia::client {
namespace {

class CliSeamTest : public ::testing::Test {
 protected:
  int run(const std::vector<std::string>& args, const RemoteRunner& remote = {}) {
    Console console{out_, err_};
    return run_cli(args, console, remote);
  }
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CliSeamTest, HelpListsVerbsAndFormats) {
  EXPECT_EQ(run({"--help"}), 0);
  for (const char* word : {"convert", "snapshot", "resize", "qcow2", "raw", "--connect"}) {
    EXPECT_NE(out_.str().find(word), std::string::npos) << word;
  }
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_EQ(run({"convert", "--help"}), 0);
}

TEST_F(CliSeamTest, MistakesEndWithOne) {
  EXPECT_EQ(run({}), 1);
  EXPECT_EQ(run({"info"}), 1);
  EXPECT_EQ(run({"frobnicate"}), 1);
  EXPECT_EQ(run({"info", "--output=xml", "x"}), 1);
  EXPECT_EQ(run({"--connect"}), 1);
}

TEST_F(CliSeamTest, ConnectHandsTheRestToTheRemoteHalf) {
  for (const auto& args : {std::vector<std::string>{"--connect", "spice://h", "list", "-x"},
                           std::vector<std::string>{"--connect=spice://h", "list", "-x"}}) {
    std::string uri;
    std::vector<std::string> rest;
    EXPECT_EQ(run(args,
                  [&](const std::string& to, const std::vector<std::string>& more, Console&) {
                    uri = to;
                    rest = more;
                    return 7;
                  }),
              7);
    EXPECT_EQ(uri, "spice://h");
    EXPECT_EQ(rest, (std::vector<std::string>{"list", "-x"}));
  }
}

}  // namespace
}  // namespace cassia::client
