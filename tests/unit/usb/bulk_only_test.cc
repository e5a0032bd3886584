// SPDX-License-Identifier: Apache-2.0
#include "client/usb/bulk_only.h"

#include <gtest/gtest.h>

#include "client/usb/usb_stick.h"
#include "storage/block/memory_device.h"
#include "tests/unit/usb/wrapper.h"

namespace cassia::client {
namespace {

struct Stick {
  storage::MemoryDevice image{Bytes(8 * scsi_block, 0x5a)};
  UsbStick stick{image};
  BulkOnly& bulk = stick.bulk();

  /// Tag, residue, status.
  std::vector<std::uint32_t> status() {
    const auto bytes = bulk.in(512);
    if (!bytes || bytes->size() != 13) return {};
    EXPECT_EQ(as_text(ByteView(*bytes).first(4)), "USBS");
    return {word(*bytes, 4), word(*bytes, 8), bytes->at(12)};
  }
};

using Numbers = std::vector<std::uint32_t>;

TEST(BulkOnly, ReadsInPiecesAndSaysGood) {
  Stick s;
  ASSERT_TRUE(s.bulk.out(wrapper(7, 1024, true, {0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0})));
  EXPECT_EQ(s.bulk.in(512), Bytes(512, 0x5a));
  EXPECT_EQ(s.bulk.in(512), Bytes(512, 0x5a));
  EXPECT_EQ(s.status(), (Numbers{7, 0, 0}));
}

TEST(BulkOnly, LessThanTheHostWantsIsAShortAnswerAndAResidue) {
  Stick s;
  ASSERT_TRUE(s.bulk.out(wrapper(8, 255, true, {0x12, 0, 0, 0, 255, 0})));
  EXPECT_EQ(s.bulk.in(255)->size(), 36u);
  EXPECT_EQ(s.status(), (Numbers{8, 255 - 36, 0}));
}

TEST(BulkOnly, MoreThanTheHostWantsIsCut) {
  Stick s;
  ASSERT_TRUE(s.bulk.out(wrapper(9, 512, true, {0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0})));
  EXPECT_EQ(s.bulk.in(4096)->size(), 512u);
  EXPECT_EQ(s.status(), (Numbers{9, 0, 0}));
}

TEST(BulkOnly, ARefusedWriteTakesItsDataAndFails) {
  Stick s;
  ASSERT_TRUE(s.bulk.out(wrapper(10, 1024, false, {0x2a, 0, 0, 0, 0, 0, 0, 0, 2, 0})));
  EXPECT_FALSE(s.bulk.in(512));
  EXPECT_TRUE(s.bulk.out(Bytes(512)));
  EXPECT_TRUE(s.bulk.out(Bytes(512)));
  EXPECT_EQ(s.status(), (Numbers{10, 1024, 1}));
}

TEST(BulkOnly, AFailedReadHasNoDataAndFails) {
  Stick s;
  ASSERT_TRUE(s.bulk.out(wrapper(11, 512, true, {0x28, 0, 0, 0, 1, 0, 0, 0, 1, 0})));
  EXPECT_EQ(s.bulk.in(512), Bytes());
  EXPECT_EQ(s.status(), (Numbers{11, 512, 1}));
}

TEST(BulkOnly, ABadWrapperStallsUntilTheReset) {
  Stick s;
  EXPECT_FALSE(s.bulk.in(512));  // nothing was asked
  for (Bytes bad : {Bytes(), Bytes(31), Bytes(30, 'U'), wrapper(1, 0, true, {0}, 1),
                    wrapper(1, 0, true, {}), wrapper(1, 0, true, Bytes(17))}) {
    EXPECT_FALSE(s.bulk.out(bad));
    EXPECT_FALSE(s.bulk.out(wrapper(1, 0, true, {0})));
    EXPECT_FALSE(s.bulk.in(512));
    EXPECT_TRUE(s.stick.control({0x21, 0xff, 0, 0, 0}));
  }
  EXPECT_TRUE(s.bulk.out(wrapper(12, 0, true, {0})));
  EXPECT_FALSE(s.bulk.in(12));  // no room for a status
  EXPECT_EQ(s.status(), (Numbers{12, 0, 0}));
}

TEST(UsbStick, Descriptors) {
  Stick s;
  const auto descriptor = [&](std::uint16_t value, std::uint16_t length = 255) {
    return s.stick.control({0x80, 6, value, 0, length});
  };
  EXPECT_EQ(descriptor(0x0100)->size(), 18u);
  EXPECT_EQ(descriptor(0x0100, 8)->size(), 8u);
  const Bytes config = *descriptor(0x0200);
  EXPECT_EQ(config.size(), 32u);
  EXPECT_EQ(config[2], 32);
  EXPECT_EQ(config[14], 8);  // mass storage
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(descriptor(static_cast<std::uint16_t>(0x0300 + i)));
  EXPECT_FALSE(descriptor(0x0304));
  EXPECT_FALSE(descriptor(0x0201));
  EXPECT_FALSE(descriptor(0x0f00));
  EXPECT_EQ(s.stick.control({0xa1, 0xfe, 0, 0, 1}), Bytes{0});  // one unit
  EXPECT_TRUE(s.stick.control({0x00, 9, 1, 0, 0}));
  EXPECT_EQ(s.stick.control({0x80, 8, 0, 0, 1}), Bytes{1});
  EXPECT_FALSE(s.stick.control({0x00, 9, 2, 0, 0}));
  EXPECT_FALSE(s.stick.control({0x40, 1, 0, 0, 0}));  // a vendor's
}

}  // namespace
}  // namespace cassia::client
