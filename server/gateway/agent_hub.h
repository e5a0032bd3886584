// SPDX-License-Identifier: Apache-2.0
#pragma once

// One guest's agent shared by several viewers. The gateway ends the agent protocol on both sides;
// the rules by which messages pass:
//  - clipboard: whoever grabs a selection last, the guest or a viewer, holds it; all others are
//  told
//    and ask the holder. Contents go to who asked, in the order of the questions.
//  - monitors and display configuration: the last viewer to send one has its way, and the answer.
//  - files: belong to the viewer that sends them. Ids are the viewer's own; the guest sees others.
//    A viewer that is faster than the guest is held up by its tokens.
//  - volume: a viewer's goes to the guest, the guest's to all viewers.
// A viewer that has not announced a capability gets no message of it.

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "server/guest/guest_agent.h"

namespace cassia::server {

class AgentViewer;

class AgentHub final : public GuestAgentEvents {
 public:
  static constexpr std::size_t most_questions = 16;  ///< of one asker for one selection
  static constexpr std::size_t most_files = 256;     ///< of all viewers

  /// `guest` gives the agent of the moment, or null; called when there is something to send.
  explicit AgentHub(std::function<GuestAgent*()> guest) : guest_(std::move(guest)) {}

  bool up() const { return up_; }
  /// What viewers are told that the agent can do.
  const spice::Capabilities& capabilities() const { return caps_; }

  void add(AgentViewer* viewer);
  /// Everything that it held or asked for is given up.
  void remove(AgentViewer* viewer);
  /// The viewer's capabilities are known: it hears who holds what.
  void viewer_ready(AgentViewer& viewer);
  void viewer_message(AgentViewer& viewer, const spice::AgentMessage& message);
  void viewer_clipboard_too_large(AgentViewer& viewer, spice::Selection selection);

  void guest_agent_up(const spice::Capabilities& caps) override;
  void guest_agent_down() override;
  void guest_agent_message(const spice::AgentMessage& message) override;
  void guest_agent_clipboard_too_large(spice::Selection selection) override;
  void guest_agent_writable() override;

 private:
  /// A viewer, or (null) the guest.
  using Party = AgentViewer*;
  static constexpr Party the_guest = nullptr;
  struct Question {
    Party asker;
    bool void_ = false;  ///< the asker is gone; the answer is still to come
  };
  struct SelectionState {
    bool held = false;
    Party holder = the_guest;
    std::vector<spice::ClipboardType> types;
    std::deque<Question> questions;  ///< that the holder has not answered yet
  };
  struct File {
    AgentViewer* viewer;
    std::uint32_t viewer_id;
  };
  using Files = std::map<std::uint32_t, File>;  ///< by the guest's id

  SelectionState& at(spice::Selection s) { return selections_[static_cast<std::size_t>(s)]; }
  Result<void> send(Party to, spice::AgentMessage message);
  void send_grab(Party to, spice::Selection selection, bool regrab);
  void on_clipboard(Party from, const spice::AgentMessage& message);
  void on_grab(Party from, const spice::ClipboardGrab& grab);
  void on_release(Party from, spice::Selection selection);
  void on_request(Party from, const spice::ClipboardRequest& request);
  void on_data(Party from, const spice::ClipboardData& data);
  void answer_all_with_nothing(spice::Selection selection);
  template <class Action>
  void for_others(Party except, Action&& action);

  void on_config(AgentViewer& viewer, const spice::AgentMessage& message);
  void on_file_start(AgentViewer& viewer, const spice::FileStart& start);
  void on_file_data(AgentViewer& viewer, const spice::FileData& data);
  void on_file_status(AgentViewer& viewer, const spice::FileStatus& status);
  void on_guest_file_status(spice::FileStatus status);
  Files::iterator file_of(const AgentViewer& viewer, std::uint32_t id);
  Files::iterator cancel_file(Files::iterator file);

  std::function<GuestAgent*()> guest_;
  bool up_ = false;
  spice::Capabilities guest_caps_, caps_;
  std::set<AgentViewer*> viewers_;
  std::array<SelectionState, spice::selection_count> selections_;
  AgentViewer* configurer_ = nullptr;  ///< the viewer that sent the last configuration
  Files files_;
  std::uint32_t next_file_ = 1;
  std::set<AgentViewer*> held_up_;
};

}  // namespace cassia::server
