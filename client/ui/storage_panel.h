// SPDX-License-Identifier: Apache-2.0
#pragma once

// The console panel: disks, snapshots, actions with confirmation, jobs with progress bars.

#include <memory>
#include <optional>
#include <string>

#include "client/ui/storage_form.h"
#include "client/ui/storage_model.h"

namespace cassia::client {

/// Draws `model` with the current ImGui context, between Gui::begin_frame() and end_frame().
class StoragePanel {
 public:
  explicit StoragePanel(StorageModel& model) : model_(model) {}

  /// `open` turns false when the person closes the panel.
  void draw(bool& open);

  /// What the buttons do: opens the form of a verb; `disk` and `name` are fixed if given. Nothing
  /// is sent before the person confirms.
  void begin(const char* verb, const std::string& disk = {}, const std::string& name = {});

 private:
  void draw_disks();
  void draw_actions();
  void draw_snapshots();
  void draw_jobs();
  void draw_messages();
  void draw_form();
  void draw_field(FormField& field);

  StorageModel& model_;
  std::optional<StorageForm> form_;
  std::string form_error_;
  bool open_form_ = false;
  bool focus_form_ = false;  ///< the first text field of the form takes the keyboard
  bool confirmed_ = false;   ///< by the button, or the Enter key in a text field
};

}  // namespace cassia::client
