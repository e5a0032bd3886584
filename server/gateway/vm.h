// SPDX-License-Identifier: Apache-2.0
#pragma once

// One guest and all that is known of it: its displays, pointers, mouse mode and name, kept while
// viewers come and go.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/display/pipeline.h"
#include "server/gateway/agent_hub.h"
#include "server/gateway/audio_hub.h"
#include "server/gateway/cursor_hub.h"
#include "server/gateway/device_hub.h"
#include "server/guest/guest_source.h"

namespace cassia::server {

class InputsViewer;

/// What the sessions want to hear of. Called on the event loop's thread.
class VmListener {
 public:
  virtual ~VmListener() = default;
  virtual void vm_mouse_mode(std::uint32_t supported, channels::MouseMode current) = 0;
  virtual void vm_name(const std::string& name) = 0;
  virtual void vm_uuid(const channels::Uuid& uuid) = 0;
  /// Channels of devices or sound that were not there before.
  virtual void vm_channels(const std::vector<spice::ChannelId>& appeared) = 0;
};

class Vm final : private GuestEvents {
 public:
  struct Head {
    explicit Head(DisplayId display);
    Pipeline pipeline;
    CursorHub cursor;
  };

  explicit Vm(std::unique_ptr<GuestSource> guest);
  ~Vm() override;

  /// `first_outcome` is called once: when the guest shows its first picture, or could not be
  /// reached.
  void start(std::function<void()> first_outcome);
  void stop() { guest_->stop(); }

  GuestSource& guest() { return *guest_; }
  AgentHub& agent() { return agent_; }
  DeviceHub& devices() { return devices_; }
  std::size_t heads() const { return heads_.size(); }
  Head& head(DisplayId display) { return *heads_[display]; }
  AudioHub& audio() { return audio_; }
  const AudioHub& audio() const { return audio_; }

  /// Viewers that can read a display's picture from shared memory get it so.
  void set_gl_scanout(bool on) { gl_scanout_ = on; }
  bool gl_scanout() const { return gl_scanout_; }

  std::uint32_t supported_mouse_modes() const { return supported_mouse_modes_; }
  channels::MouseMode mouse_mode() const { return mouse_mode_; }
  std::uint16_t modifiers() const { return modifiers_; }
  const std::string& name() const { return name_; }
  const std::optional<channels::Uuid>& uuid() const { return uuid_; }

  void add(VmListener* listener) { listeners_.insert(listener); }
  void remove(VmListener* listener) { listeners_.erase(listener); }
  void add(InputsViewer* viewer) { inputs_.insert(viewer); }
  void remove(InputsViewer* viewer) { inputs_.erase(viewer); }

 private:
  void guest_online(unsigned displays) override;
  void guest_shown() override;
  void guest_offline(const std::string& why) override;
  void guest_moved() override;
  void guest_reset(DisplayId display) override;
  void guest_surface_create(DisplayId display, const channels::SurfaceInfo& surface) override;
  void guest_surface_destroy(DisplayId display, raster::SurfaceId id) override;
  void guest_mark(DisplayId display) override;
  void guest_draw(DisplayId display, raster::DrawOpPtr op) override;
  void guest_monitors(DisplayId display, const channels::MonitorsConfig& config) override;
  void guest_cursor_set(DisplayId display, const channels::CursorState& state) override;
  void guest_cursor_move(DisplayId display, raster::Point position) override;
  void guest_cursor_hide(DisplayId display) override;
  void guest_mouse_mode(std::uint32_t supported, channels::MouseMode current) override;
  void guest_modifiers(std::uint16_t modifiers) override;
  void guest_name(const std::string& name) override;
  void guest_uuid(const channels::Uuid& uuid) override;
  GuestAgentEvents* guest_agent_events() override { return &agent_; }
  void guest_devices(std::vector<GuestDevice> devices) override {
    devices_.offered(std::move(devices));
  }

  void tell_channels(const std::vector<spice::ChannelId>& appeared);
  Head& grown_to(DisplayId display);
  void report_first_outcome();

  std::vector<std::unique_ptr<Head>> heads_;  ///< only grows: viewers hold references
  AudioHub audio_;
  std::set<VmListener*> listeners_;
  std::set<InputsViewer*> inputs_;
  std::function<void()> first_outcome_;
  bool seen_ = false;  ///< the guest was there at least once
  std::uint32_t supported_mouse_modes_ = static_cast<std::uint32_t>(channels::MouseMode::server);
  channels::MouseMode mouse_mode_ = channels::MouseMode::server;
  bool gl_scanout_ = false;
  std::uint16_t modifiers_ = 0;
  std::string name_;
  std::optional<channels::Uuid> uuid_;
  AgentHub agent_{[this] { return guest_->agent(); }};
  DeviceHub devices_;
  std::unique_ptr<GuestSource> guest_;  ///< last: it goes first and calls nothing that is gone
};

}  // namespace cassia::server
