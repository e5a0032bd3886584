// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/copier.h"

#include <gtest/gtest.h>

#include "storage/block/memory_device.h"
#include "storage/format/registry.h"

namespace cassia::storage {
namespace {

class CopierTest : public ::testing::Test {
 protected:
  std::unique_ptr<Image> make(const char* format, const char* options, std::uint64_t size,
                              std::shared_ptr<MemoryDevice>* file_out = nullptr) {
    auto file = std::make_shared<MemoryDevice>();
    const FormatDriver* driver = *formats_.find(format);
    CreateSpec spec;
    spec.size = size;
    spec.options = *parse_options(options);
    EXPECT_TRUE(driver->create(file, spec));
    DriverOpenOptions open;
    open.writable = true;
    if (file_out != nullptr) *file_out = file;
    return std::move(*driver->open(file, open));
  }
  FormatRegistry formats_ = FormatRegistry::standard();
  Progress progress_;
};

TEST_F(CopierTest, HolesAndZeroesAreNotStored) {
  const auto source = make("qcow2", "", 64 << 20);
  ASSERT_TRUE(source->write(1 << 20, Bytes(65536, 1)));
  ASSERT_TRUE(source->write(2 << 20, Bytes(1 << 20)));  // stored zeroes
  std::shared_ptr<MemoryDevice> file;
  const auto target = make("qcow2", "cluster_size=4k", 64 << 20, &file);
  ASSERT_TRUE(Copier(*source, *target, {}, progress_).run());
  ASSERT_TRUE(target->close());
  EXPECT_EQ(progress_.done(), 64u << 20);
  EXPECT_EQ(progress_.total(), 64u << 20);
  EXPECT_LT(file->size(), 200u << 10);
  EXPECT_EQ(target->extent(1 << 20, 65536)->zero, false);
  EXPECT_EQ(target->extent(2 << 20, 1 << 20)->zero, true);
}

TEST_F(CopierTest, ExistingContentIsZeroedWhereTheSourceIs) {
  const auto source = make("raw", "", 1 << 20);
  ASSERT_TRUE(source->write(500, Bytes(100, 1)));
  const auto target = make("qcow2", "cluster_size=512", 1 << 20);
  ASSERT_TRUE(target->write(0, Bytes(1 << 20, 9)));
  CopyOptions options;
  options.target_zeroed = false;
  ASSERT_TRUE(Copier(*source, *target, options, progress_).run());
  Bytes want(1 << 20);
  std::fill_n(want.begin() + 500, 100, 1);
  Bytes got(1 << 20);
  ASSERT_TRUE(target->read(0, got));
  EXPECT_TRUE(got == want);
}

TEST_F(CopierTest, ManyThreadsMakeTheSameFileEveryTime) {
  const auto source = make("raw", "", 16 << 20);
  for (std::uint64_t at = 0; at < 16 << 20; at += 40000) {
    const Bytes part(1 + at % 39999, static_cast<std::uint8_t>(at / 40000));
    ASSERT_TRUE(source->write(
        at, ByteView(part).first(std::min<std::uint64_t>(part.size(), (16u << 20) - at))));
  }
  CopyOptions options;
  options.compress = true;
  Bytes first;
  for (int round = 0; round < 3; ++round) {
    std::shared_ptr<MemoryDevice> file;
    const auto packed = make("qcow2", "cluster_size=4k", 16 << 20, &file);
    ASSERT_TRUE(Copier(*source, *packed, options, progress_).run());
    ASSERT_TRUE(packed->close());
    if (round == 0) first = file->content();
    EXPECT_TRUE(file->content() == first);
    // and out of it again, where the threads decompress
    std::shared_ptr<MemoryDevice> plain_file;
    const auto plain = make("qcow2", "cluster_size=4k", 16 << 20, &plain_file);
    ASSERT_TRUE(Copier(*packed, *plain, {}, progress_).run());
    Bytes want(16 << 20);
    Bytes got(16 << 20);
    ASSERT_TRUE(source->read(0, want));
    ASSERT_TRUE(plain->read(0, got));
    EXPECT_TRUE(got == want);
    // In the order of the disk: each cluster lies behind the one before it.
    std::uint64_t last = 0;
    for (std::uint64_t at = 0; at < 16 << 20;) {
      const auto extent = plain->extent(at, (16u << 20) - at);
      if (extent->host_offset) {
        EXPECT_GT(*extent->host_offset, last);
        last = *extent->host_offset;
      }
      at += extent->length;
    }
  }
}

TEST_F(CopierTest, CancelStopsIt) {
  const auto source = make("raw", "", 8 << 20);
  ASSERT_TRUE(source->write(0, Bytes(8 << 20, 1)));
  for (const bool compress : {false, true}) {
    const auto target = make("qcow2", "", 8 << 20);
    Progress progress;
    progress.cancel();
    CopyOptions options;
    options.compress = compress;
    const auto done = Copier(*source, *target, options, progress).run();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind(), ErrorKind::canceled);
    EXPECT_LT(progress.done(), std::uint64_t{8} << 20);
  }
}

}  // namespace
}  // namespace cassia::storage
