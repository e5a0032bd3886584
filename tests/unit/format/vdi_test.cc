// SPDX-License-Identifier: Apache-2.0
// VDI headers and tables that nobody should make.

#include <gtest/gtest.h>

#include "storage/block/memory_device.h"
#include "storage/format/common/little_endian.h"
#include "storage/format/registry.h"

namespace cassia::storage {
namespace {

class VdiTest : public ::testing::Test {
 protected:
  VdiTest() {
    CreateSpec spec;
    spec.size = 4u << 20;
    EXPECT_TRUE(driver_->create(file_, spec));
    const auto image = open(true);
    EXPECT_TRUE(image && (*image)->write(0, Bytes(3u << 20, 1)) && (*image)->close());
  }

  Result<std::unique_ptr<Image>> open(bool writable = false) {
    DriverOpenOptions options;
    options.writable = writable;
    return driver_->open(file_, options);
  }

  void poke(std::uint64_t at, std::uint32_t value) {
    Bytes raw(4);
    store_le32(raw.data(), value);
    ASSERT_TRUE(file_->write(at, raw));
  }

  void expect_refused(std::uint64_t at, std::uint32_t value, const char* word) {
    const Bytes before = file_->content();
    poke(at, value);
    const auto image = open();
    ASSERT_FALSE(image) << at;
    EXPECT_NE(image.error().message().find(word), std::string::npos) << image.error().message();
    ASSERT_TRUE(file_->write(0, before));
  }

  CheckReport check() {
    Progress progress;
    const auto report = (*open())->check(Repair::none, progress);
    EXPECT_TRUE(report);
    return report ? *report : CheckReport{};
  }

  FormatRegistry formats_ = FormatRegistry::standard();
  const FormatDriver* driver_ = *formats_.find("vdi");
  std::shared_ptr<MemoryDevice> file_ = std::make_shared<MemoryDevice>();
};

TEST_F(VdiTest, HeadersThatCannotBeAreRefused) {
  expect_refused(0x40, 1, "not in VDI format");
  expect_refused(0x44, 0x00020000, "version 2.0");
  expect_refused(0x4c, 4, "differencing");
  expect_refused(0x4c, 3, "type 3");
  expect_refused(0x1a8, 1, "differencing");
  expect_refused(0x154, 100, "overlap");
  expect_refused(0x158, 512, "overlap");
  expect_refused(0x168, 4096, "sectors of 4096");
  expect_refused(0x178, 1, "blocks of 1 ");
  expect_refused(0x17c, 512, "512 bytes");
  expect_refused(0x174, 1, "do not hold");
  expect_refused(0x180, 0xffffffff, "do not hold");
  expect_refused(0x180, 0x3fffffff, "overlap");
  expect_refused(0x184, 5, "5 of 4");
}

TEST_F(VdiTest, ATableLongerThanTheFileIsRefusedWithoutReadingIt) {
  poke(0x180, 0x3fffff00);
  poke(0x158, 0xfffffe00);
  const auto image = open();
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message().find("ends inside its block table"), std::string::npos);
}

TEST_F(VdiTest, DamagedTablesAreFoundAndNotFollowed) {
  EXPECT_EQ(check().corruptions, 0u);
  poke(0x200, 77);  // out of range
  EXPECT_EQ(check().corruptions, 1u);
  Bytes byte(1);
  EXPECT_FALSE((*open())->read(0, byte));
  EXPECT_TRUE((*open())->read(1u << 20, byte));
  poke(0x200, 1);  // twice
  EXPECT_EQ(check().corruptions, 1u);
  poke(0x200, 3);  // past the end of the file
  EXPECT_EQ(check().corruptions, 1u);
  poke(0x200, 0);
  poke(0x184, 1);  // the count
  EXPECT_EQ(check().corruptions, 1u);
}

TEST_F(VdiTest, ACountThatIsTooLowOverwritesNothing) {
  poke(0x184, 0);
  const auto image = open(true);
  ASSERT_TRUE(image);
  ASSERT_TRUE((*image)->write(3u << 20, Bytes(512, 9)));
  ASSERT_TRUE((*image)->close());
  Bytes got(3u << 20);
  ASSERT_TRUE((*image)->read(0, got));
  EXPECT_TRUE(got == Bytes(3u << 20, 1));
  EXPECT_EQ(check().corruptions, 0u);
}

TEST_F(VdiTest, ZeroBlocksReadAsZeroesAndCanBeWritten) {
  poke(0x20c, 0xfffffffe);
  const auto image = open(true);
  Bytes got(100, 1);
  ASSERT_TRUE((*image)->read(3u << 20, got));
  EXPECT_TRUE(all_zero(got));
  ASSERT_TRUE((*image)->write((3u << 20) + 5, Bytes(1, 9)));
  ASSERT_TRUE((*image)->close());
  EXPECT_EQ(check().corruptions, 0u);
}

}  // namespace
}  // namespace cassia::storage
