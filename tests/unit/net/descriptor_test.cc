// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include "net/pump.h"
#include "net/stream_adapter.h"
#include "tests/unit/net/net_fixture.h"
#include "tests/unit/net/toy_endpoints.h"

namespace cassia::net {
namespace {

using namespace boost::asio::experimental::awaitable_operators;

FileDescriptor open_temporary(std::string_view content) {
  FileDescriptor file(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  EXPECT_EQ(::write(file.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  return file;
}

std::string content_of(const FileDescriptor& file) {
  std::string out(64, '\0');
  const ssize_t got = ::pread(file.get(), out.data(), out.size(), 0);
  out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return out;
}

/// Sends megabytes with a file in every hundredth piece, each behind a byte that says which.
class Giver : public Endpoint {
 public:
  Result<void> receive(ByteView, TimePoint) override { return {}; }
  void closed(const Error& why) override { why_ = why; }
  std::vector<SharedBytes> take_output() override {
    std::vector<SharedBytes> out;
    if (std::exchange(given_, true)) return out;
    for (std::size_t i = 0; i < pieces; ++i) {
      if (i % 100 == 99) {
        passed_.push_back({out.size(), std::make_shared<FileDescriptor>(
                                           open_temporary("file " + std::to_string(i / 100)))});
        out.emplace_back(Bytes{'@'});
      } else {
        out.emplace_back(test_pattern(3000));
      }
    }
    return out;
  }
  std::vector<PassedDescriptor> take_descriptors() override { return std::exchange(passed_, {}); }
  void written(std::size_t bytes) override { written_ += bytes; }
  bool finished() const override { return written_ == total; }

  static constexpr std::size_t pieces = 1000;
  static constexpr std::size_t total = 10 + 990 * 3000;
  std::optional<Error> why_;

 private:
  bool given_ = false;
  std::vector<PassedDescriptor> passed_;
  std::size_t written_ = 0;
};

/// Notes which byte of the stream each file came with.
class Taker : public Endpoint {
 public:
  explicit Taker(bool wants) : wants_(wants) {}
  Result<void> receive(ByteView bytes, TimePoint) override {
    for (; noted_ < files_.size(); ++noted_) ends_.push_back(received_ + bytes.size());
    received_ += bytes.size();
    return {};
  }
  bool takes_descriptors() const override { return wants_; }
  void receive_descriptors(std::vector<FileDescriptor> files) override {
    for (FileDescriptor& file : files) files_.push_back(std::move(file));
  }
  void closed(const Error& why) override { why_ = why; }
  std::vector<SharedBytes> take_output() override { return {}; }

  bool wants_;
  std::size_t received_ = 0;
  std::size_t noted_ = 0;
  std::vector<FileDescriptor> files_;
  std::vector<std::size_t> ends_;
  std::optional<Error> why_;
};

class DescriptorTest : public NetTest {
 protected:
  void pump_both(Pair& pair, Endpoint& client, Endpoint& server) {
    run([](Pair& p, Endpoint& c, Endpoint& s, const Clock& clock) -> Task<bool> {
      co_await (pump(*p.client, c, clock) && pump(*p.server, s, clock));
      co_return true;
    }(pair, client, server, clock_));
  }
  SteadyClock clock_;
};

TEST_F(DescriptorTest, EachFileComesWithItsByteAmongMegabytes) {
  Pair pair = make_pair(unix_at("s"));
  Giver giver;
  Taker taker(true);
  pump_both(pair, giver, taker);
  EXPECT_EQ(taker.received_, Giver::total);
  ASSERT_EQ(taker.files_.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(content_of(taker.files_[i]), "file " + std::to_string(i));
    EXPECT_EQ(taker.ends_[i], (i + 1) * (99 * 3000 + 1))
        << "nothing behind the byte is read with it";
    EXPECT_NE(::fcntl(taker.files_[i].get(), F_GETFD) & FD_CLOEXEC, 0);
  }
}

TEST_F(DescriptorTest, AStreamWithAPrefixCarriesThem) {
  Pair pair = make_pair(unix_at("s"));
  pair.server = std::make_unique<PrefixedStream>(Bytes{'a', 'b'}, std::move(pair.server));
  EXPECT_TRUE(pair.server->carries_descriptors());
  Giver giver;
  Taker taker(true);
  pump_both(pair, giver, taker);
  EXPECT_EQ(taker.received_, Giver::total + 2);
  ASSERT_EQ(taker.files_.size(), 10u);
  EXPECT_EQ(content_of(taker.files_[9]), "file 9");
  EXPECT_EQ(taker.ends_[0], 2 + 99 * 3000 + 1u);
}

TEST_F(DescriptorTest, WhoWantsNoneGetsTheBytesOnly) {
  Pair pair = make_pair(unix_at("s"));
  Giver giver;
  Taker taker(false);
  pump_both(pair, giver, taker);
  EXPECT_EQ(taker.received_, Giver::total);
  EXPECT_TRUE(taker.files_.empty());
}

TEST_F(DescriptorTest, TcpCarriesNone) {
  Pair pair = make_pair(any_port());
  EXPECT_FALSE(pair.client->carries_descriptors());
  Giver giver;
  Taker taker(true);
  pump_both(pair, giver, taker);
  ASSERT_TRUE(giver.why_);
  EXPECT_EQ(giver.why_->kind(), ErrorKind::unsupported);
  EXPECT_TRUE(taker.files_.empty());
}

}  // namespace
}  // namespace cassia::net
