// SPDX-License-Identifier: Apache-2.0
#pragma once

// The pointer of one display, and the viewers that are told of it. A viewer that does not read gets
// the newest state once it does, never a backlog.

#include <set>

#include "channels/cursor/cursor_channel.h"

namespace cassia::server {

class CursorViewer;

class CursorHub {
 public:
  void set(const channels::CursorState& state);
  void move(raster::Point position);
  void hide();
  /// Back to no pointer at all: the guest is another one now.
  void reset();

  const channels::CursorState& state() const { return state_; }
  void add(CursorViewer* viewer) { viewers_.insert(viewer); }
  void remove(CursorViewer* viewer) { viewers_.erase(viewer); }

 private:
  channels::CursorState state_{{}, false, nullptr, 0, 0};
  std::set<CursorViewer*> viewers_;
};

/// One viewer's cursor channel. Must not outlive the hub.
class CursorViewer final : public channels::CursorServerEvents {
 public:
  explicit CursorViewer(CursorHub& hub) : hub_(hub) {}
  ~CursorViewer() override { hub_.remove(this); }
  CursorViewer(const CursorViewer&) = delete;
  CursorViewer& operator=(const CursorViewer&) = delete;

  std::unique_ptr<channels::Channel> make_channel();

  enum class Due : std::uint8_t { nothing, move, hide, set };
  /// The hub's state has changed in this respect.
  void changed(Due what);
  /// The shapes sent so far belong to a guest that is gone.
  void forget_shapes() {
    if (open_) channel_->send_invalidate_all();
  }

 private:
  void cursor_opened() override;
  void cursor_writable() override { flush(); }
  void cursor_closed(const Error& why) override;
  void flush();

  CursorHub& hub_;
  channels::CursorServer* channel_ = nullptr;
  bool open_ = false;
  Due due_ = Due::nothing;
};

}  // namespace cassia::server
