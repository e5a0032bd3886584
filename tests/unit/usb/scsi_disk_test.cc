// SPDX-License-Identifier: Apache-2.0
#include "client/usb/scsi_disk.h"

#include <gtest/gtest.h>

#include "storage/block/memory_device.h"

namespace cassia::client {
namespace {

/// Three blocks and a bit.
Bytes content() {
  Bytes out(3 * scsi_block + 100);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return out;
}

struct Disk {
  storage::MemoryDevice image{content()};
  ScsiDisk scsi{image};

  /// All data of a command; none: it failed.
  std::optional<Bytes> run(Bytes command) {
    auto outcome = scsi.execute(command);
    if (!outcome.good) return std::nullopt;
    auto bytes = scsi.data(outcome.data, std::size_t{1} << 20);
    EXPECT_TRUE(bytes);
    return *bytes;
  }
  /// Sense key, code.
  std::pair<int, int> sense() {
    const Bytes s = *run({0x03, 0, 0, 0, 18, 0});
    return {s.at(2), s.at(12)};
  }
};

TEST(ScsiDisk, SaysWhatItIs) {
  Disk disk;
  const Bytes inquiry = *disk.run({0x12, 0, 0, 0, 36, 0});
  ASSERT_EQ(inquiry.size(), 36u);
  EXPECT_EQ(inquiry[0], 0);     // a disk
  EXPECT_EQ(inquiry[1], 0x80);  // removable
  EXPECT_EQ(as_text(ByteView(inquiry).subspan(8, 8)), "Cassia  ");
  EXPECT_EQ(disk.run({0x12, 0, 0, 0, 5, 0})->size(), 5u);
  EXPECT_EQ(disk.run({0x12, 1, 0, 0, 255, 0})->size(), 6u);
  EXPECT_EQ(disk.run({0x12, 1, 0x80, 0, 255, 0})->size(), 16u);
  EXPECT_FALSE(disk.run({0x12, 1, 0x99, 0, 255, 0}));
  EXPECT_EQ(disk.sense(), std::make_pair(5, 0x24));
  EXPECT_EQ(*disk.run({0x25}), (Bytes{0, 0, 0, 3, 0, 0, 2, 0}));  // the last of four blocks
  EXPECT_EQ(disk.run({0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0})->at(7), 3);
  EXPECT_EQ(disk.run({0x23, 0, 0, 0, 0, 0, 0, 0, 12, 0})->at(7), 4);
  EXPECT_EQ(disk.run({0x1a, 0, 0x3f, 0, 192, 0})->at(2), 0x80);  // write-protected
  EXPECT_EQ(disk.run({0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 192, 0})->at(3), 0x80);
  EXPECT_EQ(disk.run({0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0})->size(), 16u);
  for (const std::uint8_t quiet : {0x00, 0x1b, 0x1e, 0x2f, 0x35}) {
    EXPECT_EQ(disk.run({quiet, 0, 0, 0, 0, 0}), Bytes());
  }
}

TEST(ScsiDisk, ReadsWithEachCommand) {
  Disk disk;
  Bytes all = content();
  all.resize(4 * scsi_block);  // zeroes behind the end
  EXPECT_EQ(*disk.run({0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0}), all);
  const Bytes second(all.begin() + scsi_block, all.begin() + 2 * scsi_block);
  EXPECT_EQ(*disk.run({0xa8, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0}), second);
  EXPECT_EQ(*disk.run({0x88, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0}), second);
  EXPECT_EQ(disk.run({0x28, 0, 0, 0, 0, 4, 0, 0, 0, 0}), Bytes());
}

TEST(ScsiDisk, RefusesWhatItCannotDo) {
  Disk disk;
  EXPECT_FALSE(disk.run({0x28, 0, 0, 0, 0, 3, 0, 0, 2, 0}));  // one block too many
  EXPECT_EQ(disk.sense(), std::make_pair(5, 0x21));
  EXPECT_EQ(disk.sense(), std::make_pair(0, 0));  // told once
  EXPECT_FALSE(disk.run(
      {0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0}));
  for (const std::uint8_t write : {0x0a, 0x2a, 0xaa, 0x8a}) {
    EXPECT_FALSE(disk.run({write, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(disk.sense(), std::make_pair(7, 0x27));
  }
  EXPECT_FALSE(disk.run({0xff}));
  EXPECT_FALSE(disk.run({0xf0}));
  EXPECT_TRUE(disk.run({}));  // TEST UNIT READY of missing bytes
}

TEST(ScsiDisk, ALargeReadIsMadeAsItIsAskedFor) {
  storage::MemoryDevice image(Bytes(64 * scsi_block, 0x5a));
  ScsiDisk disk(image);
  auto outcome = disk.execute(Bytes{0x28, 0, 0, 0, 0, 0, 0, 0, 64, 0});
  ASSERT_TRUE(outcome.good);
  EXPECT_EQ(outcome.data.left(), 64u * scsi_block);
  EXPECT_EQ(disk.data(outcome.data, 100)->size(), 100u);
  EXPECT_EQ(outcome.data.left(), 64u * scsi_block - 100);
}

}  // namespace
}  // namespace cassia::client
