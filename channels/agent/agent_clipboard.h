// SPDX-License-Identifier: Apache-2.0
#pragma once

// The clipboards of two sides, by demand: who owns a selection says so (grab); the other side asks
// for contents when it needs them (request), and they come (data). Each selection stands alone.

#include <deque>

#include "channels/agent/agent_peer.h"

namespace cassia::channels {

class AgentClipboardEvents {
 public:
  virtual ~AgentClipboardEvents() = default;
  /// The other side owns the selection now and can give these types.
  virtual void clipboard_grabbed(spice::Selection selection,
                                 const std::vector<spice::ClipboardType>& types) = 0;
  /// It does no longer, or is gone.
  virtual void clipboard_released(spice::Selection selection) = 0;
  /// It wants what we own: answer with provide(), also when there is nothing (type none).
  virtual void clipboard_wanted(spice::Selection selection, spice::ClipboardType type) = 0;
  /// The answer to a request(), one for each; `type` none: there is nothing. Text has the line ends
  /// of this side ("\n").
  virtual void clipboard_data(spice::Selection selection, spice::ClipboardType type,
                              const SharedBytes& data) = 0;
};

class AgentClipboard {
 public:
  enum class Owner { nobody, here, there };
  /// More questions at a time than any program asks; further ones are answered with nothing.
  static constexpr std::size_t most_requests = 16;

  AgentClipboard(AgentPeer& peer, AgentClipboardEvents& events) : peer_(peer), events_(events) {}

  Result<void> grab(spice::Selection selection, std::vector<spice::ClipboardType> types);
  Result<void> release(spice::Selection selection);
  /// Errors: not_found if the other side does not own the selection or has not offered the type.
  Result<void> request(spice::Selection selection, spice::ClipboardType type);
  Result<void> provide(spice::Selection selection, spice::ClipboardType type, SharedBytes data);

  /// True if the message was of the clipboard.
  bool take(const spice::AgentMessage& message);
  void too_large(spice::Selection selection);
  /// The other side is gone: what it owned is released, what was asked for does not come.
  void reset();

  Owner owner(spice::Selection selection) const {
    return state_[static_cast<std::size_t>(selection)].owner;
  }

 private:
  struct State {
    Owner owner = Owner::nobody;
    std::vector<spice::ClipboardType> types;     ///< that the other side offers
    std::deque<spice::ClipboardType> asked;      ///< by us
    std::deque<spice::ClipboardType> to_answer;  ///< asked by the other side
  };
  State& at(spice::Selection selection) { return state_[static_cast<std::size_t>(selection)]; }

  void on_grab(const spice::ClipboardGrab& grab);
  void on_release(spice::Selection selection);
  void on_request(const spice::ClipboardRequest& request);
  void on_data(const spice::ClipboardData& data);
  void answer_all_with_nothing(spice::Selection selection);

  AgentPeer& peer_;
  AgentClipboardEvents& events_;
  std::array<State, spice::selection_count> state_;
};

}  // namespace cassia::channels
