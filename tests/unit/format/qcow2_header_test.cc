// SPDX-License-Identifier: Apache-2.0
// Headers that must not get past the opener, and the words it finds for them.

#include <gtest/gtest.h>

#include "storage/block/memory_device.h"
#include "storage/format/qcow2/header.h"
#include "storage/format/registry.h"

namespace cassia::storage::qcow2 {
namespace {

class HeaderTest : public ::testing::Test {
 protected:
  HeaderTest() {
    auto file = std::make_shared<MemoryDevice>();
    const FormatRegistry formats = FormatRegistry::standard();
    CreateSpec spec;
    spec.size = 1 << 20;
    EXPECT_TRUE((*formats.find("qcow2"))->create(file, spec));
    image_ = file->content();
  }

  std::string refusal() {
    MemoryDevice file(image_, false, "x.qcow2");
    const auto header = parse_header(file);
    return header ? "" : header.error().message();
  }
  void put32(std::size_t at, std::uint32_t value) { store_be32(&image_[at], value); }
  void put64(std::size_t at, std::uint64_t value) { store_be64(&image_[at], value); }
  void expect_refused(const char* words) {
    const std::string message = refusal();
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_NE(message.find("x.qcow2"), std::string::npos) << message;
  }

  Bytes image_;
};

TEST_F(HeaderTest, GoodOneIsTaken) { EXPECT_EQ(refusal(), ""); }

TEST_F(HeaderTest, NotAnImage) {
  image_[0] = 'X';
  expect_refused("not in qcow2 format");
}
TEST_F(HeaderTest, Truncated) {
  for (std::size_t length = 0; length < 104; ++length) {
    MemoryDevice file(Bytes(image_.begin(), image_.begin() + static_cast<std::ptrdiff_t>(length)));
    EXPECT_FALSE(parse_header(file)) << length;
  }
}
TEST_F(HeaderTest, Version) {
  put32(4, 4);
  expect_refused("version 4");
}
TEST_F(HeaderTest, ClusterBits) {
  for (const std::uint32_t bits : {0u, 8u, 22u, 63u, 64u, 0xffffffffu}) {
    put32(20, bits);
    expect_refused("cluster size");
  }
}
TEST_F(HeaderTest, Encrypted) {
  put32(32, 2);
  expect_refused("encrypted (LUKS)");
}
TEST_F(HeaderTest, HugeL1) {
  put32(36, 0xffffffff);
  expect_refused("L1 table");
}
TEST_F(HeaderTest, SmallL1) {
  put64(24, std::uint64_t{1} << 50);
  expect_refused("too small");
}
TEST_F(HeaderTest, UnalignedL1) {
  put64(40, 12345);
  expect_refused("L1 table");
}
TEST_F(HeaderTest, HugeRefcountTable) {
  put32(56, 0xffffffff);
  expect_refused("refcount table");
}
TEST_F(HeaderTest, NoRefcountTable) {
  put32(56, 0);
  expect_refused("no refcount table");
}
TEST_F(HeaderTest, TooManySnapshots) {
  put32(60, 1000000);
  put64(64, 0x10000);
  expect_refused("snapshots");
}
TEST_F(HeaderTest, RefcountOrder) {
  put32(96, 7);
  expect_refused("refcounts");
}
TEST_F(HeaderTest, HeaderLength) {
  put32(100, 0xfffffff8);
  expect_refused("header length");
}
TEST_F(HeaderTest, BackingNameOutside) {
  put64(8, 65530);
  put32(16, 1000);
  expect_refused("backing file name");
}
TEST_F(HeaderTest, FeaturesAreRefusedByName) {
  put64(72, kIncompatibleDataFile);
  expect_refused("external data file");
  put64(72, kIncompatibleExtendedL2);
  expect_refused("extended L2 entries");
  put64(72, std::uint64_t{1} << 40);
  expect_refused("feature bit 40");
}
TEST_F(HeaderTest, ExtensionOutside) {
  put32(112, kExtensionBackingFormat);
  put32(116, 0xffffff00);
  expect_refused("header extension");
}
TEST_F(HeaderTest, CompressionTypeNeedsItsBit) {
  image_[104] = 1;
  expect_refused("compression type");
}

TEST_F(HeaderTest, CorruptImageIsReadOnlyAndAutoclearBitsGoOnWriting) {
  const FormatRegistry formats = FormatRegistry::standard();
  const FormatDriver& driver = **formats.find("qcow2");
  put64(72, kIncompatibleCorrupt);
  EXPECT_TRUE(driver.open(std::make_shared<MemoryDevice>(image_), {}));
  DriverOpenOptions writing;
  writing.writable = true;
  EXPECT_FALSE(driver.open(std::make_shared<MemoryDevice>(image_), writing));
  put64(72, 0);
  put64(88, 0x8000000000000001);
  auto file = std::make_shared<MemoryDevice>(image_);
  ASSERT_TRUE(driver.open(file, {}));
  EXPECT_EQ(load_be64(&file->content()[88]), 0x8000000000000001);
  ASSERT_TRUE(driver.open(file, writing));
  EXPECT_EQ(load_be64(&file->content()[88]), 0u);
}

}  // namespace
}  // namespace cassia::storage::qcow2
