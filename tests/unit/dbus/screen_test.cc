// SPDX-License-Identifier: Apache-2.0
// What a console's listener is told, well-behaved and not.

#include "server/guest/dbus/screen.h"

#include <gtest/gtest.h>
#include <pixman.h>
#include <sys/mman.h>
#include <unistd.h>

#include <climits>
#include <cstring>

#include "tests/unit/dbus/guest_record.h"

namespace cassia::server::dbus {
namespace {

using raster::Rect;

struct ScreenTest : testing::Test {
  Bytes pixels(std::size_t count, std::uint32_t value) {
    Bytes out(count * 4);
    for (std::size_t i = 0; i < count; ++i) std::memcpy(&out[4 * i], &value, 4);
    return out;
  }
  /// A picture of 8x6 in one colour.
  void show(std::uint32_t value) {
    const auto data = std::make_shared<const Bytes>(pixels(48, value));
    ASSERT_TRUE(screen.scanout({8, 6, 32, PIXMAN_x8r8g8b8}, *data, data));
  }
  std::uint32_t at(int x, int y) {
    const auto picture = record.head(0).picture();
    return picture ? picture->row32(y)[x] & 0xffffff : 0xdead;
  }
  GuestRecord record;
  int shown = 0;
  Screen screen{record, 0, 0, [this] { ++shown; }};
};

TEST_F(ScreenTest, AScanoutIsThePicture) {
  show(0xff123456);
  EXPECT_EQ(record.size(), (raster::Size{8, 6}));
  EXPECT_EQ(at(7, 5), 0x123456u);
  EXPECT_EQ(shown, 1);
  ASSERT_EQ(record.monitors_.heads.size(), 1u);
  EXPECT_EQ(record.monitors_.heads[0].area, (Rect{0, 0, 8, 6}));
}

TEST_F(ScreenTest, FormatsBecomeTheSurfaces) {
  struct Case {
    std::uint32_t format, stride;
    Bytes pixel;
    std::uint32_t expected;
  };
  const Case cases[] = {{PIXMAN_x8b8g8r8, 8, {0x11, 0x22, 0x33, 0x44}, 0x112233},
                        {PIXMAN_b8g8r8x8, 8, {0x44, 0x11, 0x22, 0x33}, 0x112233},
                        {PIXMAN_r5g6b5, 4, {0x00, 0xf8}, 0xff0000},
                        {PIXMAN_x1r5g5b5, 4, {0x1f, 0x00}, 0x0000ff},
                        {PIXMAN_r8g8b8, 7, {0x33, 0x22, 0x11}, 0x112233}};
  for (const Case& one : cases) {
    Bytes data(one.stride * 2, 0);
    for (std::size_t y = 0; y < 2; ++y) {
      for (std::size_t x = 0; x < 2; ++x) {
        std::copy(one.pixel.begin(), one.pixel.end(),
                  data.begin() + static_cast<long>(y * one.stride + x * one.pixel.size()));
      }
    }
    ASSERT_TRUE(screen.scanout({2, 2, one.stride, one.format}, data, nullptr)) << one.format;
    EXPECT_EQ(at(1, 1), one.expected) << std::hex << one.format;
  }
}

TEST_F(ScreenTest, WhatMakesNoSenseChangesNothing) {
  show(0x111111);
  const Bytes data = pixels(48, 0x222222);
  const std::uint32_t good = PIXMAN_x8r8g8b8;
  const PixelLayout wrong[] = {{0, 6, 32, good},
                               {8, 0, 32, good},
                               {0x80000008, 6, 32, good},
                               {16385, 1, 65540, good},
                               {16384, 16384, 65536, good},
                               {8, 6, 31, good},
                               {8, 6, 0, good},
                               {8, 6, 0xffffffff, good},
                               {8, 7, 32, good},
                               {9, 6, 36, good},
                               {8, 6, 32, 0},
                               {8, 6, 32, 0xffffffff},
                               {8, 6, 32, PIXMAN_a8}};
  for (const PixelLayout& layout : wrong) {
    EXPECT_FALSE(screen.scanout(layout, data, nullptr))
        << layout.width << "x" << layout.height << " " << layout.stride << " " << layout.format;
  }
  const StatedRect outside[] = {{-1, 0, 4, 4},
                                {0, -1, 4, 4},
                                {5, 0, 4, 4},
                                {0, 3, 4, 4},
                                {0, 0, 0, 4},
                                {0, 0, 4, -1},
                                {INT_MAX, 0, 4, 4},
                                {0, 0, INT_MAX, 1},
                                {INT_MIN, INT_MIN, 4, 4},
                                {4, 4, INT_MAX, INT_MAX}};
  for (const StatedRect& area : outside) {
    EXPECT_FALSE(screen.update(area, 16, good, data, nullptr)) << area.x << "," << area.y;
    EXPECT_FALSE(screen.has(area));
  }
  EXPECT_FALSE(screen.update({0, 0, 4, 4}, 15, good, data, nullptr));
  EXPECT_FALSE(screen.update({0, 0, 8, 6}, 64, good, data, nullptr));
  EXPECT_FALSE(screen.update_map({0, 0, 4, 4}));
  EXPECT_FALSE(screen.update_dmabuf({0, 0, 4, 4}));
  EXPECT_EQ(at(0, 0), 0x111111u);
  EXPECT_EQ(record.drawn_.size(), 1u);
}

TEST_F(ScreenTest, OnlyWhatDiffersIsTold) {
  const std::uint32_t format = PIXMAN_x8r8g8b8;
  Bytes data = pixels(64 * 64, 0x101010);
  ASSERT_TRUE(screen.scanout({64, 64, 256, format}, data, nullptr));
  record.drawn_.clear();
  ASSERT_TRUE(screen.scanout({64, 64, 256, format}, data, nullptr));
  data[3] = 0xff;  // the byte that no screen shows
  ASSERT_TRUE(screen.update({0, 0, 64, 64}, 256, format, data, nullptr));
  EXPECT_TRUE(record.drawn_.empty());
  data[4 * (64 * 10 + 20)] = 0x55;
  data[4 * (64 * 12 + 30)] = 0x66;
  data[4 * (64 * 50 + 5)] = 0x77;
  ASSERT_TRUE(screen.update({0, 0, 64, 64}, 256, format, data, nullptr));
  ASSERT_EQ(record.drawn_.size(), 2u);
  EXPECT_EQ(record.drawn_[0], (Rect{20, 10, 31, 13}));
  EXPECT_EQ(record.drawn_[1], (Rect{5, 50, 6, 51}));
  EXPECT_EQ(at(20, 10), 0x101055u);
  EXPECT_EQ(at(5, 50), 0x101077u);
}

TEST_F(ScreenTest, ReadsMemoryThatIsSharedAndNotMore) {
  const int fd = ::memfd_create("screen", MFD_CLOEXEC);
  ASSERT_GE(fd, 0);
  const Bytes data = pixels(16 * 8, 0x334455);  // 16 pixels a row, of which 8 are shown
  ASSERT_EQ(::pwrite(fd, data.data(), data.size(), 64), static_cast<ssize_t>(data.size()));
  const auto scanout = [&](std::uint32_t offset, std::uint32_t height) {
    MappedScanout out;
    out.memory = FileDescriptor(::dup(fd));
    out.offset = offset;
    out.layout = {8, height, 64, PIXMAN_x8r8g8b8};
    return screen.scanout_map(std::move(out));
  };
  EXPECT_FALSE(scanout(64, 9));
  EXPECT_FALSE(scanout(0xffffffff, 8));
  EXPECT_EQ(shown, 0);
  ASSERT_TRUE(scanout(64, 8));
  EXPECT_EQ(at(7, 7), 0x334455u);
  EXPECT_EQ(shown, 1);
  const std::uint32_t dot = 0x778899;
  ASSERT_EQ(::pwrite(fd, &dot, 4, 64 + 64 * 3 + 4 * 2), 4);
  EXPECT_EQ(at(2, 3), 0x334455u);
  ASSERT_TRUE(screen.update_map({1, 2, 3, 4}));
  EXPECT_EQ(at(2, 3), 0x778899u);
  // Cut short behind our back: an error, not the end of us.
  ASSERT_EQ(::ftruncate(fd, 100), 0);
  EXPECT_FALSE(screen.update_map({0, 0, 8, 8}));
  EXPECT_EQ(at(2, 3), 0x778899u);
  ::close(fd);
}

TEST_F(ScreenTest, ReadsALinearBufferOfTheGpu) {
  const auto memory = SharedMemory::create(64 * 8, "buffer");
  ASSERT_TRUE(memory);
  const std::uint32_t dot = 0xaabbcc;
  std::memcpy((*memory)->data() + 4, &dot, 4);
  const auto scanout = [&](std::uint64_t modifier, bool y0_top, std::uint32_t height) {
    DmabufScanout out;
    out.buffer = FileDescriptor(::dup((*memory)->descriptor()->get()));
    out.width = 16;
    out.height = height;
    out.stride = 64;
    out.fourcc = 0x34325258;  // XR24
    out.modifier = modifier;
    out.y0_top = y0_top;
    return screen.scanout_dmabuf(std::move(out));
  };
  EXPECT_FALSE(scanout(0x100000000000001, true, 8));  // tiled
  EXPECT_FALSE(scanout(0, true, 9000));
  ASSERT_TRUE(scanout(0, true, 8));
  EXPECT_EQ(at(1, 0), 0xaabbccu);
  ASSERT_TRUE(scanout(0, false, 8));
  EXPECT_EQ(at(1, 7), 0xaabbccu);
  EXPECT_EQ(at(1, 0), 0u);
}

TEST_F(ScreenTest, ThePointersPlaceIsThatOfItsHotSpot) {
  const Bytes shape = pixels(4, 0xff00ff00);
  EXPECT_FALSE(screen.cursor_define(2, 2, 0, 0, ByteView(shape).first(12)));
  EXPECT_FALSE(screen.cursor_define(-2, -2, 0, 0, shape));
  EXPECT_FALSE(screen.cursor_define(65536, 65536, 0, 0, shape));
  EXPECT_FALSE(screen.cursor_define(513, 1, 0, 0, Bytes(513 * 4)));
  ASSERT_TRUE(screen.cursor_define(2, 2, 1, 9, shape));
  EXPECT_FALSE(record.cursor_.visible);
  screen.mouse_set(30, 40, true);
  EXPECT_TRUE(record.cursor_.visible);
  EXPECT_EQ(record.cursor_.position, (raster::Point{31, 41}));
  ASSERT_TRUE(record.cursor_.shape);
  const auto first = record.cursor_.shape->unique;
  ASSERT_TRUE(screen.cursor_define(2, 2, 0, 0, shape));
  EXPECT_NE(record.cursor_.shape->unique, first);
  screen.mouse_set(INT_MAX, INT_MIN, false);
  EXPECT_FALSE(record.cursor_.visible);
}

TEST_F(ScreenTest, ADisabledScreenIsGone) {
  show(0x111111);
  screen.disable();
  EXPECT_EQ(record.size(), raster::Size{});
  EXPECT_FALSE(screen.has({0, 0, 1, 1}));
  show(0x111111);
  EXPECT_EQ(at(0, 0), 0x111111u);
}

}  // namespace
}  // namespace cassia::server::dbus
