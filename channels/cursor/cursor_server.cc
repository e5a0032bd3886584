// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>

#include <algorithm>
#include <list>
#include <utility>

#include "channels/cursor/cursor_channel.h"
#include "protocol/spice/cursor_messages.h"

namespace cassia::channels {
namespace {

// As many as libspice-server lets a client keep.
constexpr std::size_t max_cached = 256;

class Server final : public CursorServer {
 public:
  explicit Server(CursorServerEvents& events) : events_(events) {}

  void on_open() override { events_.cursor_opened(); }
  void on_writable() override { events_.cursor_writable(); }
  Result<void> on_message(std::uint16_t type, ByteView, TimePoint) override {
    return fail(ErrorKind::malformed, "unknown cursor message {}", type);
  }
  void on_closed(const Error& why) override { events_.cursor_closed(why); }

  void send_init(const CursorState& state) override;
  void send_set(const CursorState& state) override;
  void send_move(raster::Point position) override;
  void send_hide() override;
  void send_reset() override;
  void send_invalidate_all() override;

 private:
  spice::CursorImage image_of(const CursorShapePtr& shape);
  bool cached(std::uint64_t unique);
  void remember(std::uint64_t unique);
  void need_init() {
    if (!initialised_) send_init({});
  }

  CursorServerEvents& events_;
  std::list<std::uint64_t> cache_;  // most recently used first
  bool initialised_ = false;
  std::pair<std::uint16_t, std::uint16_t> trail_;  // length and frequency as last sent
};

spice::SmallPoint wire_point(raster::Point p) {
  const auto clamp = [](std::int32_t v) {
    return static_cast<std::int16_t>(std::clamp(v, -32768, 32767));
  };
  return {clamp(p.x), clamp(p.y)};
}

bool Server::cached(std::uint64_t unique) {
  const auto found = std::find(cache_.begin(), cache_.end(), unique);
  if (found == cache_.end()) return false;
  cache_.splice(cache_.begin(), cache_, found);
  return true;
}

void Server::remember(std::uint64_t unique) {
  if (cache_.size() == max_cached) {
    send(SPICE_MSG_CURSOR_INVAL_ONE, wire::encode(spice::CursorInvalOne{cache_.back()}));
    cache_.pop_back();
  }
  cache_.push_front(unique);
}

spice::CursorImage Server::image_of(const CursorShapePtr& shape) {
  spice::CursorImage image;
  if (!shape) return image;
  image.flags = 0;
  image.unique = shape->unique;
  image.type = static_cast<std::uint8_t>(shape->type);
  image.width = shape->width;
  image.height = shape->height;
  image.hot_x = shape->hot_x;
  image.hot_y = shape->hot_y;
  if (shape->unique != 0 && cached(shape->unique)) {
    image.flags = spice::cursor_from_cache;
    return image;
  }
  image.data = wire::Blob(shape->data);
  if (shape->unique != 0) {
    image.flags = spice::cursor_cache_me;
    remember(shape->unique);
  }
  return image;
}

void Server::send_init(const CursorState& state) {
  cache_.clear();
  initialised_ = true;
  spice::CursorInit m;
  m.position = wire_point(state.position);
  m.trail_length = state.trail_length;
  m.trail_frequency = state.trail_frequency;
  m.visible = state.visible ? 1 : 0;
  trail_ = {state.trail_length, state.trail_frequency};
  m.cursor = image_of(state.shape);
  link()->send(SPICE_MSG_CURSOR_INIT, wire::encode_pieces(m));
}

void Server::send_set(const CursorState& state) {
  if (!initialised_) return send_init(state);
  const std::pair trail{state.trail_length, state.trail_frequency};
  if (std::exchange(trail_, trail) != trail) {
    send(SPICE_MSG_CURSOR_TRAIL, wire::encode(spice::CursorTrail{trail.first, trail.second}));
  }
  spice::CursorSet m;
  m.position = wire_point(state.position);
  m.visible = state.visible ? 1 : 0;
  m.cursor = image_of(state.shape);
  link()->send(SPICE_MSG_CURSOR_SET, wire::encode_pieces(m));
}

void Server::send_move(raster::Point position) {
  need_init();
  send(SPICE_MSG_CURSOR_MOVE, wire::encode(spice::CursorMove{wire_point(position)}));
}

void Server::send_hide() {
  need_init();
  send(SPICE_MSG_CURSOR_HIDE, {});
}

// Stock clients take nothing but an INIT after a RESET.
void Server::send_reset() {
  send(SPICE_MSG_CURSOR_RESET, {});
  cache_.clear();
  initialised_ = false;
}

void Server::send_invalidate_all() {
  if (!initialised_ || cache_.empty()) return;
  cache_.clear();
  send(SPICE_MSG_CURSOR_INVAL_ALL, {});
}

}  // namespace

std::unique_ptr<CursorServer> CursorServer::create(CursorServerEvents& events) {
  return std::make_unique<Server>(events);
}

}  // namespace cassia::channels
