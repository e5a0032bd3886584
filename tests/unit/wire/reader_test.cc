// SPDX-License-Identifier: Apache-2.0
#include "protocol/wire/reader.h"

#include <gtest/gtest.h>

namespace cassia::wire {
namespace {

TEST(ReaderTest, ReadsLittleEndianNumbers) {
  const Bytes data = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
                      0x08, 0x09, 0xff, 0xfe, 0xff, 0xff, 0xff};
  Reader reader(data);
  EXPECT_EQ(reader.u8(), 0x01);
  EXPECT_EQ(reader.u64(), 0x0908070605040302u);
  EXPECT_EQ(reader.u8(), 0xff);
  EXPECT_EQ(reader.i32(), -2);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(ReaderTest, ReadingBeyondTheEndFailsForGood) {
  const Bytes data = {1, 2, 3};
  Reader reader(data);
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.bytes(1).empty());
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(ReaderTest, HugeCountsDoNotWrap) {
  const Bytes data = {1, 2, 3};
  Reader reader(data);
  reader.skip(1);
  EXPECT_TRUE(reader.bytes(~std::uint64_t{0}).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ReaderTest, SubReadersCountFromTheStartAndFailAlone) {
  const Bytes data = {1, 2, 3, 4};
  Reader reader(data);
  reader.skip(3);
  EXPECT_EQ(reader.at(1).u16(), 0x0302);
  EXPECT_TRUE(reader.at(4).ok());
  EXPECT_FALSE(reader.at(5).ok());
  EXPECT_TRUE(reader.at(5).bytes(0).empty());
  EXPECT_TRUE(reader.at(5).rest().empty());
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.u8(), 4);
}

}  // namespace
}  // namespace cassia::wire
