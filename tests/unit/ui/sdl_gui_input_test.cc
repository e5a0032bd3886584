// SPDX-License-Identifier: Apache-2.0
#include "client/ui/sdl_gui_input.h"

#include <gtest/gtest.h>
#include <imgui.h>

#include "client/ui/cpu_renderer.h"
#include "client/ui/gui.h"

namespace cassia::client {
namespace {

class SdlGuiInput : public ::testing::Test {
 protected:
  void SetUp() override {
    auto gui = Gui::create();
    ASSERT_TRUE(gui) << gui.error().message();
    gui_ = std::move(*gui);
    ASSERT_TRUE(CpuRenderer::create());  // builds the font
    input_.emplace();
    frame();
    frame();
  }

  void button(Uint32 type, int x, int y) {
    SDL_Event event{};
    event.type = type;
    event.button.button = SDL_BUTTON_LEFT;
    event.button.x = x;
    event.button.y = y;
    input_->feed(event);
  }

  void motion(int x, int y) {
    SDL_Event event{};
    event.type = SDL_MOUSEMOTION;
    event.motion.x = x;
    event.motion.y = y;
    input_->feed(event);
  }

  void key(Uint32 type, SDL_Scancode code) {
    SDL_Event event{};
    event.type = type;
    event.key.keysym.scancode = code;
    input_->feed(event);
  }

  void text(char character) {
    SDL_Event event{};
    event.type = SDL_TEXTINPUT;
    event.text.text[0] = character;
    input_->feed(event);
  }

  void frame() {
    input_->apply();
    gui_->begin_frame({200, 200}, now_ += std::chrono::milliseconds(10));
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize({200, 200});
    ImGui::Begin("window", nullptr, ImGuiWindowFlags_NoDecoration);
    presses_ += ImGui::Button("button", {100, 50}) ? 1 : 0;
    if (typing_) {
      ImGui::SetKeyboardFocusHere();
      typing_ = false;
    }
    ImGui::InputText("##field", field_, sizeof field_);
    ImGui::End();
    gui_->end_frame();
  }

  std::unique_ptr<Gui> gui_;
  std::optional<GuiInput> input_;
  TimePoint now_{};
  int presses_ = 0;
  bool typing_ = false;
  char field_[32] = {};
};

TEST_F(SdlGuiInput, AClickBetweenTwoFramesPressesItsButton) {
  motion(40, 30);
  for (int click = 0; click < 2; ++click) {
    button(SDL_MOUSEBUTTONDOWN, 40, 30);
    button(SDL_MOUSEBUTTONUP, 40, 30);
  }
  motion(190, 190);  // and the pointer is elsewhere already
  while (input_->waiting()) frame();
  EXPECT_EQ(presses_, 2);
}

TEST_F(SdlGuiInput, KeysBetweenTwoFramesTakeEffectInTheirOrder) {
  typing_ = true;
  frame();
  frame();
  for (const char c : {'a', 'b'}) {
    const auto code = static_cast<SDL_Scancode>(SDL_SCANCODE_A + (c - 'a'));
    key(SDL_KEYDOWN, code);
    text(c);
    key(SDL_KEYUP, code);
  }
  key(SDL_KEYDOWN, SDL_SCANCODE_BACKSPACE);
  key(SDL_KEYUP, SDL_SCANCODE_BACKSPACE);
  key(SDL_KEYDOWN, SDL_SCANCODE_C);
  text('c');
  key(SDL_KEYUP, SDL_SCANCODE_C);
  while (input_->waiting()) frame();
  EXPECT_STREQ(field_, "ac");
}

TEST_F(SdlGuiInput, ReleasedItForgetsWhatWaitsAndWhatIsHeld) {
  motion(40, 30);
  button(SDL_MOUSEBUTTONDOWN, 40, 30);
  frame();
  EXPECT_TRUE(ImGui::GetIO().MouseDown[0]);
  button(SDL_MOUSEBUTTONUP, 40, 30);
  input_->release();
  EXPECT_FALSE(input_->waiting());
  EXPECT_FALSE(ImGui::GetIO().MouseDown[0]);
  frame();
  EXPECT_EQ(presses_, 0);
}

}  // namespace
}  // namespace cassia::client
