// SPDX-License-Identifier: Apache-2.0
#include "server/guest/page_guest.h"

#include <boost/asio/post.hpp>

namespace cassia::server {
namespace {

class PageGuest final : public GuestSource {
 public:
  PageGuest(net::Executor executor, DrawPage page) : executor_(executor), page_(std::move(page)) {}
  ~PageGuest() override { stop(); }

  void start(GuestEvents& events) override {
    boost::asio::post(executor_, [this, &events, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) show(events);
    });
  }
  void stop() override { alive_.reset(); }
  std::string name() const override { return "demo page " + page_.name; }

  void key_down(std::uint32_t) override {}
  void key_up(std::uint32_t) override {}
  void key_modifiers(std::uint16_t) override {}
  void mouse_motion(std::int32_t, std::int32_t, channels::ButtonMask) override {}
  void mouse_position(std::uint32_t, std::uint32_t, channels::ButtonMask, DisplayId) override {}
  void mouse_press(channels::MouseButton, channels::ButtonMask) override {}
  void mouse_release(channels::MouseButton, channels::ButtonMask) override {}
  void request_mouse_mode(channels::MouseMode) override {}

 private:
  void show(GuestEvents& events) const {
    events.guest_online(1);
    events.guest_name("Cassia " + page_.name);
    events.guest_mouse_mode(static_cast<std::uint32_t>(channels::MouseMode::client),
                            channels::MouseMode::client);
    events.guest_reset(0);
    for (const auto& surface : page_.surfaces) events.guest_surface_create(0, surface);
    for (const auto& draw : page_.draws) events.guest_draw(0, draw);
    events.guest_monitors(0, {1, {{0, 0, raster::Rect::of(page_.size), 0}}});
    events.guest_mark(0);
    events.guest_shown();
  }

  net::Executor executor_;
  const DrawPage page_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<GuestSource> make_page_guest(net::Executor executor, DrawPage page) {
  return std::make_unique<PageGuest>(std::move(executor), std::move(page));
}

}  // namespace cassia::server
