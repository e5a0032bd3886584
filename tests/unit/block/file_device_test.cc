// SPDX-License-Identifier: Apache-2.0
#include "storage/block/file_device.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "storage/block/memory_device.h"
#include "tests/support/temporary_folder.h"

namespace cassia::storage {
namespace {

class FileDeviceTest : public ::testing::Test {
 protected:
  std::shared_ptr<FileDevice> fresh(const char* name) {
    const auto path = folder_ / name;
    EXPECT_TRUE(write_file_atomically(path, {}));
    auto device = FileDevice::open(path, {.writable = true});
    EXPECT_TRUE(device) << device.error().message();
    return *device;
  }
  test::TemporaryFolder folder_;
};

TEST_F(FileDeviceTest, WritesGrowTheFileAndReadBack) {
  auto device = fresh("disk");
  EXPECT_TRUE(device->growable());
  ASSERT_TRUE(device->write(10000, as_bytes("hello")));
  EXPECT_EQ(device->size(), 10005u);
  Bytes got(5);
  ASSERT_TRUE(device->read(10000, got));
  EXPECT_EQ(as_text(got), "hello");
  EXPECT_EQ(device->read(10001, got).error().kind(), ErrorKind::invalid_argument);
  Bytes padded(10, 0xff);
  ASSERT_TRUE(read_padded(*device, 10003, padded));
  EXPECT_EQ(as_text(ByteView(padded).first(2)), "lo");
  EXPECT_TRUE(all_zero(ByteView(padded).subspan(2)));
}

TEST_F(FileDeviceTest, ExtentsTellHolesFromData) {
  auto device = fresh("sparse");
  ASSERT_TRUE(device->resize(4 << 20));
  ASSERT_TRUE(device->write(1 << 20, Bytes(65536, 7)));
  const auto hole = device->extent(0, device->size());
  ASSERT_TRUE(hole);
  EXPECT_TRUE(hole->zero);
  EXPECT_EQ(hole->length, 1u << 20);
  const auto data = device->extent(1 << 20, device->size());
  ASSERT_TRUE(data);
  EXPECT_TRUE(data->data);
  EXPECT_FALSE(data->zero);
  EXPECT_EQ(data->length, 65536u);
  ASSERT_TRUE(device->discard(1 << 20, 65536));
  const auto punched = device->extent(1 << 20, device->size());
  ASSERT_TRUE(punched);
  EXPECT_TRUE(punched->zero);
}

TEST_F(FileDeviceTest, ZeroesEitherWay) {
  auto device = fresh("zeroes");
  for (const ZeroMode mode : {ZeroMode::unmap, ZeroMode::keep}) {
    ASSERT_TRUE(device->write(0, Bytes(20000, 9)));
    ASSERT_TRUE(device->write_zeroes(100, 15000, mode));
    Bytes got(20000);
    ASSERT_TRUE(device->read(0, got));
    EXPECT_TRUE(all_zero(ByteView(got).subspan(100, 15000)));
    EXPECT_EQ(got[99], 9);
    EXPECT_EQ(got[15100], 9);
  }
  ASSERT_TRUE(device->write_zeroes(30000, 10, ZeroMode::unmap));
  EXPECT_EQ(device->size(), 30010u);
}

TEST_F(FileDeviceTest, RefusesWhatIsNoDisk) {
  const auto missing = FileDevice::open(folder_ / "missing", {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind(), ErrorKind::not_found);
  EXPECT_NE(missing.error().message().find("missing"), std::string::npos);
  EXPECT_FALSE(FileDevice::open(folder_.path(), {}));
  const auto fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const auto pipe = FileDevice::open(fifo, {});
  ASSERT_FALSE(pipe);
  EXPECT_NE(pipe.error().message().find("a pipe"), std::string::npos);
}

TEST_F(FileDeviceTest, ReadOnlyMeansReadOnly) {
  (void)fresh("ro");
  auto device = FileDevice::open(folder_ / "ro", {});
  ASSERT_TRUE(device);
  EXPECT_EQ((*device)->write(0, as_bytes("x")).error().kind(), ErrorKind::permission);
}

TEST(MemoryDeviceTest, BehavesLikeAFileUpToItsCap) {
  MemoryDevice device({}, true, "m", 1000);
  ASSERT_TRUE(device.write(10, as_bytes("abc")));
  EXPECT_EQ(device.size(), 13u);
  EXPECT_EQ(device.write(999, as_bytes("ab")).error().kind(), ErrorKind::no_space);
  EXPECT_TRUE(device.write_zeroes(10, 3, ZeroMode::keep));
  EXPECT_TRUE(all_zero(device.content()));
}

}  // namespace
}  // namespace cassia::storage
