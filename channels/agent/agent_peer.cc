// SPDX-License-Identifier: Apache-2.0
#include "channels/agent/agent_peer.h"

#include <spice/vd_agent.h>

#include <optional>

namespace cassia::channels {

using spice::AgentMessage;

namespace {

/// The capability without which a message means nothing to the other side.
std::optional<unsigned> needed_for(std::uint32_t type) {
  switch (type) {
    case VD_AGENT_MOUSE_STATE:
      return VD_AGENT_CAP_MOUSE_STATE;
    case VD_AGENT_MONITORS_CONFIG:
      return VD_AGENT_CAP_MONITORS_CONFIG;
    case VD_AGENT_REPLY:
      return VD_AGENT_CAP_REPLY;
    case VD_AGENT_DISPLAY_CONFIG:
      return VD_AGENT_CAP_DISPLAY_CONFIG;
    case VD_AGENT_CLIPBOARD:
    case VD_AGENT_CLIPBOARD_GRAB:
    case VD_AGENT_CLIPBOARD_REQUEST:
    case VD_AGENT_CLIPBOARD_RELEASE:
      return VD_AGENT_CAP_CLIPBOARD_BY_DEMAND;
    case VD_AGENT_MAX_CLIPBOARD:
      return VD_AGENT_CAP_MAX_CLIPBOARD;
    case VD_AGENT_AUDIO_VOLUME_SYNC:
      return VD_AGENT_CAP_AUDIO_VOLUME_SYNC;
    case VD_AGENT_GRAPHICS_DEVICE_INFO:
      return VD_AGENT_CAP_GRAPHICS_DEVICE_INFO;
    default:
      return std::nullopt;
  }
}

/// A client without VD_AGENT_CAP_FILE_XFER_DETAILED_ERRORS knows the first four results only.
void simplify(spice::FileStatus& status) {
  if (status.result > spice::FileResult::success) status.result = spice::FileResult::error;
  status.free_space.reset();
  status.io_error.reset();
}

}  // namespace

AgentPeer::AgentPeer(Role role, spice::Capabilities ours, AgentPipe& pipe, AgentPeerEvents& events,
                     spice::AgentLimits limits)
    : role_(role), ours_(std::move(ours)), pipe_(pipe), events_(events), assembler_(limits) {}

void AgentPeer::start() {
  stop();
  started_ = true;
  announce(true);
}

void AgentPeer::stop() {
  started_ = known_ = false;
  assembler_.reset();
  theirs_ = {};
  layout_ = {};
  serials_ = {};
}

void AgentPeer::set_capabilities(spice::Capabilities ours) {
  if (ours.words() == ours_.words()) return;
  ours_ = std::move(ours);
  layout_ = spice::AgentLayout::of(ours_, theirs_);
  if (started_) announce(false);
}

void AgentPeer::announce(bool request) { (void)send_now(spice::AgentCapabilities{request, ours_}); }

Result<void> AgentPeer::receive(ByteView bytes) {
  if (!started_) return {};
  return assembler_.receive(bytes, [this](const spice::AgentFrame& f) { return on_frame(f); });
}

Result<void> AgentPeer::on_frame(const spice::AgentFrame& frame) {
  if (frame.skipped) {
    const bool clipboard = frame.type == VD_AGENT_CLIPBOARD && !frame.body.empty();
    const std::uint8_t selection = layout_.selection && clipboard ? frame.body.data()[0] : 0;
    if (clipboard && selection < spice::selection_count) {
      events_.agent_clipboard_too_large(static_cast<spice::Selection>(selection));
    }
    return {};
  }
  AgentMessage message = CASSIA_TRY(spice::decode_agent_message(frame.type, frame.body, layout_));
  if (const auto* caps = std::get_if<spice::AgentCapabilities>(&message)) {
    on_capabilities(*caps);
    return {};
  }
  if (const auto* grab = std::get_if<spice::ClipboardGrab>(&message); grab && !grab_is_news(*grab))
    return {};
  events_.agent_message(std::move(message));
  return {};
}

void AgentPeer::on_capabilities(const spice::AgentCapabilities& message) {
  theirs_ = message.caps;
  layout_ = spice::AgentLayout::of(ours_, theirs_);
  known_ = true;
  if (message.request) announce(false);
  events_.agent_capabilities(theirs_);
}

/// Both sides count the grabs of a selection. A grab with another number than the next was sent
/// before ours was seen; then the client's is the one that counts.
bool AgentPeer::grab_is_news(const spice::ClipboardGrab& grab) {
  if (!layout_.grab_serial) return true;
  std::uint32_t& next = serials_[static_cast<std::size_t>(grab.selection)];
  if (grab.serial == next) {
    ++next;
    return true;
  }
  return role_ == Role::agent && grab.serial == next - 1;
}

Result<void> AgentPeer::check_understood(const AgentMessage& message) const {
  const std::uint32_t type = type_of(message);
  const auto cap = needed_for(type);
  const bool refused = std::holds_alternative<spice::FileStart>(message) &&
                       theirs_.has(VD_AGENT_CAP_FILE_XFER_DISABLED);
  if (refused || (cap && !theirs_.has(*cap))) {
    return fail(ErrorKind::unsupported, "the {} does not take \"{}\" messages",
                role_ == Role::client ? "guest's agent" : "client", spice::agent_type_name(type));
  }
  return {};
}

Result<void> AgentPeer::send(AgentMessage message) {
  if (!started_ || !known_) {
    return fail(
        ErrorKind::closed, "{}",
        role_ == Role::client ? "the guest runs no agent" : "the client has no part in the agent");
  }
  CASSIA_TRY(check_understood(message));
  if (auto* status = std::get_if<spice::FileStatus>(&message);
      status && role_ == Role::agent && !has(VD_AGENT_CAP_FILE_XFER_DETAILED_ERRORS)) {
    simplify(*status);
  }
  auto* grab = std::get_if<spice::ClipboardGrab>(&message);
  if (grab) grab->serial = serials_[static_cast<std::size_t>(grab->selection)];
  CASSIA_TRY(send_now(message));
  if (grab && layout_.grab_serial) ++serials_[static_cast<std::size_t>(grab->selection)];
  return {};
}

Result<void> AgentPeer::send_now(const AgentMessage& message) {
  return pipe_.send_agent_message(CASSIA_TRY(spice::encode_agent_message(message, layout_)));
}

spice::Capabilities agent_client_capabilities() {
  return {VD_AGENT_CAP_MOUSE_STATE,
          VD_AGENT_CAP_MONITORS_CONFIG,
          VD_AGENT_CAP_REPLY,
          VD_AGENT_CAP_DISPLAY_CONFIG,
          VD_AGENT_CAP_CLIPBOARD_BY_DEMAND,
          VD_AGENT_CAP_CLIPBOARD_SELECTION,
          VD_AGENT_CAP_MONITORS_CONFIG_POSITION,
          VD_AGENT_CAP_FILE_XFER_DETAILED_ERRORS,
          VD_AGENT_CAP_CLIPBOARD_NO_RELEASE_ON_REGRAB,
          VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL};
}

}  // namespace cassia::channels
