// SPDX-License-Identifier: Apache-2.0
#include "client/clipboard/selection_reader.h"

#include <algorithm>
#include <utility>

namespace cassia::client {

void SelectionReader::read(xcb_atom_t selection, xcb_atom_t target, std::size_t cap, TimePoint now,
                           Done done) {
  const xcb_window_t window = display_.make_window(XCB_EVENT_MASK_PROPERTY_CHANGE);
  questions_[window] = {selection, target, cap, now + patience, std::move(done)};
  // The time of now: what is asked for is what is there, whenever it came.
  xcb_convert_selection(display_.get(), window, selection, target, display_.atoms().data,
                        XCB_CURRENT_TIME);
}

void SelectionReader::on(const xcb_selection_notify_event_t& event, TimePoint now) {
  const auto found = questions_.find(event.requestor);
  if (found == questions_.end() || found->second.pieces) return;
  const Question& question = found->second;
  if (event.selection != question.selection || event.target != question.target) return;
  if (event.property == XCB_ATOM_NONE) {
    return finish(found, fail(ErrorKind::not_found, "the clipboard's owner has no such contents"));
  }
  take(found, now);
}

void SelectionReader::on(const xcb_property_notify_event_t& event, TimePoint now) {
  const auto found = questions_.find(event.window);
  if (found == questions_.end() || !found->second.pieces) return;
  if (event.state == XCB_PROPERTY_NEW_VALUE && event.atom == display_.atoms().data) {
    take(found, now);
  }
}

void SelectionReader::take(Questions::iterator which, TimePoint now) {
  Question& question = which->second;
  question.until = now + patience;
  const std::size_t room = question.cap - question.contents.data.size();
  auto piece = display_.take_property(which->first, display_.atoms().data, room);
  if (!piece) return finish(which, fail(piece.error()));
  if (!question.pieces) {
    // To delete the announcement is to ask for the first piece.
    if (piece->type != display_.atoms().incr) return finish(which, std::move(piece));
    question.pieces = true;
    return;
  }
  // Gone already: two changes, told apart too late. The end is a property of no bytes.
  if (piece->type == XCB_ATOM_NONE) return;
  if (piece->data.empty()) return finish(which, std::move(question.contents));
  question.contents.type = piece->type;
  question.contents.format = piece->format;
  question.contents.data.insert(question.contents.data.end(), piece->data.begin(),
                                piece->data.end());
}

void SelectionReader::finish(Questions::iterator which, Result<Property> result) {
  const Done done = std::move(which->second.done);
  xcb_destroy_window(display_.get(), which->first);  // an owner with more to send gives up
  questions_.erase(which);
  if (result && result->type == XCB_ATOM_NONE) {
    return done(fail(ErrorKind::not_found, "the clipboard's owner left nothing"));
  }
  done(std::move(result));
}

void SelectionReader::tick(TimePoint now) {
  for (;;) {
    const auto late = std::find_if(questions_.begin(), questions_.end(),
                                   [now](const auto& q) { return q.second.until <= now; });
    if (late == questions_.end()) return;
    finish(late, fail(ErrorKind::timeout, "the clipboard's owner does not answer"));
  }
}

TimePoint SelectionReader::next() const {
  TimePoint next = TimePoint::max();
  for (const auto& [window, question] : questions_) next = std::min(next, question.until);
  return next;
}

}  // namespace cassia::client
