// SPDX-License-Identifier: Apache-2.0
#include "client/clipboard/selection_owner.h"

#include <algorithm>

namespace cassia::client {

using spice::ClipboardType;
using spice::Selection;

SelectionOwner::SelectionOwner(const X11Display& display, Ask ask)
    : display_(display),
      ask_(std::move(ask)),
      window_(display.make_window(XCB_EVENT_MASK_PROPERTY_CHANGE)) {}

void SelectionOwner::offer(Selection selection, const ClipboardTypes& types) {
  State& now = state(selection);
  now.targets.clear();
  for (const Target& target : display_.targets()) {
    if (std::find(types.begin(), types.end(), target.type) != types.end()) {
      now.targets.push_back(target);
    }
  }
  if (now.targets.empty()) return withdraw(selection);
  // Ownership begins at a time of the server; a change of nothing brings an event that has it.
  now.claiming = true;
  xcb_change_property(display_.get(), XCB_PROP_MODE_APPEND, window_, display_.atoms().data,
                      XCB_ATOM_STRING, 8, 0, nullptr);
}

void SelectionOwner::claim(State& state, Selection selection, xcb_timestamp_t time) {
  state.claiming = false;
  const xcb_atom_t atom = display_.selection(selection);
  xcb_set_selection_owner(display_.get(), window_, atom, time);
  state.since = display_.owner(atom) == window_ ? time : 0;
}

void SelectionOwner::withdraw(Selection selection) {
  State& now = state(selection);
  if (now.since != 0) {
    xcb_set_selection_owner(display_.get(), XCB_WINDOW_NONE, display_.selection(selection),
                            now.since);
  }
  now.since = 0;
  now.claiming = false;
  now.targets.clear();
  refuse_all(selection);
}

void SelectionOwner::on(const xcb_selection_clear_event_t& event) {
  const auto selection = display_.selection_of(event.selection);
  if (!selection || event.owner != window_) return;
  state(*selection).since = 0;
  refuse_all(*selection);
}

void SelectionOwner::refuse_all(Selection selection) {
  std::erase_if(pastes_, [&](const Paste& paste) {
    if (paste.selection != selection) return false;
    notify(paste, true);
    return true;
  });
}

std::vector<SelectionOwner::Pair> SelectionOwner::pairs_of(
    const xcb_selection_request_event_t& event) const {
  // A client of old names no property: then it is the target's name.
  if (event.target != display_.atoms().multiple) {
    return {{event.target, event.property != XCB_ATOM_NONE ? event.property : event.target}};
  }
  std::vector<Pair> pairs;
  if (event.property == XCB_ATOM_NONE) return pairs;
  const auto list =
      display_.take_property(event.requestor, event.property, most_pairs * sizeof(Pair));
  if (!list || list->format != 32) return pairs;
  pairs.resize(list->data.size() / sizeof(Pair));
  std::copy_n(list->data.begin(), pairs.size() * sizeof(Pair),
              reinterpret_cast<std::uint8_t*>(pairs.data()));
  return pairs;
}

void SelectionOwner::on(const xcb_selection_request_event_t& event, TimePoint now) {
  const auto selection = display_.selection_of(event.selection);
  Paste paste{event, selection.value_or(Selection::clipboard), {}, 0, now + patience};
  const bool ours = selection && event.owner == window_ && state(*selection).since != 0;
  const bool before = ours && event.time != XCB_CURRENT_TIME &&
                      static_cast<std::int32_t>(event.time - state(*selection).since) < 0;
  if (!ours || before || pastes_.size() >= most_waiting) return notify(paste, true);
  paste.pairs = pairs_of(event);
  if (paste.pairs.empty()) return notify(paste, true);
  if (advance(paste)) return;
  pastes_.push_back(std::move(paste));
  ask_next(*selection);
}

bool SelectionOwner::answer_at_once(const Paste& paste, const Pair& pair) {
  const State& from = state(paste.selection);
  const X11Display::Atoms& atoms = display_.atoms();
  const auto put = [&](xcb_atom_t type, const std::vector<std::uint32_t>& words) {
    xcb_change_property(display_.get(), XCB_PROP_MODE_REPLACE, paste.event.requestor, pair.property,
                        type, 32, static_cast<std::uint32_t>(words.size()), words.data());
  };
  if (pair.target == atoms.timestamp) return put(XCB_ATOM_INTEGER, {from.since}), true;
  if (pair.target != atoms.targets) return false;
  std::vector<std::uint32_t> known = {atoms.targets, atoms.timestamp, atoms.multiple};
  for (const Target& target : from.targets) known.push_back(target.atom);
  put(XCB_ATOM_ATOM, known);
  return true;
}

const Target* SelectionOwner::wanted(const Paste& paste) const {
  const std::vector<Target>& targets = state(paste.selection).targets;
  const auto found = std::find_if(targets.begin(), targets.end(), [&](const Target& target) {
    return target.atom == paste.pairs[paste.at].target;
  });
  return found == targets.end() ? nullptr : &*found;
}

bool SelectionOwner::advance(Paste& paste) {
  for (; paste.at < paste.pairs.size(); ++paste.at) {
    Pair& pair = paste.pairs[paste.at];
    if (pair.property != XCB_ATOM_NONE && answer_at_once(paste, pair)) continue;
    if (pair.property != XCB_ATOM_NONE && wanted(paste) != nullptr) return false;
    pair.property = XCB_ATOM_NONE;
  }
  notify(paste, false);
  return true;
}

void SelectionOwner::ask_next(Selection selection) {
  State& from = state(selection);
  if (from.asked) return;
  for (auto paste = pastes_.begin(); paste != pastes_.end() && !from.asked;) {
    // The guest may have taken the selection again, with other contents.
    if (paste->selection == selection && advance(*paste)) {
      paste = pastes_.erase(paste);
      continue;
    }
    if (paste->selection == selection) from.asked = wanted(*paste)->type;
    ++paste;
  }
  if (from.asked) ask_(selection, *from.asked);
}

void SelectionOwner::give(Selection selection, ClipboardType type, const SharedBytes& data,
                          TimePoint now) {
  const auto asked = std::exchange(state(selection).asked, std::nullopt);
  if (!asked) return;
  for (Paste& paste : pastes_) {
    if (paste.selection != selection) continue;
    while (paste.at < paste.pairs.size()) {
      const Target* target = wanted(paste);
      if (target == nullptr || target->type != *asked) break;
      Pair& pair = paste.pairs[paste.at++];
      if (type != *asked || !convert(paste, pair, *target, data, now)) {
        pair.property = XCB_ATOM_NONE;
      }
    }
    paste.until = now + patience;
  }
  ask_next(selection);
}

bool SelectionOwner::convert(const Paste& paste, const Pair& pair, const Target& target,
                             const SharedBytes& data, TimePoint now) {
  auto contents = to_form(target.form, data);
  // TEXT is a question: the answer says which kind it is.
  const bool any = target.form == TargetForm::any_text;
  const xcb_atom_t as = any ? display_.targets().front().atom : target.atom;
  return contents && send(paste.event.requestor, pair, as, std::move(*contents), now);
}

void SelectionOwner::notify(const Paste& paste, bool refused) {
  const xcb_selection_request_event_t& event = paste.event;
  const bool multiple = event.target == display_.atoms().multiple;
  xcb_atom_t property = multiple ? event.property : XCB_ATOM_NONE;
  if (!refused && multiple) {  // what could not be given has no property there
    xcb_change_property(display_.get(), XCB_PROP_MODE_REPLACE, event.requestor, event.property,
                        display_.atoms().atom_pair, 32,
                        static_cast<std::uint32_t>(paste.pairs.size() * 2), paste.pairs.data());
  } else if (!multiple && !paste.pairs.empty()) {
    property = paste.pairs[0].property;
  }
  xcb_selection_notify_event_t out{};
  out.response_type = XCB_SELECTION_NOTIFY;
  out.time = event.time;
  out.requestor = event.requestor;
  out.selection = event.selection;
  out.target = event.target;
  out.property = refused ? static_cast<xcb_atom_t>(XCB_ATOM_NONE) : property;
  char wire[32] = {};  // every event has this size
  std::copy_n(reinterpret_cast<const char*>(&out), sizeof out, wire);
  xcb_send_event(display_.get(), 0, event.requestor, 0, wire);
}

void SelectionOwner::tick(TimePoint now) {
  std::erase_if(pastes_, [&](const Paste& paste) {
    if (paste.until > now) return false;
    notify(paste, true);
    return true;
  });
  for (auto it = sending_.begin(); it != sending_.end();) {
    const auto which = it++;
    if (which->second.until <= now) stop_sending(which);
  }
}

TimePoint SelectionOwner::next() const {
  TimePoint next = TimePoint::max();
  for (const Paste& paste : pastes_) next = std::min(next, paste.until);
  for (const auto& [where, sending] : sending_) next = std::min(next, sending.until);
  return next;
}

}  // namespace cassia::client
