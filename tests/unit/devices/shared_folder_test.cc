// SPDX-License-Identifier: Apache-2.0
// Files of this machine by the names that the guest knows them by, and as libphodav serves them.

#include "client/devices/shared_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace cassia::client {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class SharedFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::string folder : {"shared", "elsewhere", "elsewhere/deep"}) {
      std::filesystem::create_directory(temporary_ / folder);
    }
    write("shared/inside.txt", "inside");
    write("elsewhere/a b.txt", "outside");
    write("elsewhere/deep/c.txt", "deeper");
    options_.share_folder = temporary_ / "shared";
    folder_ = std::make_unique<SharedFolder>(io_, options_);
    ASSERT_TRUE(folder_->server());
    folder_->set_open(true);
  }
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file_atomically(temporary_ / name, as_bytes(text)));
  }
  std::string path(const std::string& name) { return temporary_ / name; }
  Result<std::vector<std::string>> publish(const std::vector<std::string>& paths) {
    std::optional<Result<std::vector<std::string>>> result;
    folder_->publish(paths, [&](Result<std::vector<std::string>> names) { result = names; });
    const auto work = boost::asio::make_work_guard(io_);
    while (!result) io_.run_one();
    return *result;
  }
  /// The server's answer, header and body.
  std::string get(const std::string& name) { return ask("GET", name, ""); }
  std::string ask(const std::string& verb, const std::string& name, const std::string& body) {
    const auto connection = (*folder_->server())->connect();
    if (!connection) return connection.error().message();
    std::string escaped;
    for (const char c : name) escaped += c == ' ' ? "%20" : std::string(1, c);
    const std::string request = fmt::format(
        "{} {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", verb,
        escaped, body.size(), body);
    (void)!::write(connection->get(), request.data(), request.size());
    std::string answer;
    for (;;) {
      pollfd readable{connection->get(), POLLIN, 0};
      if (::poll(&readable, 1, 10000) <= 0) return answer + "(no end)";
      char chunk[4096];
      const auto size = ::read(connection->get(), chunk, sizeof chunk);
      if (size <= 0) return answer;
      answer.append(chunk, static_cast<std::size_t>(size));
    }
  }

  test::TemporaryFolder temporary_;
  boost::asio::io_context io_;
  DeviceOptions options_;
  std::unique_ptr<SharedFolder> folder_;
};

TEST_F(SharedFolderTest, NamesAndServesFilesInsideAndOutside) {
  const auto names =
      publish({path("shared/inside.txt"), path("elsewhere/a b.txt"), path("elsewhere/deep")});
  ASSERT_TRUE(names) << names.error().message();
  EXPECT_EQ((*names)[0], "/inside.txt");
  const std::string uuid = "[0-9a-f]+-[0-9a-f]+-4[0-9a-f]+-[89ab][0-9a-f]+-[0-9a-f]+";
  EXPECT_THAT((*names)[1], MatchesRegex("/.spice-clipboard/" + uuid + "/a b.txt"));
  EXPECT_THAT((*names)[2], MatchesRegex("/.spice-clipboard/" + uuid + "/deep"));
  EXPECT_THAT(get("/inside.txt"), HasSubstr("\r\n\r\ninside"));
  EXPECT_THAT(get((*names)[1]), HasSubstr("\r\n\r\noutside"));
  EXPECT_THAT(get((*names)[2] + "/c.txt"), HasSubstr("\r\n\r\ndeeper"));
  // Nothing else of that folder.
  const std::string beside = (*names)[2].substr(0, (*names)[2].rfind('/')) + "/a b.txt";
  EXPECT_THAT(get(beside), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get((*names)[2] + "/../a b.txt"), Not(HasSubstr("outside")));
  // A file that is copied again keeps its name.
  EXPECT_EQ(publish({path("elsewhere/a b.txt")})->at(0), (*names)[1]);

  EXPECT_EQ(folder_->local_path((*names)[0]), path("shared/inside.txt"));
  EXPECT_EQ(folder_->local_path((*names)[1]), path("elsewhere/a b.txt"));
  EXPECT_EQ(folder_->local_path((*names)[2] + "/c.txt"), path("elsewhere/deep/c.txt"));
  for (const std::string name :
       {std::string("/missing"), std::string("/../elsewhere/a b.txt"), std::string("/"),
        std::string("/.spice-clipboard/x/a b.txt"), (*names)[1] + "x", (*names)[2] + "/../a b.txt",
        (*names)[2] + "/missing"}) {
    EXPECT_EQ(folder_->local_path(name), std::nullopt) << name;
  }
}

TEST_F(SharedFolderTest, IsOnlyThereWhileTheGuestHasItOpen) {
  folder_->set_open(false);
  EXPECT_FALSE(folder_->publishes());
  EXPECT_EQ(publish({path("shared/inside.txt")}).error().kind(), ErrorKind::unsupported);
  folder_->set_open(true);
  const std::vector<std::string> many(SharedFolder::most_published + 1, path("elsewhere/a b.txt"));
  EXPECT_EQ(publish(many).error().kind(), ErrorKind::no_space);
}

TEST_F(SharedFolderTest, TheGuestWritesUnlessToldOtherwise) {
  EXPECT_THAT(ask("PUT", "/new.txt", "from the guest"), StartsWith("HTTP/1.1 201"));
  EXPECT_EQ(as_text(*read_file(path("shared/new.txt"))), "from the guest");
  folder_.reset();
  options_.share_read_only = true;
  folder_ = std::make_unique<SharedFolder>(io_, options_);
  ASSERT_TRUE(folder_->server());
  EXPECT_THAT(get("/new.txt"), HasSubstr("from the guest"));
  EXPECT_THAT(ask("PUT", "/more.txt", "x"), StartsWith("HTTP/1.1 403"));
  EXPECT_FALSE(std::filesystem::exists(path("shared/more.txt")));
}

}  // namespace
}  // namespace cassia::client
