// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a screen, a keyboard and a mouse come from: a VM behind SPICE, QEMU over D-Bus, the
// built-in demo. The adapter turns whatever it speaks into GuestEvents and takes commands.

#include <cstdint>
#include <string>

#include "channels/cursor/cursor_channel.h"
#include "channels/display/display_types.h"
#include "channels/inputs/inputs_channel.h"
#include "channels/main/main_channel.h"
#include "server/guest/device_end.h"
#include "server/guest/guest_agent.h"
#include "server/guest/guest_audio.h"

namespace cassia::server {

using DisplayId = std::uint8_t;

/// Called on the event loop's thread, never from inside a GuestSource command.
class GuestEvents {
 public:
  virtual ~GuestEvents() = default;

  /// The guest is there; its surfaces come next, for displays 0 to `displays` - 1. What an earlier
  /// connection has drawn is void for a display once guest_reset() comes for it.
  virtual void guest_online(unsigned displays) = 0;
  /// The first picture is complete: viewers that join now see the guest.
  virtual void guest_shown() = 0;
  /// The guest is away; the adapter goes on trying. Its last picture stays.
  virtual void guest_offline(const std::string& why) = 0;
  /// The guest runs on another host now, where the adapter connects to it at once. As after
  /// guest_offline() its agent, sound and devices are gone until they are told of anew; its picture
  /// stays until guest_reset().
  virtual void guest_moved() { guest_offline("the guest has moved"); }

  virtual void guest_reset(DisplayId display) = 0;
  virtual void guest_surface_create(DisplayId display, const channels::SurfaceInfo& surface) = 0;
  virtual void guest_surface_destroy(DisplayId display, raster::SurfaceId id) = 0;
  virtual void guest_mark(DisplayId display) = 0;
  virtual void guest_draw(DisplayId display, raster::DrawOpPtr op) = 0;
  virtual void guest_monitors(DisplayId display, const channels::MonitorsConfig& config) = 0;

  virtual void guest_cursor_set(DisplayId display, const channels::CursorState& state) = 0;
  virtual void guest_cursor_move(DisplayId display, raster::Point position) = 0;
  virtual void guest_cursor_hide(DisplayId display) = 0;

  /// `supported` is a mask of channels::MouseMode.
  virtual void guest_mouse_mode(std::uint32_t supported, channels::MouseMode current) = 0;
  virtual void guest_modifiers(std::uint16_t modifiers) = 0;
  virtual void guest_name(const std::string& name) = 0;
  virtual void guest_uuid(const channels::Uuid& uuid) = 0;

  /// Who hears of the guest's agent; null if nobody does. guest_offline() takes the agent along.
  virtual GuestAgentEvents* guest_agent_events() { return nullptr; }
  /// All device channels that the guest offers from now on.
  virtual void guest_devices(std::vector<GuestDevice> devices) { (void)devices; }
};

/// Commands are dropped while the guest is away.
class GuestSource {
 public:
  virtual ~GuestSource() = default;

  /// Where the guest's sound goes, which must outlive the source. Before start(); without it the
  /// guest is silent.
  virtual void set_audio(GuestAudioEvents& events) { (void)events; }
  /// One packet of the microphone, while the guest wants it (guest_record_start()).
  virtual void record_data(channels::AudioMode mode, std::uint32_t time, SharedBytes packet) {
    (void)mode, (void)time, (void)packet;
  }

  /// `events` must outlive the source. Called once.
  virtual void start(GuestEvents& events) = 0;
  /// Ends all that start() began; no events come after it. Idempotent.
  virtual void stop() = 0;
  /// For logs: "spice+unix:/run/vm.sock", "demo".
  virtual std::string name() const = 0;

  virtual void key_down(std::uint32_t scancode) = 0;  ///< as channels::InputsClient
  virtual void key_up(std::uint32_t scancode) = 0;
  virtual void key_modifiers(std::uint16_t modifiers) = 0;
  virtual void mouse_motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held) = 0;
  virtual void mouse_position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held,
                              DisplayId display) = 0;
  virtual void mouse_press(channels::MouseButton button, channels::ButtonMask held) = 0;
  virtual void mouse_release(channels::MouseButton button, channels::ButtonMask held) = 0;
  virtual void request_mouse_mode(channels::MouseMode mode) = 0;

  /// Null while there is none.
  virtual GuestAgent* agent() { return nullptr; }
  /// Opens a device channel of guest_devices() for `viewer`; it is up once that end is told
  /// device_ready(), later. Null if there is no such channel now. Closed by device_gone().
  virtual std::shared_ptr<DeviceEnd> open_device(spice::ChannelId id,
                                                 std::weak_ptr<DeviceEnd> viewer) {
    (void)id, (void)viewer;
    return nullptr;
  }
};

}  // namespace cassia::server
