// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/agent_messages.h"

#include <spice/vd_agent.h>

#include <algorithm>

#include "protocol/wire/reader.h"
#include "protocol/wire/writer.h"

namespace cassia::spice {
namespace {

using wire::Reader;
using wire::Writer;

constexpr std::size_t most_monitors = 256;
constexpr std::size_t most_types = 256;
constexpr std::size_t most_devices = 256;
constexpr std::size_t longest_address = 256;
constexpr std::size_t most_capability_words = 256;

constexpr const char* type_names[] = {
    "message 0",           "mouse state",         "monitors config",       "reply",
    "clipboard",           "display config",      "announce capabilities", "clipboard grab",
    "clipboard request",   "clipboard release",   "file transfer start",   "file transfer status",
    "file transfer data",  "client disconnected", "max clipboard",         "audio volume sync",
    "graphics device info"};
static_assert(std::size(type_names) == VD_AGENT_END_MESSAGE);

/// Room for `count` elements is made only after they were seen to be there.
bool fits(Reader& in, std::uint64_t count, std::size_t cap, std::size_t element) {
  if (count > cap || count * element > in.remaining()) in.fail();
  return in.ok();
}

Selection read_selection(Reader& in, AgentLayout layout) {
  if (!layout.selection) return Selection::clipboard;
  const std::uint8_t value = in.u8();
  in.skip(3);
  if (value >= selection_count) in.fail();
  return in.ok() ? static_cast<Selection>(value) : Selection::clipboard;
}

AgentMessage read_monitors(Reader& in) {
  AgentMonitorsConfig m;
  const std::uint32_t count = in.u32();
  const std::uint32_t flags = in.u32();
  m.use_position = (flags & VD_AGENT_CONFIG_MONITORS_FLAG_USE_POS) != 0;
  const bool sizes = (flags & VD_AGENT_CONFIG_MONITORS_FLAG_PHYSICAL_SIZE) != 0;
  if (!fits(in, count, most_monitors, sizeof(VDAgentMonConfig))) return m;
  m.monitors.resize(count);
  for (AgentMonitor& monitor : m.monitors) {
    monitor.height = in.u32();
    monitor.width = in.u32();
    monitor.depth = in.u32();
    monitor.x = in.i32();
    monitor.y = in.i32();
  }
  if (!sizes || !fits(in, count, most_monitors, sizeof(VDAgentMonitorMM))) return m;
  m.sizes.resize(count);
  for (AgentMonitorSize& size : m.sizes) {
    size.height_mm = in.u16();
    size.width_mm = in.u16();
  }
  return m;
}

AgentMessage read_capabilities(Reader& in) {
  AgentCapabilities m;
  m.request = in.u32() != 0;
  const std::size_t count = std::min(in.remaining() / 4, most_capability_words);
  std::vector<std::uint32_t> words(count);
  for (std::uint32_t& word : words) word = in.u32();
  m.caps = Capabilities(std::move(words));
  return m;
}

AgentMessage read_grab(Reader& in, AgentLayout layout) {
  ClipboardGrab m;
  m.selection = read_selection(in, layout);
  if (layout.grab_serial) m.serial = in.u32();
  const std::size_t count = in.remaining() / 4;
  if (!fits(in, count, most_types, 4)) return m;
  m.types.resize(count);
  for (ClipboardType& type : m.types) type = static_cast<ClipboardType>(in.u32());
  return m;
}

AgentMessage read_file_start(Reader& in) {
  FileStart m;
  m.id = in.u32();
  m.metadata = as_text(in.rest());
  // Peers count a terminating zero or do not.
  if (const auto zero = m.metadata.find('\0'); zero != std::string::npos) m.metadata.resize(zero);
  return m;
}

AgentMessage read_file_status(Reader& in) {
  FileStatus m;
  m.id = in.u32();
  m.result = static_cast<FileResult>(in.u32());
  if (m.result == FileResult::not_enough_space && in.remaining() >= 8) m.free_space = in.u64();
  if (m.result == FileResult::error && in.remaining() >= 5) {
    const std::uint8_t kind = in.u8();
    const std::uint32_t code = in.u32();
    if (kind == VD_AGENT_FILE_XFER_STATUS_ERROR_GLIB_IO) m.io_error = code;
  }
  return m;
}

AgentMessage read_file_data(Reader& in, const SharedBytes& body) {
  FileData m;
  m.id = in.u32();
  const std::uint64_t size = in.u64();
  if (size != in.remaining()) in.fail();
  if (in.ok()) m.data = body.slice(in.offset(), in.remaining());
  return m;
}

AgentMessage read_volume(Reader& in) {
  AgentVolume m;
  m.playback = in.u8() != 0;
  m.mute = in.u8() != 0;
  const std::uint8_t count = in.u8();
  if (!fits(in, count, 255, 2)) return m;
  m.volume.resize(count);
  for (std::uint16_t& volume : m.volume) volume = in.u16();
  return m;
}

AgentMessage read_devices(Reader& in) {
  AgentGraphicsDevices m;
  const std::uint32_t count = in.u32();
  if (!fits(in, count, most_devices, sizeof(VDAgentDeviceDisplayInfo))) return m;
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    AgentDevice device;
    device.channel_id = in.u32();
    device.monitor_id = in.u32();
    device.device_display_id = in.u32();
    const std::uint32_t length = in.u32();
    if (length > longest_address) in.fail();
    device.address = as_text(in.bytes(length));
    if (const auto zero = device.address.find('\0'); zero != std::string::npos) {
      device.address.resize(zero);
    }
    m.devices.push_back(std::move(device));
  }
  return m;
}

AgentMessage read_clipboard(Reader& in, const SharedBytes& body, AgentLayout layout) {
  ClipboardData m;
  m.selection = read_selection(in, layout);
  m.type = static_cast<ClipboardType>(in.u32());
  if (in.ok()) m.data = body.slice(in.offset(), in.remaining());
  return m;
}

// Braces give the order of the reads.
AgentMessage read_body(std::uint32_t type, Reader& in, const SharedBytes& body,
                       AgentLayout layout) {
  switch (type) {
    case VD_AGENT_MOUSE_STATE:
      return AgentMouseState{in.u32(), in.u32(), in.u32(), in.u8()};
    case VD_AGENT_MONITORS_CONFIG:
      return read_monitors(in);
    case VD_AGENT_REPLY:
      return AgentReply{in.u32(), in.u32() == VD_AGENT_SUCCESS};
    case VD_AGENT_CLIPBOARD:
      return read_clipboard(in, body, layout);
    case VD_AGENT_DISPLAY_CONFIG:
      return AgentDisplayConfig{in.u32(), in.u32()};
    case VD_AGENT_ANNOUNCE_CAPABILITIES:
      return read_capabilities(in);
    case VD_AGENT_CLIPBOARD_GRAB:
      return read_grab(in, layout);
    case VD_AGENT_CLIPBOARD_REQUEST:
      return ClipboardRequest{read_selection(in, layout), static_cast<ClipboardType>(in.u32())};
    case VD_AGENT_CLIPBOARD_RELEASE:
      return ClipboardRelease{read_selection(in, layout)};
    case VD_AGENT_FILE_XFER_START:
      return read_file_start(in);
    case VD_AGENT_FILE_XFER_STATUS:
      return read_file_status(in);
    case VD_AGENT_FILE_XFER_DATA:
      return read_file_data(in, body);
    case VD_AGENT_CLIENT_DISCONNECTED:
      return AgentClientDisconnected{};
    case VD_AGENT_MAX_CLIPBOARD:
      return AgentMaxClipboard{in.i32()};
    case VD_AGENT_AUDIO_VOLUME_SYNC:
      return read_volume(in);
    case VD_AGENT_GRAPHICS_DEVICE_INFO:
      return read_devices(in);
    default:
      return AgentUnknown{type};
  }
}

/// Writes the body of each message.
struct BodyWriter {
  Writer& out;
  AgentLayout layout;

  bool selection(Selection value) {
    if (!layout.selection) return value == Selection::clipboard;
    out.u32(static_cast<std::uint32_t>(value));
    return true;
  }

  bool operator()(const AgentMouseState& m) {
    out.u32(m.x), out.u32(m.y), out.u32(m.buttons), out.u8(m.display);
    return true;
  }
  bool operator()(const AgentMonitorsConfig& m) {
    const bool sizes = !m.sizes.empty();
    out.u32(static_cast<std::uint32_t>(m.monitors.size()));
    std::uint32_t flags = 0;
    if (m.use_position) flags |= VD_AGENT_CONFIG_MONITORS_FLAG_USE_POS;
    if (sizes) flags |= VD_AGENT_CONFIG_MONITORS_FLAG_PHYSICAL_SIZE;
    out.u32(flags);
    for (const AgentMonitor& monitor : m.monitors) {
      out.u32(monitor.height), out.u32(monitor.width), out.u32(monitor.depth);
      out.i32(monitor.x), out.i32(monitor.y);
    }
    for (std::size_t i = 0; sizes && i < m.monitors.size(); ++i) {
      const AgentMonitorSize size = i < m.sizes.size() ? m.sizes[i] : AgentMonitorSize{};
      out.u16(size.height_mm), out.u16(size.width_mm);
    }
    return true;
  }
  bool operator()(const AgentReply& m) {
    out.u32(m.type), out.u32(m.success ? VD_AGENT_SUCCESS : VD_AGENT_ERROR);
    return true;
  }
  bool operator()(const ClipboardData& m) {
    if (!selection(m.selection)) return false;
    out.u32(static_cast<std::uint32_t>(m.type));
    out.shared(m.data);
    return true;
  }
  bool operator()(const AgentDisplayConfig& m) {
    out.u32(m.flags), out.u32(m.depth);
    return true;
  }
  bool operator()(const AgentCapabilities& m) {
    out.u32(m.request ? 1 : 0);
    for (const std::uint32_t word : m.caps.words()) out.u32(word);
    return true;
  }
  bool operator()(const ClipboardGrab& m) {
    if (!selection(m.selection)) return false;
    if (layout.grab_serial) out.u32(m.serial);
    for (const ClipboardType type : m.types) out.u32(static_cast<std::uint32_t>(type));
    return true;
  }
  bool operator()(const ClipboardRequest& m) {
    if (!selection(m.selection)) return false;
    out.u32(static_cast<std::uint32_t>(m.type));
    return true;
  }
  bool operator()(const ClipboardRelease& m) { return selection(m.selection); }
  bool operator()(const FileStart& m) {
    out.u32(m.id), out.bytes(as_bytes(m.metadata)), out.u8(0);
    return true;
  }
  bool operator()(const FileStatus& m) {
    out.u32(m.id), out.u32(static_cast<std::uint32_t>(m.result));
    if (m.result == FileResult::not_enough_space && m.free_space) out.u64(*m.free_space);
    if (m.result == FileResult::error && m.io_error) {
      out.u8(VD_AGENT_FILE_XFER_STATUS_ERROR_GLIB_IO), out.u32(*m.io_error);
    }
    return true;
  }
  bool operator()(const FileData& m) {
    out.u32(m.id), out.u64(m.data.size());
    out.shared(m.data);
    return true;
  }
  bool operator()(const AgentClientDisconnected&) { return true; }
  bool operator()(const AgentMaxClipboard& m) {
    out.i32(m.bytes);
    return true;
  }
  bool operator()(const AgentVolume& m) {
    const std::size_t count = std::min<std::size_t>(m.volume.size(), 255);
    out.u8(m.playback ? 1 : 0), out.u8(m.mute ? 1 : 0), out.u8(static_cast<std::uint8_t>(count));
    for (std::size_t i = 0; i < count; ++i) out.u16(m.volume[i]);
    return true;
  }
  bool operator()(const AgentGraphicsDevices& m) {
    out.u32(static_cast<std::uint32_t>(m.devices.size()));
    for (const AgentDevice& device : m.devices) {
      out.u32(device.channel_id), out.u32(device.monitor_id), out.u32(device.device_display_id);
      out.u32(static_cast<std::uint32_t>(device.address.size() + 1));
      out.bytes(as_bytes(device.address)), out.u8(0);
    }
    return true;
  }
  bool operator()(const AgentUnknown&) { return false; }
};

struct TypeOf {
  std::uint32_t operator()(const AgentMouseState&) { return VD_AGENT_MOUSE_STATE; }
  std::uint32_t operator()(const AgentMonitorsConfig&) { return VD_AGENT_MONITORS_CONFIG; }
  std::uint32_t operator()(const AgentReply&) { return VD_AGENT_REPLY; }
  std::uint32_t operator()(const ClipboardData&) { return VD_AGENT_CLIPBOARD; }
  std::uint32_t operator()(const AgentDisplayConfig&) { return VD_AGENT_DISPLAY_CONFIG; }
  std::uint32_t operator()(const AgentCapabilities&) { return VD_AGENT_ANNOUNCE_CAPABILITIES; }
  std::uint32_t operator()(const ClipboardGrab&) { return VD_AGENT_CLIPBOARD_GRAB; }
  std::uint32_t operator()(const ClipboardRequest&) { return VD_AGENT_CLIPBOARD_REQUEST; }
  std::uint32_t operator()(const ClipboardRelease&) { return VD_AGENT_CLIPBOARD_RELEASE; }
  std::uint32_t operator()(const FileStart&) { return VD_AGENT_FILE_XFER_START; }
  std::uint32_t operator()(const FileStatus&) { return VD_AGENT_FILE_XFER_STATUS; }
  std::uint32_t operator()(const FileData&) { return VD_AGENT_FILE_XFER_DATA; }
  std::uint32_t operator()(const AgentClientDisconnected&) { return VD_AGENT_CLIENT_DISCONNECTED; }
  std::uint32_t operator()(const AgentMaxClipboard&) { return VD_AGENT_MAX_CLIPBOARD; }
  std::uint32_t operator()(const AgentVolume&) { return VD_AGENT_AUDIO_VOLUME_SYNC; }
  std::uint32_t operator()(const AgentGraphicsDevices&) { return VD_AGENT_GRAPHICS_DEVICE_INFO; }
  std::uint32_t operator()(const AgentUnknown& m) { return m.type; }
};

}  // namespace

AgentLayout AgentLayout::of(const Capabilities& ours, const Capabilities& theirs) {
  const auto both = [&](unsigned cap) { return ours.has(cap) && theirs.has(cap); };
  return {both(VD_AGENT_CAP_CLIPBOARD_SELECTION), both(VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL)};
}

std::uint32_t type_of(const AgentMessage& message) { return std::visit(TypeOf{}, message); }

std::string agent_type_name(std::uint32_t type) {
  if (type < std::size(type_names)) return type_names[type];
  return fmt::format("message {}", type);
}

Result<AgentMessage> decode_agent_message(std::uint32_t type, const SharedBytes& body,
                                          AgentLayout layout) {
  Reader in(body.view());
  AgentMessage message = read_body(type, in, body, layout);
  if (!in.ok()) {
    return fail(ErrorKind::malformed, "malformed agent message: {} of {} bytes",
                agent_type_name(type), body.size());
  }
  return message;
}

Result<std::vector<SharedBytes>> encode_agent_message(const AgentMessage& message,
                                                      AgentLayout layout) {
  const std::uint32_t type = type_of(message);
  Writer out;
  out.u32(VD_AGENT_PROTOCOL);
  out.u32(type);
  out.u64(0);
  const Writer::Slot size = out.u32(0);
  const std::size_t header = out.size();
  if (!std::visit(BodyWriter{out, layout}, message)) {
    return fail(ErrorKind::unsupported, "the other side does not understand this {}",
                agent_type_name(type));
  }
  out.patch_u32(size, static_cast<std::uint32_t>(out.size() - header));
  return out.take_pieces();
}

}  // namespace cassia::spice
