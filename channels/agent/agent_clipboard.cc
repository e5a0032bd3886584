// SPDX-License-Identifier: Apache-2.0
#include "channels/agent/agent_clipboard.h"

#include <spice/vd_agent.h>

#include <algorithm>

#include "protocol/spice/agent_text.h"

namespace cassia::channels {

using spice::ClipboardType;
using spice::Selection;

Result<void> AgentClipboard::grab(Selection selection, std::vector<ClipboardType> types) {
  State& state = at(selection);
  // An agent of old takes a second grab for a mistake unless the first was released.
  if (state.owner == Owner::here && !peer_.has(VD_AGENT_CAP_CLIPBOARD_NO_RELEASE_ON_REGRAB)) {
    CASSIA_TRY(peer_.send(spice::ClipboardRelease{selection}));
  }
  CASSIA_TRY(peer_.send(spice::ClipboardGrab{selection, 0, std::move(types)}));
  state.owner = Owner::here;
  state.types.clear();
  state.to_answer.clear();
  answer_all_with_nothing(selection);
  return {};
}

Result<void> AgentClipboard::release(Selection selection) {
  State& state = at(selection);
  if (state.owner != Owner::here) return {};
  state.owner = Owner::nobody;
  state.to_answer.clear();
  return peer_.send(spice::ClipboardRelease{selection});
}

Result<void> AgentClipboard::request(Selection selection, ClipboardType type) {
  State& state = at(selection);
  const bool offered = std::find(state.types.begin(), state.types.end(), type) != state.types.end();
  if (state.owner != Owner::there || !offered) {
    return fail(ErrorKind::not_found, "the other side's clipboard holds nothing of that kind");
  }
  if (state.asked.size() >= most_requests) {
    return fail(ErrorKind::busy, "{} questions for the clipboard wait", state.asked.size());
  }
  CASSIA_TRY(peer_.send(spice::ClipboardRequest{selection, type}));
  state.asked.push_back(type);
  return {};
}

Result<void> AgentClipboard::provide(Selection selection, ClipboardType type, SharedBytes data) {
  State& state = at(selection);
  if (state.to_answer.empty()) return {};  // it lost interest meanwhile
  state.to_answer.pop_front();
  const bool crlf =
      peer_.role() == AgentPeer::Role::client && peer_.has(VD_AGENT_CAP_GUEST_LINEEND_CRLF);
  if (type == ClipboardType::utf8_text && crlf) data = spice::to_crlf(data.view());
  return peer_.send(spice::ClipboardData{selection, type, std::move(data)});
}

bool AgentClipboard::take(const spice::AgentMessage& message) {
  if (const auto* grab = std::get_if<spice::ClipboardGrab>(&message)) return on_grab(*grab), true;
  if (const auto* gone = std::get_if<spice::ClipboardRelease>(&message)) {
    return on_release(gone->selection), true;
  }
  if (const auto* wish = std::get_if<spice::ClipboardRequest>(&message)) {
    return on_request(*wish), true;
  }
  if (const auto* data = std::get_if<spice::ClipboardData>(&message)) return on_data(*data), true;
  return false;
}

void AgentClipboard::on_grab(const spice::ClipboardGrab& grab) {
  State& state = at(grab.selection);
  state.owner = Owner::there;
  state.types = grab.types;
  state.to_answer.clear();
  events_.clipboard_grabbed(grab.selection, grab.types);
}

void AgentClipboard::on_release(Selection selection) {
  State& state = at(selection);
  if (state.owner != Owner::there) return;
  state.owner = Owner::nobody;
  state.types.clear();
  answer_all_with_nothing(selection);
  events_.clipboard_released(selection);
}

void AgentClipboard::on_request(const spice::ClipboardRequest& request) {
  State& state = at(request.selection);
  if (state.owner != Owner::here || state.to_answer.size() >= most_requests) {
    (void)peer_.send(spice::ClipboardData{request.selection, ClipboardType::none, {}});
    return;
  }
  state.to_answer.push_back(request.type);
  events_.clipboard_wanted(request.selection, request.type);
}

void AgentClipboard::on_data(const spice::ClipboardData& data) {
  State& state = at(data.selection);
  if (state.asked.empty()) return;  // nobody wants it
  state.asked.pop_front();
  SharedBytes contents = data.data;
  const bool crlf =
      peer_.role() == AgentPeer::Role::client && peer_.has(VD_AGENT_CAP_GUEST_LINEEND_CRLF);
  if (data.type == ClipboardType::utf8_text && crlf) contents = spice::to_lf(contents.view());
  events_.clipboard_data(data.selection, data.type, contents);
}

void AgentClipboard::too_large(Selection selection) {
  on_data(spice::ClipboardData{selection, ClipboardType::none, {}});
}

void AgentClipboard::answer_all_with_nothing(Selection selection) {
  State& state = at(selection);
  const std::size_t count = std::exchange(state.asked, {}).size();
  for (std::size_t i = 0; i < count; ++i) {
    events_.clipboard_data(selection, ClipboardType::none, {});
  }
}

void AgentClipboard::reset() {
  for (std::size_t i = 0; i < state_.size(); ++i) {
    const auto selection = static_cast<Selection>(i);
    const bool theirs = state_[i].owner == Owner::there;
    state_[i].owner = Owner::nobody;
    state_[i].types.clear();
    state_[i].to_answer.clear();
    answer_all_with_nothing(selection);
    if (theirs) events_.clipboard_released(selection);
  }
}

}  // namespace cassia::channels
