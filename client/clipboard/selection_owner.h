// SPDX-License-Identifier: Apache-2.0
#pragma once

// Owns X selections for the guest and answers the programs that paste (ICCCM 2.1 to 2.7): TARGETS,
// TIMESTAMP, MULTIPLE, and contents, which are asked for when they are wanted; large ones go in
// pieces (INCR), at the pace of who takes them.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "client/clipboard/x11_display.h"

namespace cassia::client {

class SelectionOwner {
 public:
  /// With a guest that does not answer, or a program that does not take the next piece.
  static constexpr Duration patience = std::chrono::seconds(20);
  static constexpr std::size_t most_waiting = 64;  ///< programs that paste at the same time
  static constexpr std::size_t most_pairs = 32;    ///< targets of one MULTIPLE
  /// Asks the guest: give() must follow, once. One question of a selection at a time.
  using Ask = std::function<void(spice::Selection, spice::ClipboardType)>;

  SelectionOwner(const X11Display& display, Ask ask);

  void offer(spice::Selection selection, const ClipboardTypes& types);
  void withdraw(spice::Selection selection);
  void give(spice::Selection selection, spice::ClipboardType type, const SharedBytes& data,
            TimePoint now);

  xcb_window_t window() const { return window_; }
  /// Or about to.
  bool owns(spice::Selection selection) const {
    return state(selection).since != 0 || state(selection).claiming;
  }

  void on(const xcb_selection_request_event_t& event, TimePoint now);
  void on(const xcb_selection_clear_event_t& event);
  void on(const xcb_property_notify_event_t& event, TimePoint now);
  void on(const xcb_destroy_notify_event_t& event);
  void tick(TimePoint now);
  TimePoint next() const;

 private:
  struct Pair {
    xcb_atom_t target, property;
  };
  /// A program that pastes.
  struct Paste {
    xcb_selection_request_event_t event;
    spice::Selection selection;
    std::vector<Pair> pairs;  ///< one, or those of a MULTIPLE
    std::size_t at = 0;
    TimePoint until;
  };
  struct State {
    std::vector<Target> targets;          ///< what can be given, as the X server knows it
    xcb_timestamp_t since = 0;            ///< 0: not ours
    bool claiming = false;                ///< as soon as the server has said what time it is
    std::optional<spice::ClipboardType> asked;
  };
  /// Contents under way in pieces.
  struct Sending {
    xcb_atom_t type;
    SharedBytes data;
    std::size_t done = 0;
    TimePoint until;
  };
  using SendingMap = std::map<std::pair<xcb_window_t, xcb_atom_t>, Sending>;

  State& state(spice::Selection s) { return states_[static_cast<std::size_t>(s)]; }
  const State& state(spice::Selection s) const { return states_[static_cast<std::size_t>(s)]; }
  void claim(State& state, spice::Selection selection, xcb_timestamp_t time);
  std::vector<Pair> pairs_of(const xcb_selection_request_event_t& event) const;
  /// Answers as far as it can without the guest; true once it is all answered.
  bool advance(Paste& paste);
  bool answer_at_once(const Paste& paste, const Pair& pair);
  const Target* wanted(const Paste& paste) const;
  void ask_next(spice::Selection selection);
  bool convert(const Paste& paste, const Pair& pair, const Target& target,
               const SharedBytes& data, TimePoint now);
  bool send(xcb_window_t window, const Pair& pair, xcb_atom_t type, SharedBytes data,
            TimePoint now);
  void stop_sending(SendingMap::iterator which);
  void notify(const Paste& paste, bool refused);
  void refuse_all(spice::Selection selection);

  const X11Display& display_;
  const Ask ask_;
  const xcb_window_t window_;
  std::array<State, spice::selection_count> states_;
  std::deque<Paste> pastes_;
  SendingMap sending_;
};

}  // namespace cassia::client
