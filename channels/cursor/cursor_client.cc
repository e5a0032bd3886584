// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>

#include <deque>
#include <map>

#include "channels/cursor/cursor_channel.h"
#include "protocol/spice/cursor_messages.h"

namespace cassia::channels {
namespace {

// libspice-server counts 256 cursors in its model of our cache; a hostile one gets no more of ours.
constexpr std::size_t max_cached = 1024;
constexpr std::size_t max_cached_bytes = std::size_t{64} << 20;

class ShapeCache {
 public:
  void put(CursorShapePtr shape) {
    erase(shape->unique);
    bytes_ += shape->data.size();
    order_.push_back(shape->unique);
    shapes_[shape->unique] = std::move(shape);
    while (shapes_.size() > max_cached || bytes_ > max_cached_bytes) erase(order_.front());
  }
  CursorShapePtr find(std::uint64_t unique) const {
    const auto found = shapes_.find(unique);
    return found == shapes_.end() ? nullptr : found->second;
  }
  void erase(std::uint64_t unique) {
    const auto found = shapes_.find(unique);
    if (found == shapes_.end()) return;
    bytes_ -= found->second->data.size();
    shapes_.erase(found);
    std::erase(order_, unique);
  }
  void clear() { *this = {}; }

 private:
  std::map<std::uint64_t, CursorShapePtr> shapes_;
  std::deque<std::uint64_t> order_;
  std::size_t bytes_ = 0;
};

class Client final : public CursorClient {
 public:
  explicit Client(CursorClientEvents& events) : events_(events) {}

  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_closed(const Error& why) override { events_.cursor_closed(why); }

 private:
  Result<void> on_init(ByteView body);
  Result<void> on_set(ByteView body);
  void on_reset();
  CursorShapePtr shape_of(const spice::CursorImage& image);

  CursorClientEvents& events_;
  ShapeCache cache_;
  CursorState state_;
};

CursorShapePtr Client::shape_of(const spice::CursorImage& image) {
  if ((image.flags & spice::cursor_none) != 0) return nullptr;
  if ((image.flags & spice::cursor_from_cache) != 0) return cache_.find(image.unique);
  auto shape = std::make_shared<CursorShape>();
  shape->unique = image.unique;
  shape->type = static_cast<CursorType>(image.type);
  shape->width = image.width;
  shape->height = image.height;
  shape->hot_x = std::min(image.hot_x, image.width);
  shape->hot_y = std::min(image.hot_y, image.height);
  shape->data = image.data.keep();
  if ((image.flags & spice::cursor_cache_me) != 0) cache_.put(shape);
  return shape;
}

Result<void> Client::on_init(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::CursorInit>(body));
  cache_.clear();
  state_.position = {m.position.x, m.position.y};
  state_.visible = m.visible != 0;
  state_.trail_length = m.trail_length;
  state_.trail_frequency = m.trail_frequency;
  state_.shape = shape_of(m.cursor);
  events_.cursor_set(state_);
  return {};
}

Result<void> Client::on_set(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::CursorSet>(body));
  state_.position = {m.position.x, m.position.y};
  state_.visible = m.visible != 0;
  state_.shape = shape_of(m.cursor);
  events_.cursor_set(state_);
  return {};
}

void Client::on_reset() {
  cache_.clear();
  state_ = {};
  state_.visible = false;
  events_.cursor_set(state_);
}

Result<void> Client::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSG_CURSOR_INIT:
      return on_init(body);
    case SPICE_MSG_CURSOR_SET:
      return on_set(body);
    case SPICE_MSG_CURSOR_RESET:
      return on_reset(), Result<void>{};
    case SPICE_MSG_CURSOR_MOVE: {
      const auto m = CASSIA_TRY(wire::parse<spice::CursorMove>(body));
      state_.position = {m.position.x, m.position.y};
      state_.visible = true;
      events_.cursor_move(state_.position);
      return {};
    }
    case SPICE_MSG_CURSOR_HIDE:
      state_.visible = false;
      events_.cursor_hide();
      return {};
    case SPICE_MSG_CURSOR_TRAIL: {
      const auto m = CASSIA_TRY(wire::parse<spice::CursorTrail>(body));
      state_.trail_length = m.length;
      state_.trail_frequency = m.frequency;
      events_.cursor_set(state_);
      return {};
    }
    case SPICE_MSG_CURSOR_INVAL_ONE:
      cache_.erase(CASSIA_TRY(wire::parse<spice::CursorInvalOne>(body)).id);
      return {};
    case SPICE_MSG_CURSOR_INVAL_ALL:
      return cache_.clear(), Result<void>{};
    default:
      return {};
  }
}

}  // namespace

std::unique_ptr<CursorClient> CursorClient::create(CursorClientEvents& events) {
  return std::make_unique<Client>(events);
}

}  // namespace cassia::channels
