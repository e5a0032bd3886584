// SPDX-License-Identifier: Apache-2.0
#pragma once

// Everything that a guest adapter tells, kept to be looked at; its pictures are drawn.

#include <map>
#include <memory>

#include "server/display/pipeline.h"
#include "server/guest/guest_source.h"

namespace cassia::server {

class GuestRecord final : public GuestEvents, public GuestAgentEvents, public GuestAudioEvents {
 public:
  void guest_online(unsigned displays) override { displays_ = displays; }
  void guest_shown() override { ++shown_; }
  void guest_offline(const std::string& why) override {
    ++offline_;
    why_ = why;
  }
  void guest_reset(DisplayId display) override { head(display).reset(); }
  void guest_surface_create(DisplayId display, const channels::SurfaceInfo& surface) override {
    head(display).surface_create(surface);
  }
  void guest_surface_destroy(DisplayId display, raster::SurfaceId id) override {
    head(display).surface_destroy(id);
  }
  void guest_mark(DisplayId display) override { head(display).mark(); }
  void guest_draw(DisplayId display, raster::DrawOpPtr op) override {
    drawn_.push_back(op->box);
    head(display).draw(std::move(op));
  }
  void guest_monitors(DisplayId, const channels::MonitorsConfig& config) override {
    monitors_ = config;
  }
  void guest_cursor_set(DisplayId, const channels::CursorState& state) override { cursor_ = state; }
  void guest_cursor_move(DisplayId, raster::Point position) override {
    cursor_.position = position;
    cursor_.visible = true;
  }
  void guest_cursor_hide(DisplayId) override { cursor_.visible = false; }
  void guest_mouse_mode(std::uint32_t supported, channels::MouseMode current) override {
    mouse_modes_ = supported;
    mouse_mode_ = current;
  }
  void guest_modifiers(std::uint16_t modifiers) override { modifiers_ = modifiers; }
  void guest_name(const std::string& name) override { name_ = name; }
  void guest_uuid(const channels::Uuid& uuid) override { uuid_ = uuid; }
  GuestAgentEvents* guest_agent_events() override { return this; }

  void guest_agent_up(const spice::Capabilities& caps) override {
    agent_up_ = true;
    agent_caps_ = caps;
  }
  void guest_agent_down() override { agent_up_ = false; }
  void guest_agent_message(const spice::AgentMessage& message) override {
    said_.push_back(message);
  }
  void guest_agent_clipboard_too_large(spice::Selection) override {}
  void guest_agent_writable() override {}

  void guest_can_play() override { can_play_ = true; }
  void guest_can_record() override { can_record_ = true; }
  void guest_playback_start(const channels::AudioFormat& format, channels::AudioMode,
                            std::uint32_t) override {
    playing_ = true;
    format_ = format;
  }
  void guest_playback_data(std::uint32_t, SharedBytes packet) override {
    const auto samples = channels::samples_of(packet.view());
    heard_.insert(heard_.end(), samples.begin(), samples.end());
  }
  void guest_playback_stop() override { playing_ = false; }
  void guest_playback_volume(const channels::AudioVolume& volume) override { volume_ = volume; }
  void guest_playback_latency(std::uint32_t) override {}
  void guest_record_start(const channels::AudioFormat& format) override {
    recording_ = true;
    record_format_ = format;
  }
  void guest_record_stop() override { recording_ = false; }
  void guest_record_volume(const channels::AudioVolume&) override {}

  Pipeline& head(DisplayId display) {
    auto& held = heads_[display];
    if (!held) held = std::make_unique<Pipeline>(raster::make_reference_canvas());
    return *held;
  }
  raster::Size size(DisplayId display = 0) {
    const auto picture = head(display).picture();
    return picture ? picture->size() : raster::Size{};
  }
  /// The last message of that type, or null.
  template <class Message>
  const Message* said() const {
    for (auto one = said_.rbegin(); one != said_.rend(); ++one) {
      if (const auto* found = std::get_if<Message>(&*one)) return found;
    }
    return nullptr;
  }

  unsigned displays_ = 0, shown_ = 0, offline_ = 0;
  std::string why_, name_;
  std::optional<channels::Uuid> uuid_;
  std::vector<raster::Rect> drawn_;
  channels::MonitorsConfig monitors_;
  channels::CursorState cursor_{{}, false, nullptr, 0, 0};
  std::uint32_t mouse_modes_ = 0;
  channels::MouseMode mouse_mode_ = channels::MouseMode::server;
  std::uint16_t modifiers_ = 0;
  bool agent_up_ = false, can_play_ = false, can_record_ = false;
  bool playing_ = false, recording_ = false;
  spice::Capabilities agent_caps_;
  std::vector<spice::AgentMessage> said_;
  channels::AudioFormat format_, record_format_;
  channels::Samples heard_;
  std::optional<channels::AudioVolume> volume_;

 private:
  std::map<DisplayId, std::unique_ptr<Pipeline>> heads_;
};

}  // namespace cassia::server
