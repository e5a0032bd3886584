// SPDX-License-Identifier: Apache-2.0
// Files dragged from a file manager onto cassia-viewer's window, and the demo guest that gets them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/interop/window/desk.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

class DropWindow : public ::testing::Test {
 protected:
  void open(const std::vector<std::string>& viewer_options = {}) {
    std::filesystem::create_directory(folder_ / "guest");
    auto gateway = Gateway::start(
        {"--demo", "--demo-clock", "12:00:00", "--demo-files", (folder_ / "guest").string()});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
    auto desk = Desk::open(gateway_->uri(), 1024, 768, viewer_options);
    ASSERT_TRUE(desk) << desk.error().message();
    desk_ = std::move(*desk);
  }
  std::string host_file(const std::string& name, std::size_t size) {
    Bytes data(size);
    for (std::size_t i = 0; i < size; ++i)
      data[i] = static_cast<std::uint8_t>(i * 31 + i / 997 + name.size());
    EXPECT_TRUE(write_file_atomically(folder_ / name, data));
    return folder_ / name;
  }
  void drop(const std::vector<std::string>& paths) {
    const auto dropped = desk_->drop(paths);
    ASSERT_TRUE(dropped) << dropped.error().message() << desk_->viewer().errors();
  }
  /// Byte for byte.
  bool arrived(const std::string& name) {
    const auto sent = read_file(folder_ / name);
    return sent && wait_until([&] {
             const auto got = read_file(folder_ / "guest" / name);
             return got && *got == *sent;
           });
  }

  TemporaryFolder folder_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Desk> desk_;
};

TEST_F(DropWindow, FilesArriveInTheGuest) {
  ASSERT_NO_FATAL_FAILURE(open());
  const Picture before = *desk_->picture();
  const std::string large = host_file("a picture \u00fc#%.bin", 5000003),
                    small = host_file("small.txt", 1), empty = host_file("empty", 0);
  ASSERT_NO_FATAL_FAILURE(drop({large, small, empty}));
  for (const std::string name : {"a picture \u00fc#%.bin", "small.txt", "empty"}) {
    EXPECT_TRUE(arrived(name)) << name << desk_->viewer().errors();
  }
  // How it went stands over the picture for some seconds.
  EXPECT_TRUE(wait_until([&] { return !desk_->shows(before); }));
  EXPECT_TRUE(wait_until([&] { return desk_->shows(before); }));
}

TEST_F(DropWindow, WhatIsNoFileHoldsNothingUp) {
  ASSERT_NO_FATAL_FAILURE(open());
  std::filesystem::create_directory(folder_ / "folder");
  const std::string good = host_file("good", 70000);
  ASSERT_NO_FATAL_FAILURE(drop({folder_ / "folder", folder_ / "missing", good}));
  EXPECT_TRUE(arrived("good")) << desk_->viewer().errors();
  // A name that is there already is refused by the guest; what is there stays.
  const Bytes first = *read_file(folder_ / "guest" / "good");
  const std::string again = host_file("good", 80000), more = host_file("more", 10);
  ASSERT_NO_FATAL_FAILURE(drop({again, more}));
  EXPECT_TRUE(arrived("more")) << desk_->viewer().errors();
  EXPECT_EQ(*read_file(folder_ / "guest" / "good"), first);
  EXPECT_TRUE(desk_->viewer().running());
}

TEST_F(DropWindow, NothingIsSentIfNotWanted) {
  ASSERT_NO_FATAL_FAILURE(open({"--no-file-transfer"}));
  const Picture before = *desk_->picture();
  ASSERT_NO_FATAL_FAILURE(drop({host_file("private", 10)}));
  EXPECT_TRUE(wait_until([&] { return !desk_->shows(before); }));  // why not
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "guest"));
}

}  // namespace
}  // namespace cassia::test
