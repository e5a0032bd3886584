// SPDX-License-Identifier: Apache-2.0
#include "client/ui/storage_panel.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace cassia::client {
namespace {

const ImVec4 error_color{0.95f, 0.45f, 0.40f, 1};
const ImVec4 notice_color{0.55f, 0.85f, 0.60f, 1};
const ImVec4 danger_color{0.62f, 0.20f, 0.18f, 1};
constexpr ImGuiTableFlags table_flags = ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerV |
                                        ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollX;

void draw_headings(const storage::Record& record) {
  for (const std::string& title : column_titles(record)) ImGui::TableSetupColumn(title.c_str());
  ImGui::TableHeadersRow();
}

float table_height(std::size_t rows) {
  const float row = ImGui::GetTextLineHeightWithSpacing() + 2;
  return row * static_cast<float>(std::clamp<std::size_t>(rows, 1, 6) + 1) +
         ImGui::GetStyle().ScrollbarSize;
}

}  // namespace

void StoragePanel::draw(bool& open) {
  const ImVec2 window = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({16, 16}, ImGuiCond_FirstUseEver);
  ImGui::SetNextWindowSize({std::min(760.0f, window.x - 32), std::min(440.0f, window.y - 32)},
                           ImGuiCond_FirstUseEver);
  if (ImGui::Begin("Storage console", &open, ImGuiWindowFlags_NoCollapse)) {
    if (!model_.available()) {
      ImGui::TextUnformatted("This server has no storage channel (org.cassia.storage.0).");
    } else {
      ImGui::TextUnformatted(model_.vm_line().c_str());
      draw_disks();
      draw_actions();
      draw_snapshots();
      draw_jobs();
      draw_messages();
      draw_form();
    }
  }
  ImGui::End();
}

void StoragePanel::draw_disks() {
  const storage::Record& record = *storage::find_verb("disk.list")->result;
  const int columns = static_cast<int>(column_titles(record).size());
  if (!ImGui::BeginTable("disks", columns, table_flags, {0, table_height(model_.disks().size())})) {
    return;
  }
  draw_headings(record);
  std::string chosen = model_.selected();
  for (const StorageRow& disk : model_.disks()) {
    ImGui::TableNextRow();
    for (std::size_t i = 0; i < disk.cells.size(); ++i) {
      ImGui::TableNextColumn();
      if (i > 0) {
        ImGui::TextUnformatted(disk.cells[i].c_str());
      } else if (ImGui::Selectable(disk.cells[i].c_str(), disk.id == model_.selected(),
                                   ImGuiSelectableFlags_SpanAllColumns)) {
        chosen = disk.id;
      }
    }
  }
  ImGui::EndTable();
  model_.select(chosen);
}

void StoragePanel::draw_actions() {
  const std::string& disk = model_.selected();
  ImGui::BeginDisabled(model_.busy());
  if (ImGui::Button("Attach...")) begin("disk.attach");
  ImGui::BeginDisabled(disk.empty());
  ImGui::SameLine();
  if (ImGui::Button("Detach...")) begin("disk.detach", disk);
  ImGui::SameLine();
  if (ImGui::Button("Snapshot...")) begin("disk.snapshot.create", disk);
  ImGui::SameLine();
  if (ImGui::Button("Convert...")) begin("disk.convert", disk);
  ImGui::EndDisabled();
  ImGui::SameLine();
  if (ImGui::Button("Refresh")) model_.refresh();
  ImGui::EndDisabled();
  if (model_.busy()) {
    ImGui::SameLine();
    ImGui::TextUnformatted("working");
  }
}

void StoragePanel::draw_snapshots() {
  if (model_.snapshots().empty()) return;
  ImGui::Text("Snapshots of %s", model_.selected().c_str());
  const storage::Record& record = *storage::find_verb("disk.snapshot.list")->result;
  const int columns = static_cast<int>(column_titles(record).size()) + 1;
  if (!ImGui::BeginTable("snapshots", columns, table_flags,
                         {0, table_height(model_.snapshots().size())})) {
    return;
  }
  for (const std::string& title : column_titles(record)) ImGui::TableSetupColumn(title.c_str());
  ImGui::TableSetupColumn("##actions");
  ImGui::TableHeadersRow();
  for (const StorageRow& snapshot : model_.snapshots()) {
    ImGui::TableNextRow();
    for (const std::string& cell : snapshot.cells) {
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(cell.c_str());
    }
    ImGui::TableNextColumn();
    ImGui::PushID(snapshot.name.c_str());
    if (ImGui::SmallButton("Delete...")) {
      begin("disk.snapshot.delete", model_.selected(), snapshot.name);
    }
    ImGui::PopID();
  }
  ImGui::EndTable();
}

void StoragePanel::draw_jobs() {
  if (model_.jobs().empty()) return;
  ImGui::TextUnformatted("Jobs");
  // Newest first: the one that was just begun is in sight.
  for (auto job = model_.jobs().rbegin(); job != model_.jobs().rend(); ++job) {
    ImGui::PushID(job->id.c_str());
    const std::string label = fmt::format("{}%  {}", job->percent, job->state);
    ImGui::ProgressBar(static_cast<float>(job->percent) / 100, {240, 0}, label.c_str());
    ImGui::SameLine();
    if (job->active()) {
      if (ImGui::SmallButton("Cancel")) {
        model_.perform(*storage::find_verb("job.cancel"), {{"job", job->id}});
      }
      ImGui::SameLine();
    }
    const std::string target = job->target.empty() ? "" : " to " + job->target;
    ImGui::Text("%s %s%s %s", job->verb.c_str(), job->subject.c_str(), target.c_str(),
                job->error.c_str());
    ImGui::PopID();
  }
}

void StoragePanel::draw_messages() {
  ImGui::PushTextWrapPos(0);
  if (!model_.error().empty()) ImGui::TextColored(error_color, "%s", model_.error().c_str());
  if (!model_.notice().empty()) ImGui::TextColored(notice_color, "%s", model_.notice().c_str());
  ImGui::PopTextWrapPos();
}

void StoragePanel::begin(const char* verb, const std::string& disk, const std::string& name) {
  form_.emplace(*storage::find_verb(verb));
  if (!disk.empty()) form_->fix("disk", disk);
  if (!name.empty()) form_->fix("name", name);
  form_error_.clear();
  open_form_ = true;
}

void StoragePanel::draw_field(FormField& field) {
  const storage::Parameter& parameter = *field.parameter;
  const std::string label(parameter.name);
  if (field.fixed) {
    ImGui::Text("%s: %s", label.c_str(), field.text.c_str());
    return;
  }
  if (parameter.type == storage::ValueType::boolean) {
    ImGui::Checkbox(label.c_str(), &field.flag);
  } else if (!field.choices.empty()) {
    const std::string unset = fmt::format("({})", parameter.fallback);
    if (ImGui::BeginCombo(label.c_str(), field.text.empty() ? unset.c_str() : field.text.c_str())) {
      if (ImGui::Selectable(unset.c_str(), field.text.empty())) field.text.clear();
      for (const std::string& choice : field.choices) {
        if (ImGui::Selectable(choice.c_str(), field.text == choice)) field.text = choice;
      }
      ImGui::EndCombo();
    }
  } else {
    const std::string hint(parameter.fallback);
    if (std::exchange(focus_form_, false)) ImGui::SetKeyboardFocusHere();
    confirmed_ |= ImGui::InputTextWithHint(label.c_str(), hint.c_str(), &field.text,
                                           ImGuiInputTextFlags_EnterReturnsTrue);
  }
  if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", std::string(parameter.doc).c_str());
}

void StoragePanel::draw_form() {
  if (!form_) return;
  const storage::Verb& verb = form_->verb();
  const std::string title = fmt::format("{}###form", verb.command);
  if (open_form_) ImGui::OpenPopup(title.c_str());
  focus_form_ = std::exchange(open_form_, false);
  confirmed_ = false;
  if (!ImGui::BeginPopupModal(title.c_str(), nullptr, ImGuiWindowFlags_AlwaysAutoResize)) return;
  ImGui::TextUnformatted(verb.summary.data(), verb.summary.data() + verb.summary.size());
  for (FormField& field : form_->fields()) draw_field(field);
  if (!form_error_.empty()) ImGui::TextColored(error_color, "%s", form_error_.c_str());

  const bool destroys = verb.danger == storage::Danger::destroys;
  if (destroys) {
    ImGui::TextColored(error_color, "This cannot be undone.");
    ImGui::PushStyleColor(ImGuiCol_Button, danger_color);
  }
  confirmed_ |= ImGui::Button(destroys ? "Delete" : "OK", {100, 0});
  if (destroys) ImGui::PopStyleColor();
  ImGui::SameLine();
  const bool canceled = ImGui::Button("Cancel", {100, 0});
  if (confirmed_) {
    if (auto params = form_->params(); !params) {
      form_error_ = params.error().message();
    } else {
      model_.perform(verb, *params);
      form_.reset();
    }
  }
  if (!form_ || canceled) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
  if (canceled) form_.reset();
}

}  // namespace cassia::client
