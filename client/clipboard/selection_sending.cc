// SPDX-License-Identifier: Apache-2.0
// SelectionOwner's contents on their way: at once, or in pieces that the other program takes one by
// one (ICCCM 2.7.2).

#include <algorithm>

#include "client/clipboard/selection_owner.h"

namespace cassia::client {

bool SelectionOwner::send(xcb_window_t window, const Pair& pair, xcb_atom_t type, SharedBytes data,
                          TimePoint now) {
  if (data.size() <= display_.largest_change()) {
    xcb_change_property(display_.get(), XCB_PROP_MODE_REPLACE, window, pair.property, type, 8,
                        static_cast<std::uint32_t>(data.size()), data.data());
    return true;
  }
  if (sending_.size() >= most_waiting) return false;
  const std::uint32_t mask = XCB_EVENT_MASK_PROPERTY_CHANGE | XCB_EVENT_MASK_STRUCTURE_NOTIFY;
  xcb_change_window_attributes(display_.get(), window, XCB_CW_EVENT_MASK, &mask);
  const auto size = static_cast<std::uint32_t>(data.size());
  xcb_change_property(display_.get(), XCB_PROP_MODE_REPLACE, window, pair.property,
                      display_.atoms().incr, 32, 1, &size);
  sending_[{window, pair.property}] = {type, std::move(data), 0, now + patience};
  return true;
}

void SelectionOwner::on(const xcb_property_notify_event_t& event, TimePoint now) {
  if (event.window == window_) {
    for (const auto selection : {spice::Selection::clipboard, spice::Selection::primary,
                                 spice::Selection::secondary}) {
      if (state(selection).claiming) claim(state(selection), selection, event.time);
    }
    return;
  }
  if (event.state != XCB_PROPERTY_DELETE) return;
  const auto which = sending_.find({event.window, event.atom});
  if (which == sending_.end()) return;
  Sending& sending = which->second;
  // The last piece, of no bytes, is the end.
  const std::size_t size =
      std::min(display_.largest_change(), sending.data.size() - sending.done);
  xcb_change_property(display_.get(), XCB_PROP_MODE_REPLACE, event.window, event.atom, sending.type,
                      8, static_cast<std::uint32_t>(size), sending.data.data() + sending.done);
  sending.done += size;
  sending.until = now + patience;
  if (size == 0) stop_sending(which);
}

void SelectionOwner::on(const xcb_destroy_notify_event_t& event) {
  std::erase_if(sending_, [&](const auto& entry) { return entry.first.first == event.window; });
}

void SelectionOwner::stop_sending(SendingMap::iterator which) {
  const xcb_window_t window = which->first.first;
  sending_.erase(which);
  const auto next = sending_.lower_bound({window, 0});
  if (next != sending_.end() && next->first.first == window) return;
  const std::uint32_t nothing = 0;
  xcb_change_window_attributes(display_.get(), window, XCB_CW_EVENT_MASK, &nothing);
}

}  // namespace cassia::client
