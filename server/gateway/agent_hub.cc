// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/agent_hub.h"

#include <spice/vd_agent.h>

#include <algorithm>

#include "server/gateway/agent_viewer.h"

namespace cassia::server {

using spice::ClipboardType;
using spice::FileResult;
using spice::Selection;

namespace {

/// What the gateway adds by itself, whatever the guest's agent can do.
constexpr unsigned own_caps[] = {VD_AGENT_CAP_FILE_XFER_DETAILED_ERRORS,
                                 VD_AGENT_CAP_CLIPBOARD_NO_RELEASE_ON_REGRAB,
                                 VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL};
constexpr unsigned relayed_caps[] = {VD_AGENT_CAP_MOUSE_STATE,
                                     VD_AGENT_CAP_MONITORS_CONFIG,
                                     VD_AGENT_CAP_REPLY,
                                     VD_AGENT_CAP_DISPLAY_CONFIG,
                                     VD_AGENT_CAP_CLIPBOARD_BY_DEMAND,
                                     VD_AGENT_CAP_CLIPBOARD_SELECTION,
                                     VD_AGENT_CAP_SPARSE_MONITORS_CONFIG,
                                     VD_AGENT_CAP_GUEST_LINEEND_LF,
                                     VD_AGENT_CAP_GUEST_LINEEND_CRLF,
                                     VD_AGENT_CAP_MAX_CLIPBOARD,
                                     VD_AGENT_CAP_AUDIO_VOLUME_SYNC,
                                     VD_AGENT_CAP_MONITORS_CONFIG_POSITION,
                                     VD_AGENT_CAP_FILE_XFER_DISABLED};

spice::Capabilities caps_for_viewers(const spice::Capabilities& guest) {
  spice::Capabilities out;
  for (const unsigned cap : own_caps) out.set(cap);
  for (const unsigned cap : relayed_caps) {
    if (guest.has(cap)) out.set(cap);
  }
  return out;
}

FileResult result_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::unsupported:
      return FileResult::disabled;
    case ErrorKind::closed:
      return FileResult::agent_not_connected;
    default:
      return FileResult::error;
  }
}

}  // namespace

void AgentHub::add(AgentViewer* viewer) { viewers_.insert(viewer); }

void AgentHub::remove(AgentViewer* viewer) {
  if (viewers_.erase(viewer) == 0) return;
  held_up_.erase(viewer);
  if (configurer_ == viewer) configurer_ = nullptr;
  for (auto file = files_.begin(); file != files_.end();) {
    file = file->second.viewer == viewer ? cancel_file(file) : std::next(file);
  }
  for (std::size_t i = 0; i < selections_.size(); ++i) {
    for (Question& question : selections_[i].questions) {
      if (question.asker == viewer) question = {the_guest, true};
    }
    on_release(viewer, static_cast<Selection>(i));
  }
}

Result<void> AgentHub::send(Party to, spice::AgentMessage message) {
  if (to != the_guest) return to->send(std::move(message));
  GuestAgent* guest = up_ ? guest_() : nullptr;
  if (!guest) return fail(ErrorKind::closed, "the guest runs no agent");
  return guest->send(std::move(message));
}

template <class Action>
void AgentHub::for_others(Party except, Action&& action) {
  if (except != the_guest) action(the_guest);
  const auto viewers = viewers_;
  for (AgentViewer* viewer : viewers) {
    if (viewer != except) action(viewer);
  }
}

void AgentHub::viewer_ready(AgentViewer& viewer) {
  for (std::size_t i = 0; i < selections_.size(); ++i) {
    const SelectionState& state = selections_[i];
    if (state.held && state.holder != &viewer) {
      send_grab(&viewer, static_cast<Selection>(i), false);
    }
  }
}

void AgentHub::viewer_message(AgentViewer& viewer, const spice::AgentMessage& message) {
  if (const auto* start = std::get_if<spice::FileStart>(&message)) {
    return on_file_start(viewer, *start);
  }
  if (const auto* data = std::get_if<spice::FileData>(&message)) {
    return on_file_data(viewer, *data);
  }
  if (const auto* status = std::get_if<spice::FileStatus>(&message)) {
    return on_file_status(viewer, *status);
  }
  if (std::holds_alternative<spice::AgentMonitorsConfig>(message) ||
      std::holds_alternative<spice::AgentDisplayConfig>(message)) {
    return on_config(viewer, message);
  }
  if (std::holds_alternative<spice::AgentVolume>(message)) {
    (void)send(the_guest, message);
    return;
  }
  // Mouse state, devices and the like are the server's to say, not a viewer's.
  on_clipboard(&viewer, message);
}

void AgentHub::guest_agent_message(const spice::AgentMessage& message) {
  if (const auto* status = std::get_if<spice::FileStatus>(&message)) {
    return on_guest_file_status(*status);
  }
  if (std::holds_alternative<spice::AgentReply>(message)) {
    if (configurer_) (void)send(configurer_, message);
    return;
  }
  if (std::holds_alternative<spice::AgentVolume>(message)) {
    return for_others(the_guest, [&](Party viewer) { (void)send(viewer, message); });
  }
  on_clipboard(the_guest, message);
}

// The clipboard.

void AgentHub::on_clipboard(Party from, const spice::AgentMessage& message) {
  if (const auto* grab = std::get_if<spice::ClipboardGrab>(&message)) return on_grab(from, *grab);
  if (const auto* gone = std::get_if<spice::ClipboardRelease>(&message)) {
    return on_release(from, gone->selection);
  }
  if (const auto* wish = std::get_if<spice::ClipboardRequest>(&message)) {
    return on_request(from, *wish);
  }
  if (const auto* data = std::get_if<spice::ClipboardData>(&message)) on_data(from, *data);
}

void AgentHub::send_grab(Party to, Selection selection, bool regrab) {
  const spice::Capabilities& caps = to == the_guest ? guest_caps_ : to->capabilities();
  if (regrab && !caps.has(VD_AGENT_CAP_CLIPBOARD_NO_RELEASE_ON_REGRAB)) {
    (void)send(to, spice::ClipboardRelease{selection});
  }
  spice::ClipboardGrab grab{selection, 0, at(selection).types};
  // A list of files names them by their places in the folder that this one viewer shares.
  if (to != the_guest && at(selection).holder != the_guest) {
    std::erase(grab.types, ClipboardType::file_list);
  }
  (void)send(to, std::move(grab));
}

void AgentHub::on_grab(Party from, const spice::ClipboardGrab& grab) {
  SelectionState& state = at(grab.selection);
  if (state.held && state.holder != from) answer_all_with_nothing(grab.selection);
  const bool held_before = std::exchange(state.held, true);
  const Party before = std::exchange(state.holder, from);
  state.types = grab.types;
  for_others(
      from, [&](Party other) { send_grab(other, grab.selection, held_before && before != other); });
}

void AgentHub::on_release(Party from, Selection selection) {
  SelectionState& state = at(selection);
  if (!state.held || state.holder != from) return;
  answer_all_with_nothing(selection);
  state.held = false;
  state.holder = the_guest;
  state.types.clear();
  for_others(from, [&](Party other) { (void)send(other, spice::ClipboardRelease{selection}); });
}

void AgentHub::on_request(Party from, const spice::ClipboardRequest& request) {
  SelectionState& state = at(request.selection);
  const auto asked = std::count_if(state.questions.begin(), state.questions.end(),
                                   [&](const Question& q) { return !q.void_ && q.asker == from; });
  const bool answerable = state.held && state.holder != from &&
                          static_cast<std::size_t>(asked) < most_questions &&
                          send(state.holder, request).has_value();
  if (answerable) {
    state.questions.push_back({from});
  } else {
    (void)send(from, spice::ClipboardData{request.selection, ClipboardType::none, {}});
  }
}

void AgentHub::on_data(Party from, const spice::ClipboardData& data) {
  SelectionState& state = at(data.selection);
  if (!state.held || state.holder != from || state.questions.empty()) return;
  const Question question = state.questions.front();
  state.questions.pop_front();
  if (question.void_) return;
  const bool fits = question.asker == the_guest || question.asker->takes(data.data.size());
  if (!fits || !send(question.asker, data)) {
    (void)send(question.asker, spice::ClipboardData{data.selection, ClipboardType::none, {}});
  }
}

void AgentHub::answer_all_with_nothing(Selection selection) {
  for (const Question& question : std::exchange(at(selection).questions, {})) {
    if (question.void_) continue;
    (void)send(question.asker, spice::ClipboardData{selection, ClipboardType::none, {}});
  }
}

void AgentHub::viewer_clipboard_too_large(AgentViewer& viewer, Selection selection) {
  on_data(&viewer, {selection, ClipboardType::none, {}});
}
void AgentHub::guest_agent_clipboard_too_large(Selection selection) {
  on_data(the_guest, {selection, ClipboardType::none, {}});
}

// Configuration.

void AgentHub::on_config(AgentViewer& viewer, const spice::AgentMessage& message) {
  configurer_ = &viewer;
  if (!send(the_guest, message)) (void)send(&viewer, spice::AgentReply{type_of(message), false});
}

// Files.

AgentHub::Files::iterator AgentHub::file_of(const AgentViewer& viewer, std::uint32_t id) {
  return std::find_if(files_.begin(), files_.end(), [&](const auto& entry) {
    return entry.second.viewer == &viewer && entry.second.viewer_id == id;
  });
}

AgentHub::Files::iterator AgentHub::cancel_file(Files::iterator file) {
  (void)send(the_guest, spice::FileStatus{file->first, FileResult::cancelled});
  return files_.erase(file);
}

void AgentHub::on_file_start(AgentViewer& viewer, const spice::FileStart& start) {
  if (files_.size() >= most_files || file_of(viewer, start.id) != files_.end()) {
    (void)send(&viewer, spice::FileStatus{start.id, FileResult::error});
    return;
  }
  while (next_file_ == 0 || files_.count(next_file_) != 0) ++next_file_;
  const std::uint32_t id = next_file_++;
  if (const auto sent = send(the_guest, spice::FileStart{id, start.metadata}); !sent) {
    (void)send(&viewer, spice::FileStatus{start.id, result_of(sent.error())});
    return;
  }
  files_[id] = {&viewer, start.id};
}

void AgentHub::on_file_data(AgentViewer& viewer, const spice::FileData& data) {
  const auto file = file_of(viewer, data.id);
  if (file == files_.end()) return;  // it crossed the guest's refusal
  if (const auto sent = send(the_guest, spice::FileData{file->first, data.data}); !sent) {
    cancel_file(file);
    (void)send(&viewer, spice::FileStatus{data.id, result_of(sent.error())});
    return;
  }
  const GuestAgent* guest = guest_();
  if (guest && guest->congested()) {
    held_up_.insert(&viewer);
    viewer.hold_up(true);
  }
}

void AgentHub::on_file_status(AgentViewer& viewer, const spice::FileStatus& status) {
  const auto file = file_of(viewer, status.id);
  if (file == files_.end()) return;
  spice::FileStatus to_guest = status;
  to_guest.id = file->first;
  (void)send(the_guest, to_guest);
  if (status.result != FileResult::can_send_data) files_.erase(file);
}

void AgentHub::on_guest_file_status(spice::FileStatus status) {
  const auto file = files_.find(status.id);
  if (file == files_.end()) return;
  status.id = file->second.viewer_id;
  AgentViewer* viewer = file->second.viewer;
  if (status.result != FileResult::can_send_data) files_.erase(file);
  (void)send(viewer, status);
}

void AgentHub::guest_agent_writable() {
  const GuestAgent* guest = guest_();
  if (guest && guest->congested()) return;
  for (AgentViewer* viewer : std::exchange(held_up_, {})) viewer->hold_up(false);
}

// The agent itself.

void AgentHub::guest_agent_up(const spice::Capabilities& caps) {
  guest_caps_ = caps;
  caps_ = caps_for_viewers(caps);
  const bool was_up = std::exchange(up_, true);
  const auto viewers = viewers_;
  for (AgentViewer* viewer : viewers) {
    was_up ? viewer->capabilities_changed() : viewer->agent_connected(true);
  }
}

void AgentHub::guest_agent_down() {
  if (!std::exchange(up_, false)) return;
  // The viewers forget everything of this agent when they hear that it is gone.
  selections_ = {};
  files_.clear();
  configurer_ = nullptr;
  for (AgentViewer* viewer : std::exchange(held_up_, {})) viewer->hold_up(false);
  const auto viewers = viewers_;
  for (AgentViewer* viewer : viewers) viewer->agent_connected(false);
}

}  // namespace cassia::server
