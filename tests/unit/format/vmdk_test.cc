// SPDX-License-Identifier: Apache-2.0
// VMDK: headers and tables that nobody should make, parents, and streams, which are written once.

#include <gtest/gtest.h>

#include <fstream>

#include "storage/block/memory_device.h"
#include "storage/format/common/little_endian.h"
#include "storage/format/open.h"
#include "storage/format/vmdk/driver.h"
#include "storage/format/vmdk/header.h"
#include "tests/support/temporary_folder.h"

namespace cassia::storage {
namespace {

constexpr std::uint64_t kSize = 5u << 20;

class VmdkTest : public ::testing::Test {
 protected:
  Bytes make(const char* options) {
    CreateSpec spec;
    spec.size = kSize;
    spec.options = *parse_options(options);
    const auto file = std::make_shared<MemoryDevice>();
    EXPECT_TRUE(driver_->create(file, spec));
    return file->content();
  }

  Result<std::unique_ptr<Image>> open(const std::shared_ptr<MemoryDevice>& file,
                                      bool writable = false) {
    DriverOpenOptions options;
    options.writable = writable;
    return driver_->open(file, options);
  }
  static std::shared_ptr<MemoryDevice> device(Bytes content) {
    return std::make_shared<MemoryDevice>(std::move(content));
  }

  static Bytes with(Bytes content, std::size_t at, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      content[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> 8 * i);
    }
    return content;
  }

  void expect_refused(const Bytes& content, const char* word) {
    const auto image = open(device(content));
    ASSERT_FALSE(image) << word;
    EXPECT_NE(image.error().message().find(word), std::string::npos) << image.error().message();
  }

  FormatRegistry formats_ = FormatRegistry::standard();
  const FormatDriver* driver_ = *formats_.find("vmdk");
};

TEST_F(VmdkTest, HeadersThatCannotBeAreRefused) {
  const Bytes good = make("");
  ASSERT_TRUE(open(device(good)));
  expect_refused({}, "too short");
  expect_refused(Bytes(65536), "no VMDK header");
  expect_refused(with(good, 4, 9, 4), "version 9");
  expect_refused(with(good, 8, 0x80000003, 4), "unknown flags");
  expect_refused(with(good, 8, 0x10003, 4), "unknown way");
  expect_refused(with(good, 73, 0x20, 1), "line ends");
  expect_refused(with(good, 12, ~std::uint64_t{0} >> 1, 8), "not possible");
  expect_refused(with(good, 12, std::uint64_t{1} << 50, 8), "not in the file");
  expect_refused(with(good, 20, 3, 8), "grains of");
  expect_refused(with(good, 20, std::uint64_t{1} << 40, 8), "grains of");
  expect_refused(with(good, 44, 0, 4), "0 entries");
  expect_refused(with(good, 44, 0x10000000, 4), "entries");
  expect_refused(with(good, 56, std::uint64_t{1} << 40, 8), "not in the file");
  expect_refused(with(good, 36, std::uint64_t{1} << 30, 8), "descriptor of");
  expect_refused(with(good, 56, ~std::uint64_t{0}, 8), "no VMDK header at");
  const std::string text = "# Disk DescriptorFile\nRW 1 FLAT \"/etc/shadow\" 0\n";
  expect_refused(to_bytes(text), "several files");
  expect_refused(to_bytes("COWD" + std::string(2000, 'x')), "COWD");
  Bytes se_sparse = {0xbe, 0xba, 0xfe, 0xca, 0, 0, 0, 0};
  se_sparse.resize(2048);
  EXPECT_EQ(vmdk::Driver().probe(se_sparse), 100);
  expect_refused(se_sparse, "SESparse");
}

TEST_F(VmdkTest, DamagedTablesAreFoundAndNotFollowed) {
  const auto file = device(make(""));
  {
    const auto image = open(file, true);
    ASSERT_TRUE((*image)->write(0, Bytes(200000, 1)) && (*image)->close());
  }
  const vmdk::Header header = *vmdk::parse_header(*file);
  const std::uint64_t table = header.directory + 512;
  const auto corruptions = [&](const Bytes& content) {
    Progress progress;
    const auto report = (*open(device(content)))->check(Repair::none, progress);
    EXPECT_TRUE(report);
    return report->corruptions;
  };
  const Bytes good = file->content();
  EXPECT_EQ(corruptions(good), 0u);
  const Bytes far = with(good, table, 0xffffffff, 4);
  EXPECT_EQ(corruptions(far), 1u);
  Bytes byte(1);
  EXPECT_FALSE((*open(device(far)))->read(0, byte));
  EXPECT_TRUE((*open(device(far)))->read(65536, byte));
  const Bytes no_table = with(good, header.directory, 0xffffffff, 4);
  EXPECT_EQ(corruptions(no_table), 1u);
  EXPECT_FALSE((*open(device(no_table)))->read(0, byte));
}

TEST_F(VmdkTest, AStreamIsWrittenOnceAndReadsBack) {
  const auto file = device(make("subformat=streamOptimized"));
  Bytes model(kSize);
  {
    const auto image = open(file, true);
    ASSERT_TRUE(image);
    EXPECT_TRUE((*image)->always_compresses());
    Bytes grain(65536, 7);
    ASSERT_TRUE((*image)->write_compressed(1u << 20, grain));
    std::copy(grain.begin(), grain.end(), model.begin() + (1u << 20));
    ASSERT_TRUE((*image)->write(100000, Bytes(70000, 9)));
    std::fill_n(model.begin() + 100000, 31072, 9);
    std::fill_n(model.begin() + 131072, 38928, 9);
    ASSERT_TRUE((*image)->write_zeroes(3u << 20, 1u << 20, ZeroMode::unmap));
    EXPECT_EQ((*image)->write(1u << 20, Bytes(1)).error().kind(), ErrorKind::unsupported);
    EXPECT_FALSE((*image)->write_zeroes(1u << 20, 5, ZeroMode::unmap));
    EXPECT_FALSE((*image)->write_compressed(512, Bytes(65536)));
    ASSERT_TRUE((*image)->close());
  }
  const auto image = open(file);
  Bytes got(kSize);
  ASSERT_TRUE((*image)->read(0, got));
  EXPECT_TRUE(got == model);
  EXPECT_TRUE((*image)->extent(1u << 20, 10)->compressed);
}

TEST_F(VmdkTest, GrainsThatUnpackToSomethingElseAreRefused) {
  const auto file = device(make("subformat=streamOptimized"));
  {
    const auto image = open(file, true);
    ASSERT_TRUE((*image)->write_compressed(0, Bytes(65536, 7)) && (*image)->close());
  }
  const std::uint64_t grain = vmdk::parse_header(*file)->data_offset;
  const Bytes good = file->content();
  Bytes byte(1);
  ASSERT_TRUE((*open(device(good)))->read(0, byte));
  for (const Bytes& bad : {with(good, grain, 128, 8), with(good, grain + 8, 0xffffffff, 4),
                           with(good, grain + 8, 0, 4), with(good, grain + 8, 5, 4),
                           with(good, grain + 12, 0xffff, 2)}) {
    const auto read = (*open(device(bad)))->read(0, byte);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message().find("grain at"), std::string::npos);
  }
}

TEST_F(VmdkTest, AParentIsFollowedWithinTheFolderAndMustNotHaveChanged) {
  const test::TemporaryFolder folder;
  const FollowInside inside(folder.path());
  const ImageEnvironment environment{formats_, inside};
  const auto put = [&](const char* file, const Bytes& content) {
    { std::ofstream(folder / file); }
    const auto made = FileDevice::open(folder / file, {.writable = true});
    ASSERT_TRUE(made && (*made)->write(0, content));
  };
  const auto try_open = [&](const char* file, bool writable) {
    OpenSpec spec;
    spec.path = folder / file;
    spec.format = "vmdk";
    spec.writable = writable;
    return open_image(environment, spec);
  };
  put("parent.vmdk", make(""));
  {
    const auto parent = try_open("parent.vmdk", true);
    ASSERT_TRUE(parent && parent->image->write(0, Bytes(3u << 20, 0x11)));
    ASSERT_TRUE(parent->image->close());
  }
  Bytes head(4096);
  ASSERT_TRUE((*FileDevice::open(folder / "parent.vmdk", {}))->read(0, head));
  const std::string text(as_text(head));
  const std::string cid = text.substr(text.find("\nCID=") + 5, 8);
  const auto child = [&](const std::string& name) {
    Bytes content = make("");
    const std::string lines = "CID=12345678\nparentCID=" + cid +
                              "\ncreateType=\"monolithicSparse\"\nparentFileNameHint=\"" + name +
                              "\"\n";
    std::fill_n(content.begin() + 512, 20 * 512, 0);
    std::copy(lines.begin(), lines.end(), content.begin() + 512);
    return content;
  };
  put("child.vmdk", child("parent.vmdk"));
  put("out.vmdk", child("/etc/hostname"));
  {
    const auto opened = try_open("child.vmdk", true);
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(opened->image->info().backing_file, "parent.vmdk");
    ASSERT_TRUE(opened->image->write(1000, Bytes(10, 5)));
    ASSERT_TRUE(opened->image->write_zeroes(1u << 20, 70000, ZeroMode::unmap));
    ASSERT_TRUE(opened->image->close());
  }
  {
    const auto opened = try_open("child.vmdk", false);
    Bytes model(kSize);
    std::fill_n(model.begin(), 3u << 20, 0x11);
    std::fill_n(model.begin() + 1000, 10, 5);
    std::fill_n(model.begin() + (1u << 20), 70000, 0);
    Bytes got(kSize);
    ASSERT_TRUE(opened && opened->image->read(0, got));
    EXPECT_TRUE(got == model);
  }
  EXPECT_EQ(try_open("out.vmdk", false).error().kind(), ErrorKind::permission);
  {
    const auto parent = try_open("parent.vmdk", true);
    ASSERT_TRUE(parent && parent->image->write(0, Bytes(1)));
  }
  const auto stale = try_open("child.vmdk", false);
  ASSERT_FALSE(stale);
  EXPECT_NE(stale.error().message().find("has changed"), std::string::npos);
}

}  // namespace
}  // namespace cassia::storage
