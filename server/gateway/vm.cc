// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/vm.h"

#include "base/log.h"
#include "server/gateway/inputs_viewer.h"

namespace cassia::server {

Vm::Head::Head(DisplayId display) : pipeline(raster::make_reference_canvas(), {}, display) {}

Vm::Vm(std::unique_ptr<GuestSource> guest)
    : audio_(
          [this](channels::AudioMode mode, std::uint32_t time, ByteView packet) {
            guest_->record_data(mode, time, SharedBytes(to_bytes(packet)));
          },
          [this](spice::ChannelId id) { tell_channels({id}); }),
      devices_(*guest,
               [this](const std::vector<spice::ChannelId>& appeared) { tell_channels(appeared); }),
      guest_(std::move(guest)) {
  guest_->set_audio(audio_);
  grown_to(0);
}

Vm::~Vm() = default;

void Vm::start(std::function<void()> first_outcome) {
  first_outcome_ = std::move(first_outcome);
  guest_->start(*this);
}

void Vm::report_first_outcome() {
  if (first_outcome_) std::exchange(first_outcome_, nullptr)();
}

void Vm::tell_channels(const std::vector<spice::ChannelId>& appeared) {
  for (VmListener* listener : listeners_) listener->vm_channels(appeared);
}

Vm::Head& Vm::grown_to(DisplayId display) {
  while (heads_.size() <= display)
    heads_.push_back(std::make_unique<Head>(static_cast<DisplayId>(heads_.size())));
  return *heads_[display];
}

void Vm::guest_online(unsigned displays) {
  if (displays > 0) grown_to(static_cast<DisplayId>(displays - 1));
  log_info("guest", "{} is there, {} display{}", guest_->name(), displays,
           displays == 1 ? "" : "s");
}

void Vm::guest_shown() {
  seen_ = true;
  report_first_outcome();
}

// No notice: the guest was not away, and its picture is there again in a moment.
void Vm::guest_moved() {
  audio_.guest_gone();
  agent_.guest_agent_down();
  devices_.guest_away();
}

void Vm::guest_offline(const std::string&) {
  audio_.guest_gone();
  for (auto& head : heads_) {
    if (head == heads_.front() || head->pipeline.picture()) {
      head->pipeline.show_notice(seen_ ? "guest restarting" : "waiting for the guest");
    }
    head->cursor.hide();
  }
  agent_.guest_agent_down();
  devices_.guest_away();
  report_first_outcome();
}

void Vm::guest_reset(DisplayId display) {
  grown_to(display).pipeline.reset();
  head(display).cursor.reset();
}

void Vm::guest_surface_create(DisplayId display, const channels::SurfaceInfo& surface) {
  grown_to(display).pipeline.surface_create(surface);
}
void Vm::guest_surface_destroy(DisplayId display, raster::SurfaceId id) {
  grown_to(display).pipeline.surface_destroy(id);
}
void Vm::guest_mark(DisplayId display) { grown_to(display).pipeline.mark(); }
void Vm::guest_draw(DisplayId display, raster::DrawOpPtr op) {
  grown_to(display).pipeline.draw(std::move(op));
}
void Vm::guest_monitors(DisplayId display, const channels::MonitorsConfig& config) {
  grown_to(display).pipeline.monitors(config);
}
void Vm::guest_cursor_set(DisplayId display, const channels::CursorState& state) {
  grown_to(display).cursor.set(state);
}
void Vm::guest_cursor_move(DisplayId display, raster::Point position) {
  grown_to(display).cursor.move(position);
}
void Vm::guest_cursor_hide(DisplayId display) { grown_to(display).cursor.hide(); }

void Vm::guest_mouse_mode(std::uint32_t supported, channels::MouseMode current) {
  supported_mouse_modes_ = supported;
  mouse_mode_ = current;
  for (VmListener* listener : listeners_) listener->vm_mouse_mode(supported, current);
}

void Vm::guest_modifiers(std::uint16_t modifiers) {
  modifiers_ = modifiers;
  for (InputsViewer* viewer : inputs_) viewer->send_modifiers(modifiers);
}

void Vm::guest_name(const std::string& name) {
  name_ = name;
  for (VmListener* listener : listeners_) listener->vm_name(name);
}

void Vm::guest_uuid(const channels::Uuid& uuid) {
  uuid_ = uuid;
  for (VmListener* listener : listeners_) listener->vm_uuid(uuid);
}

}  // namespace cassia::server
