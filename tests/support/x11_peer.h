// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <xcb/xcb.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace cassia::test {

/// Another program of the X server: owns and asks for selections by hand, event by event, as no
/// well behaved one would.
class X11Peer {
 public:
  explicit X11Peer(const std::string& display);
  ~X11Peer();

  xcb_connection_t* get() const { return connection_; }
  xcb_window_t window() const { return window_; }
  xcb_atom_t atom(const std::string& name) const;

  void own(xcb_atom_t selection) const;
  void convert(xcb_atom_t selection, xcb_atom_t target, xcb_atom_t property) const;
  void put(xcb_window_t window, xcb_atom_t property, xcb_atom_t type, int format,
           ByteView data) const;
  /// Answers a request; no property: refuses it.
  void answer(const xcb_selection_request_event_t& request, xcb_atom_t property) const;
  /// A ClientMessage of 32-bit data.
  void tell(xcb_window_t window, xcb_atom_t type, const std::array<std::uint32_t, 5>& data) const;
  void watch(xcb_window_t window) const;  ///< its properties, and its end
  struct Property {
    xcb_atom_t type = 0;
    Bytes data;
  };
  /// Deletes it.
  Property take(xcb_atom_t property) const;

  /// The next event of this kind; others are lost. Null if none comes.
  template <class Event>
  std::optional<Event> next(int type) const {
    const auto found = next_of(type);
    if (!found) return std::nullopt;
    return *reinterpret_cast<const Event*>(found.get());
  }
  std::optional<xcb_selection_request_event_t> next_request() const {
    return next<xcb_selection_request_event_t>(XCB_SELECTION_REQUEST);
  }
  std::optional<xcb_selection_notify_event_t> next_notify() const {
    return next<xcb_selection_notify_event_t>(XCB_SELECTION_NOTIFY);
  }

 private:
  struct Free {
    void operator()(void* event) const { std::free(event); }
  };
  std::unique_ptr<xcb_generic_event_t, Free> next_of(int type) const;

  xcb_connection_t* connection_;
  xcb_window_t window_;
};

}  // namespace cassia::test
