// SPDX-License-Identifier: Apache-2.0
#include "client/ui/gui.h"

#include <imgui.h>

#include <algorithm>

namespace cassia::client {
namespace {

void set_style() {
  ImGui::StyleColorsDark();
  ImGuiStyle& style = ImGui::GetStyle();
  style.WindowRounding = 4;
  style.FrameRounding = 3;
  style.WindowPadding = {10, 10};
  style.FramePadding = {6, 4};
  style.ItemSpacing = {8, 6};
  style.Colors[ImGuiCol_WindowBg] = {0.09f, 0.10f, 0.12f, 0.94f};
  style.Colors[ImGuiCol_TitleBgActive] = {0.16f, 0.29f, 0.40f, 1.0f};
  style.Colors[ImGuiCol_PlotHistogram] = {0.25f, 0.62f, 0.45f, 1.0f};
}

}  // namespace

Result<std::unique_ptr<Gui>> Gui::create() {
  auto gui = std::unique_ptr<Gui>(new Gui);
  gui->context_ = ImGui::CreateContext();
  if (gui->context_ == nullptr) return fail(ErrorKind::internal, "Dear ImGui did not start");
  gui->make_current();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // window positions are not remembered between sessions
  io.LogFilename = nullptr;
  set_style();
  return gui;
}

Gui::~Gui() {
  if (context_ != nullptr) ImGui::DestroyContext(context_);
}

void Gui::make_current() { ImGui::SetCurrentContext(context_); }

void Gui::begin_frame(raster::Size window, TimePoint now) {
  make_current();
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {static_cast<float>(window.width), static_cast<float>(window.height)};
  const float seconds = std::chrono::duration<float>(now - last_frame_).count();
  io.DeltaTime = std::clamp(seconds, 0.001f, 0.25f);
  last_frame_ = now;
  ImGui::NewFrame();
}

const ImDrawData& Gui::end_frame() {
  make_current();
  ImGui::Render();
  return *ImGui::GetDrawData();
}

bool Gui::wants_mouse() {
  make_current();
  return ImGui::GetIO().WantCaptureMouse;
}

bool Gui::wants_keyboard() {
  make_current();
  return ImGui::GetIO().WantCaptureKeyboard;
}

}  // namespace cassia::client
