// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/cursor_hub.h"

#include <algorithm>

namespace cassia::server {

void CursorHub::set(const channels::CursorState& state) {
  state_ = state;
  for (CursorViewer* viewer : viewers_) viewer->changed(CursorViewer::Due::set);
}

void CursorHub::move(raster::Point position) {
  const bool was_hidden = !state_.visible;
  state_.position = position;
  state_.visible = true;
  const auto due = was_hidden ? CursorViewer::Due::set : CursorViewer::Due::move;
  for (CursorViewer* viewer : viewers_) viewer->changed(due);
}

void CursorHub::hide() {
  state_.visible = false;
  for (CursorViewer* viewer : viewers_) viewer->changed(CursorViewer::Due::hide);
}

void CursorHub::reset() {
  for (CursorViewer* viewer : viewers_) viewer->forget_shapes();
  set({{}, false, nullptr, 0, 0});
}

std::unique_ptr<channels::Channel> CursorViewer::make_channel() {
  auto channel = channels::CursorServer::create(*this);
  channel_ = channel.get();
  return channel;
}

void CursorViewer::cursor_opened() {
  open_ = true;
  channel_->send_init(hub_.state());
  hub_.add(this);
}

void CursorViewer::cursor_closed(const Error&) {
  open_ = false;
  hub_.remove(this);
}

void CursorViewer::changed(Due what) {
  due_ = std::max(due_, what);
  flush();
}

void CursorViewer::flush() {
  if (!open_ || due_ == Due::nothing || !channel_->link()->writable()) return;
  const channels::CursorState& state = hub_.state();
  switch (std::exchange(due_, Due::nothing)) {
    case Due::nothing:
      break;
    case Due::move:
      channel_->send_move(state.position);
      break;
    case Due::hide:
      // A move that came after the hide has made it visible again.
      state.visible ? channel_->send_set(state) : channel_->send_hide();
      break;
    case Due::set:
      channel_->send_set(state);
      break;
  }
}

}  // namespace cassia::server
