// SPDX-License-Identifier: Apache-2.0
// The picture of a GL scanout: what is taken from a server, and how it is shown.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channels/display/drm_format.h"
#include "client/session/screen.h"

namespace cassia::client {
namespace {

using raster::PixelFormat;
using raster::Rect;

/// 8x4 pixels in rows of 64 bytes, each pixel its number from the top left.
class ScanoutTest : public testing::Test {
 protected:
  void SetUp() override {
    memory_ = *SharedMemory::create(64 * 4, "test");
    for (std::uint32_t i = 0; i < 32; ++i) set(i % 8, i / 8, i);
  }
  void set(std::uint32_t x, std::uint32_t y, std::uint32_t value) {
    std::memcpy(memory_->data() + y * 64 + x * 4, &value, 4);
  }
  channels::GlScanout stated() const {
    return {{8, 4}, 64, channels::drm_xrgb8888, true, memory_->descriptor()};
  }
  std::uint32_t pixel(std::int32_t x, std::int32_t y) {
    return screen_.snapshot()->row32(y)[x] & 0xFFFFFF;
  }
  void show(const channels::GlScanout& scanout) {
    auto picture = ScanoutPicture::open(scanout);
    ASSERT_TRUE(picture) << picture.error().message();
    screen_.apply(ScanoutSet{*picture});
  }
  void draw(const Rect& area) {
    screen_.apply(ScanoutDrawn{area, [this] { ++answers_; }});
  }

  std::shared_ptr<SharedMemory> memory_;
  ManualClock clock_;
  std::unique_ptr<raster::Canvas> canvas_ = raster::make_reference_canvas();
  Screen screen_{*canvas_, clock_};
  int answers_ = 0;
};

TEST_F(ScanoutTest, IsShownFromItsFirstDrawOn) {
  show(stated());
  EXPECT_FALSE(screen_.complete());
  EXPECT_EQ(screen_.area(), (Rect{0, 0, 8, 4}));
  draw({0, 0, 8, 4});
  EXPECT_EQ(answers_, 1);
  EXPECT_TRUE(screen_.complete());
  EXPECT_EQ(pixel(7, 3), 31u);
  EXPECT_FALSE(screen_.take_damage().empty());
}

TEST_F(ScanoutTest, OnlyWhatADrawNamesIsRead) {
  show(stated());
  draw({0, 0, 8, 4});
  screen_.take_damage();
  set(1, 1, 0xAAAAAA);
  set(5, 3, 0xBBBBBB);
  draw({1, 1, 3, 2});
  EXPECT_EQ(pixel(1, 1), 0xAAAAAAu);
  EXPECT_EQ(pixel(5, 3), 29u);
  EXPECT_EQ(screen_.take_damage(), raster::Region(Rect{1, 1, 3, 2}));
}

TEST_F(ScanoutTest, UpsideDownMemoryIsTurned) {
  auto scanout = stated();
  scanout.y0_top = false;
  show(scanout);
  draw({0, 0, 8, 4});
  EXPECT_EQ(pixel(0, 0), 24u);
  EXPECT_EQ(pixel(7, 3), 7u);
  set(2, 3, 0xCCCCCC);  // the top row
  draw({2, 0, 3, 1});
  EXPECT_EQ(pixel(2, 0), 0xCCCCCCu);
}

TEST_F(ScanoutTest, SixteenBitsArePixelsToo) {
  auto scanout = stated();
  scanout.fourcc = channels::drm_rgb565;
  const std::uint16_t green = 0x07E0;
  std::memcpy(memory_->data() + 64 + 2 * 3, &green, 2);
  show(scanout);
  draw({0, 0, 8, 4});
  EXPECT_EQ(pixel(3, 1), 0x00FF00u);
}

TEST_F(ScanoutTest, ThePrimarySurfaceTakesOverAndIsWhatIsLeftBehind) {
  screen_.apply(
      SurfaceCreated{{.id = 0, .size = {20, 10}, .format = PixelFormat::xrgb32, .primary = true}});
  screen_.apply(DisplayMarked{});
  show(stated());
  draw({0, 0, 8, 4});
  screen_.apply(ScanoutSet{});
  EXPECT_EQ(screen_.area(), (Rect{0, 0, 20, 10}));
  show(stated());
  EXPECT_EQ(screen_.area(), (Rect{0, 0, 8, 4}));
  screen_.apply(
      SurfaceCreated{{.id = 0, .size = {30, 30}, .format = PixelFormat::xrgb32, .primary = true}});
  EXPECT_EQ(screen_.area(), (Rect{0, 0, 30, 30}));
  draw({0, 0, 8, 4});
  EXPECT_EQ(answers_, 2) << "a draw that comes late is answered all the same";
  screen_.apply(DisplayReset{});
  EXPECT_FALSE(screen_.surface());
}

TEST_F(ScanoutTest, MonitorsOfThePrimarySurfaceCutIt) {
  show(stated());
  screen_.apply(MonitorsSet{{1, {{0, 0, {0, 0, 4, 2}, 0}}}});
  EXPECT_EQ(screen_.area(), (Rect{0, 0, 4, 2}));
}

TEST_F(ScanoutTest, NoGuestSurfaceCanTakeItsPlace) {
  show(stated());
  draw({0, 0, 8, 4});
  screen_.apply(SurfaceCreated{{.id = 0xFFFFFFFF, .size = {3, 3}, .format = PixelFormat::xrgb32}});
  EXPECT_EQ(screen_.failures(), 1u);
  EXPECT_EQ(pixel(7, 3), 31u);
}

TEST_F(ScanoutTest, StatementsThatTheMemoryDoesNotHoldAreRefused) {
  const auto refused = [this](auto change) {
    channels::GlScanout scanout = stated();
    change(scanout);
    return !ScanoutPicture::open(scanout).has_value();
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& s) { s.size.height = 5; }));
  EXPECT_TRUE(refused([](auto& s) { s.size.width = 17; })) << "more than a row";
  EXPECT_TRUE(refused([](auto& s) { s.stride = 128; }));
  EXPECT_TRUE(refused([](auto& s) { s.stride = 62; })) << "no multiple of four";
  EXPECT_TRUE(refused([](auto& s) { s.stride = 0; }));
  EXPECT_TRUE(refused([](auto& s) { s.stride = 0xFFFFFFFC; }));
  EXPECT_TRUE(refused([](auto& s) { s.fourcc = channels::drm_fourcc('N', 'V', '1', '2'); }));
  EXPECT_TRUE(refused([](auto& s) {
    s.memory = std::make_shared<FileDescriptor>(::memfd_create("unsealed", MFD_ALLOW_SEALING));
    EXPECT_EQ(::ftruncate(s.memory->get(), 4096), 0);
  }));
  EXPECT_TRUE(refused(
      [](auto& s) { s.memory = std::make_shared<FileDescriptor>(::open("/dev/zero", O_RDONLY)); }));
}

}  // namespace
}  // namespace cassia::client
