// SPDX-License-Identifier: Apache-2.0
#pragma once

// Asks the owners of X selections for their contents. Each question has a window of its own: an
// answer that comes too late finds none. Large contents come in pieces (ICCCM 2.7.2, INCR).

#include <functional>
#include <map>

#include "base/clock.h"
#include "client/clipboard/x11_display.h"

namespace cassia::client {

class SelectionReader {
 public:
  /// An owner that is silent for so long has nothing.
  static constexpr Duration patience = std::chrono::seconds(10);
  using Done = std::function<void(Result<Property>)>;

  explicit SelectionReader(const X11Display& display) : display_(display) {}

  /// `done` is called once, later: with at most `cap` bytes, or why there are none.
  void read(xcb_atom_t selection, xcb_atom_t target, std::size_t cap, TimePoint now, Done done);

  void on(const xcb_selection_notify_event_t& event, TimePoint now);
  void on(const xcb_property_notify_event_t& event, TimePoint now);
  void tick(TimePoint now);
  TimePoint next() const;

 private:
  struct Question {
    xcb_atom_t selection, target;
    std::size_t cap;
    TimePoint until;
    Done done;
    bool pieces = false;  ///< INCR: they come one after the other
    Property contents;
  };
  using Questions = std::map<xcb_window_t, Question>;

  void take(Questions::iterator which, TimePoint now);
  void finish(Questions::iterator which, Result<Property> result);

  const X11Display& display_;
  Questions questions_;
};

}  // namespace cassia::client
