// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/framer.h"

#include <gtest/gtest.h>

#include <string>

namespace cassia::storage {
namespace {

struct StorageFramerTest : testing::Test {
  StorageFramer framer;
  std::vector<std::string> messages;

  Result<void> feed(ByteView bytes) {
    return framer.receive(bytes, [&](std::string_view text) -> Result<void> {
      messages.emplace_back(text);
      return {};
    });
  }
};

TEST_F(StorageFramerTest, LengthIsLittleEndian) {
  const Bytes framed = frame_message("hello").value();
  EXPECT_EQ(framed, to_bytes(std::string_view("\5\0\0\0hello", 9)));
}

TEST_F(StorageFramerTest, MessagesComeWholeHoweverTheyAreCut) {
  Bytes stream;
  std::vector<std::string> sent;
  for (const std::size_t size : {1, 2, 3, 255, 256, 70000}) {
    sent.emplace_back(size, static_cast<char>('a' + size % 26));
    const Bytes framed = frame_message(sent.back()).value();
    stream.insert(stream.end(), framed.begin(), framed.end());
  }
  for (const std::size_t step :
       {std::size_t{1}, std::size_t{3}, std::size_t{4097}, stream.size()}) {
    messages.clear();
    for (std::size_t at = 0; at < stream.size(); at += step) {
      ASSERT_TRUE(feed(ByteView(stream).subspan(at, std::min(step, stream.size() - at))));
    }
    EXPECT_EQ(messages, sent) << "step " << step;
    EXPECT_EQ(framer.pending(), 0u);
  }
}

TEST_F(StorageFramerTest, TakesTheCapAndNotMore) {
  EXPECT_TRUE(frame_message(std::string(max_message, 'x')));
  EXPECT_FALSE(frame_message(std::string(max_message + 1, 'x')));
  EXPECT_FALSE(frame_message(""));
  ASSERT_TRUE(feed(frame_message(std::string(max_message, 'x')).value()));
  EXPECT_EQ(messages.size(), 1u);
}

TEST_F(StorageFramerTest, RefusesALengthBeforeItsBytesCome) {
  const std::array<std::uint8_t, 4> too_long{1, 0, 16, 0};
  EXPECT_EQ(feed(too_long).error().kind(), ErrorKind::malformed);
  framer.reset();
  const std::array<std::uint8_t, 4> nothing{0, 0, 0, 0};
  EXPECT_EQ(feed(nothing).error().kind(), ErrorKind::malformed);
  framer.reset();
  const std::array<std::uint8_t, 4> huge{255, 255, 255, 255};
  EXPECT_EQ(feed(huge).error().kind(), ErrorKind::malformed);
}

}  // namespace
}  // namespace cassia::storage
