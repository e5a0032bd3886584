// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages between a client and the guest's agent, inside AGENT_DATA of the main channel. Source of
// numbers and layouts: spice/vd_agent.h. How messages are cut into AGENT_DATA: agent_stream.h.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "protocol/spice/capabilities.h"

namespace cassia::spice {

enum class Selection : std::uint8_t { clipboard, primary, secondary };
inline constexpr std::size_t selection_count = 3;

/// VD_AGENT_CLIPBOARD_*. Peers may use numbers beyond these: they pass unchanged.
enum class ClipboardType : std::uint32_t { none, utf8_text, png, bmp, tiff, jpg, file_list };

/// VD_AGENT_FILE_XFER_STATUS_*.
enum class FileResult : std::uint32_t {
  can_send_data,
  cancelled,
  error,
  success,
  not_enough_space,
  session_locked,
  agent_not_connected,
  disabled,
};

/// Which optional fields the clipboard messages have: what both sides have announced.
struct AgentLayout {
  bool selection = false;    ///< VD_AGENT_CAP_CLIPBOARD_SELECTION
  bool grab_serial = false;  ///< VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL

  static AgentLayout of(const Capabilities& ours, const Capabilities& theirs);
  bool operator==(const AgentLayout&) const = default;
};

struct AgentMouseState {
  std::uint32_t x = 0, y = 0;
  std::uint32_t buttons = 0;  ///< VD_AGENT_*BUTTON_MASK
  std::uint8_t display = 0;
  bool operator==(const AgentMouseState&) const = default;
};

struct AgentMonitor {
  std::uint32_t height = 0, width = 0;  ///< pixels; 0x0: this monitor is off
  std::uint32_t depth = 32;
  std::int32_t x = 0, y = 0;
  bool operator==(const AgentMonitor&) const = default;
};
struct AgentMonitorSize {
  std::uint16_t height_mm = 0, width_mm = 0;
  bool operator==(const AgentMonitorSize&) const = default;
};
struct AgentMonitorsConfig {
  bool use_position = false;
  std::vector<AgentMonitor> monitors;
  std::vector<AgentMonitorSize> sizes;  ///< empty, or one for each monitor
  bool operator==(const AgentMonitorsConfig&) const = default;
};

struct AgentReply {
  std::uint32_t type = 0;  ///< VD_AGENT_* of the message that this answers
  bool success = true;
  bool operator==(const AgentReply&) const = default;
};

struct AgentDisplayConfig {
  std::uint32_t flags = 0;  ///< VD_AGENT_DISPLAY_CONFIG_FLAG_*
  std::uint32_t depth = 0;
  bool operator==(const AgentDisplayConfig&) const = default;
};

struct AgentCapabilities {
  bool request = false;  ///< the other side shall announce its own
  Capabilities caps;     ///< VD_AGENT_CAP_*
};

struct ClipboardData {
  Selection selection = Selection::clipboard;
  ClipboardType type = ClipboardType::none;  ///< none: there is nothing of what was asked for
  SharedBytes data;
};
struct ClipboardGrab {
  Selection selection = Selection::clipboard;
  std::uint32_t serial = 0;
  std::vector<ClipboardType> types;
};
struct ClipboardRequest {
  Selection selection = Selection::clipboard;
  ClipboardType type = ClipboardType::none;
};
struct ClipboardRelease {
  Selection selection = Selection::clipboard;
};

struct FileStart {
  std::uint32_t id = 0;
  std::string metadata;  ///< a key file, without its terminating zero; see agent_text.h
};
struct FileStatus {
  std::uint32_t id = 0;
  FileResult result = FileResult::success;
  std::optional<std::uint64_t> free_space{};  ///< with not_enough_space: bytes
  std::optional<std::uint32_t> io_error{};    ///< with error: a G_IO_ERROR_* number
  bool operator==(const FileStatus&) const = default;
};
struct FileData {
  std::uint32_t id = 0;
  SharedBytes data;
};

struct AgentClientDisconnected {};
struct AgentMaxClipboard {
  std::int32_t bytes = -1;  ///< -1: no limit
};

struct AgentVolume {
  bool playback = true;  ///< false: of recording
  bool mute = false;
  std::vector<std::uint16_t> volume;  ///< one for each channel
  bool operator==(const AgentVolume&) const = default;
};

struct AgentDevice {
  std::uint32_t channel_id = 0, monitor_id = 0, device_display_id = 0;
  std::string address;  ///< "pci/0000/01.0"
  bool operator==(const AgentDevice&) const = default;
};
struct AgentGraphicsDevices {
  std::vector<AgentDevice> devices;
};

/// Of a newer peer: its type.
struct AgentUnknown {
  std::uint32_t type = 0;
};

using AgentMessage =
    std::variant<AgentMouseState, AgentMonitorsConfig, AgentReply, ClipboardData,
                 AgentDisplayConfig, AgentCapabilities, ClipboardGrab, ClipboardRequest,
                 ClipboardRelease, FileStart, FileStatus, FileData, AgentClientDisconnected,
                 AgentMaxClipboard, AgentVolume, AgentGraphicsDevices, AgentUnknown>;

/// VD_AGENT_* of a message.
std::uint32_t type_of(const AgentMessage& message);
/// "clipboard grab"; "message 99" for what vd_agent.h does not know.
std::string agent_type_name(std::uint32_t type);

/// `body`: the bytes after the VDAgentMessage header; data in the result shares it. Trailing bytes
/// are left unread. Errors: malformed, naming the message.
Result<AgentMessage> decode_agent_message(std::uint32_t type, const SharedBytes& body,
                                          AgentLayout layout);

/// Header and body, as pieces that share the message's data. Selections other than the clipboard
/// cannot be said without the layout's selection field: unsupported.
Result<std::vector<SharedBytes>> encode_agent_message(const AgentMessage& message,
                                                      AgentLayout layout);

}  // namespace cassia::spice
