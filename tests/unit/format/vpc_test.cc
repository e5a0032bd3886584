// SPDX-License-Identifier: Apache-2.0
// VHD: shapes, headers that nobody should make, and differencing images, which qemu-img cannot
// judge.

#include <gtest/gtest.h>

#include <fstream>

#include "storage/block/memory_device.h"
#include "storage/format/common/big_endian.h"
#include "storage/format/open.h"
#include "storage/format/vpc/header.h"
#include "tests/support/temporary_folder.h"

namespace cassia::storage {
namespace {

void store_checksum(MutableByteView raw, std::size_t field) {
  std::uint32_t sum = 0;
  store_be32(&raw[field], 0);
  for (const std::uint8_t byte : raw) sum += byte;
  store_be32(&raw[field], ~sum);
}

class VpcTest : public ::testing::Test {
 protected:
  Bytes make(const char* options, std::uint64_t size = 5u << 20) {
    CreateSpec spec;
    spec.size = size;
    spec.options = *parse_options(options);
    const auto file = std::make_shared<MemoryDevice>();
    EXPECT_TRUE(driver_->create(file, spec));
    return file->content();
  }

  Result<std::unique_ptr<Image>> open(Bytes content) {
    return driver_->open(std::make_shared<MemoryDevice>(std::move(content)), {});
  }

  void expect_refused(const Bytes& content, const char* word) {
    const auto image = open(content);
    ASSERT_FALSE(image) << word;
    EXPECT_NE(image.error().message().find(word), std::string::npos) << image.error().message();
  }

  /// Changes a field of both footers of a dynamic image.
  static Bytes with_footer(Bytes content, std::size_t at, std::uint32_t value) {
    for (const std::size_t start : {std::size_t{0}, content.size() - 512}) {
      store_be32(&content[start + at], value);
      store_checksum(MutableByteView(content).subspan(start, 512), 64);
    }
    return content;
  }
  static Bytes with_header(Bytes content, std::size_t at, std::uint32_t value) {
    store_be32(&content[512 + at], value);
    store_checksum(MutableByteView(content).subspan(512, 1024), 36);
    return content;
  }

  FormatRegistry formats_ = FormatRegistry::standard();
  const FormatDriver* driver_ = *formats_.find("vpc");
};

TEST_F(VpcTest, ShapesHoldTheSize) {
  EXPECT_EQ(vpc::geometry_holding(20480).total(), 20536u);  // 10 MiB, as qemu-img has it
  for (std::uint64_t sectors : {std::uint64_t{1}, std::uint64_t{69631}, std::uint64_t{1} << 20,
                                std::uint64_t{66059279}, std::uint64_t{267382799}}) {
    EXPECT_GE(vpc::geometry_holding(sectors).total(), sectors);
  }
  EXPECT_EQ(vpc::geometry_holding(1u << 30).total(), vpc::kMaxGeometry.total());
}

TEST_F(VpcTest, HeadersThatCannotBeAreRefused) {
  const Bytes good = make("force_size=on");
  ASSERT_TRUE(open(good));
  Bytes bad = good;
  bad[200] ^= 1;
  EXPECT_TRUE(open(bad));  // the other footer is good
  bad[bad.size() - 300] ^= 1;
  expect_refused(bad, "checksum");
  expect_refused(Bytes(600), "no footer");
  expect_refused(Bytes(5), "too short");
  expect_refused(with_footer(good, 60, 9), "type 9");
  expect_refused(with_footer(good, 48, 0x7fffffff), "not possible");
  expect_refused(with_footer(good, 20, 0x7ffffe00), "not in the file");
  expect_refused(with_footer(good, 20, 1536), "damaged");
  expect_refused(with_header(good, 28, 0xffffffff), "not in the file");
  expect_refused(with_header(good, 28, 1), "do not hold");
  expect_refused(with_header(good, 32, 0x30000), "blocks of");
  expect_refused(with_header(good, 32, 0x80000000), "blocks of");
  expect_refused(with_header(good, 20, 0xfffffe00), "not in the file");
  Bytes short_fixed = make("subformat=fixed,force_size=on");
  short_fixed.erase(short_fixed.begin(), short_fixed.begin() + 512);
  expect_refused(short_fixed, "shorter");
}

TEST_F(VpcTest, BlocksOverTheTablesAreRefused) {
  Bytes content = make("force_size=on");
  store_be32(&content[1536], 3);  // over the block table
  const auto image = open(content);
  ASSERT_TRUE(image);
  Bytes byte(1);
  EXPECT_FALSE((*image)->read(0, byte));
  EXPECT_TRUE((*image)->read(3u << 20, byte));
}

TEST_F(VpcTest, TheGuestOfAFixedDiskCannotMakeItSomethingElse) {
  Bytes content = make("subformat=fixed,force_size=on");
  const Bytes evil = with_footer(make("force_size=on"), 60, 4);
  std::copy(evil.begin(), evil.end(), content.begin());
  const auto image = open(content);
  ASSERT_TRUE(image);
  EXPECT_EQ((*image)->info().backing_file, "");
  Bytes got(evil.size());
  ASSERT_TRUE((*image)->read(0, got));
  EXPECT_TRUE(got == evil);
}

class VpcParentTest : public VpcTest {
 protected:
  static constexpr std::uint64_t kSize = 5u << 20;

  VpcParentTest() {
    write_file("parent.vhd", make("force_size=on"));
    {
      const auto parent = open_path("parent.vhd", true);
      EXPECT_TRUE(parent.image && parent.image->write(0, Bytes(4u << 20, 0x11)));
      EXPECT_TRUE(parent.image->close());
    }
    make_child("child.vhd", U"parent.vhd", U".\\parent.vhd");
  }

  void write_file(const std::string& file, const Bytes& content) {
    { std::ofstream(folder_ / file); }
    const auto device = FileDevice::open(folder_ / file, {.writable = true});
    ASSERT_TRUE(device && (*device)->resize(0) && (*device)->write(0, content));
  }

  /// A differencing image over parent.vhd; the relative locator is left out if it is empty.
  void make_child(const std::string& file, const std::u32string& name,
                  const std::u32string& locator) {
    Bytes parent_head(512);
    const auto parent = FileDevice::open(folder_ / "parent.vhd", {});
    ASSERT_TRUE(parent && (*parent)->read(0, parent_head));
    Bytes content = make("force_size=on");
    std::copy_n(parent_head.begin() + 68, 16, content.begin() + 512 + 40);
    for (std::size_t i = 0; i < name.size(); ++i) {
      store_be16(&content[512 + 64 + i * 2], static_cast<std::uint16_t>(name[i]));
    }
    if (!locator.empty()) {
      std::uint8_t* entry = &content[512 + 576];
      store_be32(entry, 0x57327275);
      store_be32(entry + 4, 512);
      store_be32(entry + 8, static_cast<std::uint32_t>(locator.size() * 2));
      store_be64(entry + 16, content.size() - 512);  // where the footer was
      Bytes text(512);
      for (std::size_t i = 0; i < locator.size(); ++i) {
        text[i * 2] = static_cast<std::uint8_t>(locator[i]);
        text[i * 2 + 1] = static_cast<std::uint8_t>(locator[i] >> 8);
      }
      content.insert(content.end() - 512, text.begin(), text.end());
    }
    store_checksum(MutableByteView(content).subspan(512, 1024), 36);
    write_file(file, with_footer(content, 60, 4));
  }

  OpenedImage open_path(const std::string& file, bool writable) {
    auto opened = try_open(file, writable);
    EXPECT_TRUE(opened) << opened.error().message();
    return opened ? std::move(*opened) : OpenedImage{};
  }
  Result<OpenedImage> try_open(const std::string& file, bool writable) {
    OpenSpec spec;
    spec.path = folder_ / file;
    spec.format = "vpc";
    spec.writable = writable;
    return open_image(environment_, spec);
  }

  test::TemporaryFolder folder_;
  FollowInside inside_{folder_.path()};
  ImageEnvironment environment_{formats_, inside_};
};

TEST_F(VpcParentTest, TheParentShowsWhereSectorsAreNotWritten) {
  Bytes model(kSize);
  std::fill_n(model.begin(), 4u << 20, 0x11);
  {
    const auto child = open_path("child.vhd", true);
    ASSERT_TRUE(child.image);
    EXPECT_EQ(child.image->info().backing_file, "./parent.vhd");
    for (const auto& [at, length] : {std::pair{100u, 50u},
                                     {700u, 3000u},
                                     {(2u << 20) - 5, 10u},
                                     {(4u << 20) - 1, 513u},
                                     {4096u, 512u}}) {
      const Bytes part(length, static_cast<std::uint8_t>(at));
      ASSERT_TRUE(child.image->write(at, part));
      std::copy(part.begin(), part.end(), model.begin() + at);
    }
    ASSERT_TRUE(child.image->write_zeroes(1u << 20, 70000, ZeroMode::unmap));
    std::fill_n(model.begin() + (1u << 20), 70000, 0);
    ASSERT_TRUE(child.image->close());
  }
  const auto child = open_path("child.vhd", false);
  Bytes got(kSize);
  ASSERT_TRUE(child.image->read(0, got));
  EXPECT_TRUE(got == model);
  for (std::uint64_t at = 0; at < kSize;) {
    const auto extent = child.image->extent(at, kSize - at);
    ASSERT_TRUE(extent);
    if (extent->zero) EXPECT_TRUE(all_zero(ByteView(model).subspan(at, extent->length))) << at;
    at += extent->length;
  }
  EXPECT_EQ(child.image->extent(1000000, 1)->depth, 1);
  EXPECT_EQ(child.image->extent(100, 1)->depth, 0);
}

TEST_F(VpcParentTest, TheParentIsFoundByItsNameAlone) {
  make_child("named.vhd", U"C:\\old\\parent.vhd", U"");
  const auto child = open_path("named.vhd", false);
  ASSERT_TRUE(child.image);
  EXPECT_EQ(child.image->info().backing_file, "parent.vhd");
}

TEST_F(VpcParentTest, OnlyTheRightParentInsideTheFolderIsFollowed) {
  make_child("out.vhd", U"x", U"..\\..\\..\\..\\..\\..\\..\\..\\etc\\hostname");
  EXPECT_EQ(try_open("out.vhd", false).error().kind(), ErrorKind::permission);
  make_child("loop.vhd", U"x", U"loop.vhd");
  EXPECT_FALSE(try_open("loop.vhd", false));
  write_file("parent.vhd", make("force_size=on"));  // another disk of the same name
  const auto wrong = try_open("child.vhd", false);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("is not the disk"), std::string::npos);
  OpenSpec alone;
  alone.path = folder_ / "child.vhd";
  alone.format = "vpc";
  alone.with_backing = false;
  EXPECT_TRUE(open_image(environment_, alone));
}

}  // namespace
}  // namespace cassia::storage
