// SPDX-License-Identifier: Apache-2.0
#include "client/ui/storage_panel.h"

#include <gtest/gtest.h>
#include <imgui.h>

#include "client/ui/cpu_renderer.h"
#include "client/ui/gui.h"
#include "tests/unit/ui/fake_storage.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;
using raster::Bitmap;
using raster::Rect;
using raster::Region;

// Drives the panel as a person would: the pointer moves over a widget and clicks.
class StoragePanelTest : public testing::Test {
 protected:
  void SetUp() override {
    gui_ = std::move(*Gui::create());
    renderer_.emplace(*CpuRenderer::create());
    model_.set_available(true);
    storage_.answer_all();
    storage_.answer_all();
    frame();
    frame();
  }

  const ImDrawData& frame() {
    clock_.advance(16ms);
    gui_->begin_frame(size_, clock_.now());
    panel_.draw(open_);
    return gui_->end_frame();
  }

  void click(float x, float y) {
    ImGuiIO& io = ImGui::GetIO();
    io.MousePos = {x, y};
    frame();
    io.MouseDown[0] = true;
    frame();
    io.MouseDown[0] = false;
    frame();
    frame();
  }

  const raster::Size size_{800, 480};
  ManualClock clock_;
  FakeStorage storage_;
  StorageModel model_{storage_.call()};
  StoragePanel panel_{model_};
  std::unique_ptr<Gui> gui_;
  std::optional<CpuRenderer> renderer_;
  bool open_ = true;
};

TEST_F(StoragePanelTest, DrawsThePictureOfItsState) {
  Bitmap with = *Bitmap::create_cleared(size_, raster::PixelFormat::xrgb32);
  renderer_->render(frame(), with, Region(Rect::of(size_)));
  storage_.jobs = nlohmann::json::parse(
      R"([{"id":"j1","verb":"disk.convert","subject":"disk0","state":"running","percent":40}])");
  model_.refresh();
  storage_.answer_all();
  Bitmap job = *Bitmap::create_cleared(size_, raster::PixelFormat::xrgb32);
  frame();
  renderer_->render(frame(), job, Region(Rect::of(size_)));
  EXPECT_FALSE(raster::same_pixels(with, job));
  // The filled part of the bar is green; it was not there before.
  int green = 0;
  for (int y = 0; y < size_.height; ++y) {
    for (int x = 0; x < size_.width; ++x) {
      const std::uint32_t p = job.row32(y)[x];
      green += ((p >> 8) & 0xFF) > 140 && ((p >> 16) & 0xFF) < 90;
    }
  }
  EXPECT_GT(green, 500);
}

TEST_F(StoragePanelTest, AStillPanelHasTheSameFingerprint) {
  const std::uint64_t before = fingerprint(frame());
  EXPECT_EQ(fingerprint(frame()), before);
}

TEST_F(StoragePanelTest, DetachAsksBeforeItActs) {
  panel_.begin("disk.detach", model_.selected());
  frame();
  frame();
  EXPECT_TRUE(ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel));
  EXPECT_FALSE(storage_.waits_for("disk.detach"));
  // The dialog stands in the middle of the window; OK is the leftmost thing of its last row.
  for (float y = 180; y < 400 && !storage_.waits_for("disk.detach"); y += 8) click(220, y);
  ASSERT_TRUE(storage_.waits_for("disk.detach"));
  EXPECT_EQ(storage_.calls.back().params, (nlohmann::json{{"disk", model_.selected()}}));
}

}  // namespace
}  // namespace cassia::client
