// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/agent_messages.h"

#include <gtest/gtest.h>
#include <spice/vd_agent.h>

#include "protocol/spice/agent_text.h"
#include "protocol/wire/writer.h"

namespace cassia::spice {
namespace {

constexpr AgentLayout plain{};
constexpr AgentLayout full{true, true};

Bytes joined(const std::vector<SharedBytes>& pieces) {
  Bytes all;
  for (const auto& piece : pieces) all.insert(all.end(), piece.data(), piece.data() + piece.size());
  return all;
}

/// What `message` becomes on the wire, without the header, which is checked.
Bytes body_of(const AgentMessage& message, AgentLayout layout) {
  const auto pieces = encode_agent_message(message, layout);
  EXPECT_TRUE(pieces.has_value());
  const Bytes all = joined(*pieces);
  VDAgentMessage header{};
  std::copy_n(all.begin(), sizeof header, reinterpret_cast<std::uint8_t*>(&header));
  EXPECT_EQ(header.protocol, 1u);
  EXPECT_EQ(header.type, type_of(message));
  EXPECT_EQ(header.size, all.size() - sizeof header);
  return Bytes(all.begin() + sizeof header, all.end());
}

template <class T>
T there_and_back(const T& message, AgentLayout layout = plain) {
  const auto back = decode_agent_message(type_of(message), body_of(message, layout), layout);
  EXPECT_TRUE(back.has_value()) << back.error().message();
  EXPECT_TRUE(std::holds_alternative<T>(*back));
  return std::get<T>(*back);
}

/// Every shorter body is malformed.
void expect_no_prefix(const AgentMessage& message, AgentLayout layout = plain) {
  const Bytes body = body_of(message, layout);
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Bytes part(body.begin(), body.begin() + static_cast<long>(size));
    EXPECT_FALSE(decode_agent_message(type_of(message), part, layout).has_value()) << size;
  }
}

TEST(AgentMessages, MouseState) {
  const AgentMouseState m{800, 600, VD_AGENT_LBUTTON_MASK, 2};
  EXPECT_EQ(there_and_back(m), m);
  EXPECT_EQ(body_of(m, plain).size(), sizeof(VDAgentMouseState));
  expect_no_prefix(m);
}

TEST(AgentMessages, MonitorsConfig) {
  AgentMonitorsConfig m;
  m.monitors = {{768, 1024, 32, 0, 0}, {0, 0, 32, 0, 0}, {600, 800, 16, -800, 40}};
  m.use_position = true;
  EXPECT_EQ(there_and_back(m), m);
  EXPECT_EQ(body_of(m, plain).size(), 8 + 3 * sizeof(VDAgentMonConfig));
  expect_no_prefix(m);
  m.sizes = {{270, 480}, {0, 0}, {200, 300}};
  EXPECT_EQ(there_and_back(m), m);
  EXPECT_EQ(body_of(m, plain).size(), 8 + 3 * (sizeof(VDAgentMonConfig) + 4));
  // Height comes before width.
  EXPECT_EQ(body_of(m, plain)[8], 768 & 255);
  expect_no_prefix(m);
}

TEST(AgentMessages, ReplyAndDisplayConfig) {
  const AgentReply reply{VD_AGENT_MONITORS_CONFIG, false};
  EXPECT_EQ(there_and_back(reply), reply);
  expect_no_prefix(reply);
  const AgentDisplayConfig config{VD_AGENT_DISPLAY_CONFIG_FLAG_DISABLE_WALLPAPER, 32};
  EXPECT_EQ(there_and_back(config), config);
  expect_no_prefix(config);
}

TEST(AgentMessages, ClipboardInEveryLayout) {
  const ClipboardData data{Selection::primary, ClipboardType::utf8_text, to_bytes("text")};
  const auto back = there_and_back(data, full);
  EXPECT_EQ(back.selection, Selection::primary);
  EXPECT_EQ(back.type, ClipboardType::utf8_text);
  EXPECT_EQ(as_text(back.data.view()), "text");
  EXPECT_EQ(body_of(data, full), (Bytes{1, 0, 0, 0, 1, 0, 0, 0, 't', 'e', 'x', 't'}));
  // Without the selection field only the clipboard can be meant.
  EXPECT_FALSE(encode_agent_message(data, plain).has_value());
  const ClipboardData simple{Selection::clipboard, ClipboardType::png, to_bytes("x")};
  EXPECT_EQ(body_of(simple, plain), (Bytes{2, 0, 0, 0, 'x'}));

  const ClipboardGrab grab{Selection::secondary, 7, {ClipboardType::utf8_text, ClipboardType::bmp}};
  EXPECT_EQ(body_of(grab, full), (Bytes{2, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0}));
  const auto grab_back = there_and_back(grab, full);
  EXPECT_EQ(grab_back.serial, 7u);
  EXPECT_EQ(grab_back.types, grab.types);
  const ClipboardGrab old{Selection::clipboard, 0, {ClipboardType::file_list}};
  EXPECT_EQ(body_of(old, plain), (Bytes{6, 0, 0, 0}));
  EXPECT_EQ(body_of(old, (AgentLayout{true, false})), (Bytes{0, 0, 0, 0, 6, 0, 0, 0}));
  EXPECT_EQ(body_of(old, (AgentLayout{false, true})), (Bytes{0, 0, 0, 0, 6, 0, 0, 0}));

  const ClipboardRequest request{Selection::primary, ClipboardType::jpg};
  EXPECT_EQ(there_and_back(request, full).type, ClipboardType::jpg);
  expect_no_prefix(request, full);
  EXPECT_EQ(there_and_back(ClipboardRelease{Selection::secondary}, full).selection,
            Selection::secondary);
  EXPECT_TRUE(body_of(ClipboardRelease{}, plain).empty());
  // A selection that does not exist.
  EXPECT_FALSE(
      decode_agent_message(VD_AGENT_CLIPBOARD_RELEASE, Bytes{3, 0, 0, 0}, full).has_value());
}

TEST(AgentMessages, Capabilities) {
  AgentCapabilities m{true, {VD_AGENT_CAP_MONITORS_CONFIG, VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL, 40}};
  const auto back = there_and_back(m);
  EXPECT_TRUE(back.request);
  EXPECT_TRUE(back.caps.has(VD_AGENT_CAP_MONITORS_CONFIG));
  EXPECT_TRUE(back.caps.has(VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL));
  EXPECT_TRUE(back.caps.has(40));
  EXPECT_FALSE(back.caps.has(VD_AGENT_CAP_REPLY));
  EXPECT_EQ(AgentLayout::of(m.caps, {VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL}),
            (AgentLayout{false, true}));
}

TEST(AgentMessages, FileTransfer) {
  EXPECT_EQ(there_and_back(FileStart{5, "[vdagent-file-xfer]\n"}).metadata,
            "[vdagent-file-xfer]\n");
  // A peer that counts no terminating zero.
  const auto open = decode_agent_message(VD_AGENT_FILE_XFER_START, Bytes{5, 0, 0, 0, 'a'}, plain);
  EXPECT_EQ(std::get<FileStart>(*open).metadata, "a");

  FileStatus status{9, FileResult::can_send_data};
  EXPECT_EQ(there_and_back(status), status);
  status = {9, FileResult::not_enough_space, std::uint64_t{1} << 40};
  EXPECT_EQ(there_and_back(status), status);
  EXPECT_EQ(body_of(status, plain).size(), 16u);
  status = {9, FileResult::error, {}, 17};
  EXPECT_EQ(there_and_back(status), status);
  EXPECT_EQ(body_of(status, plain).size(), 13u);
  for (const auto result : {FileResult::cancelled, FileResult::session_locked,
                            FileResult::agent_not_connected, FileResult::disabled}) {
    EXPECT_EQ(there_and_back(FileStatus{1, result}), (FileStatus{1, result}));
  }

  const FileData data{3, to_bytes("contents")};
  EXPECT_EQ(as_text(there_and_back(data).data.view()), "contents");
  expect_no_prefix(data);
  // A size that is not what is there: 2^64 - 1.
  Bytes lie = body_of(data, plain);
  std::fill_n(lie.begin() + 4, 8, 0xff);
  EXPECT_FALSE(decode_agent_message(VD_AGENT_FILE_XFER_DATA, lie, plain).has_value());
}

TEST(AgentMessages, VolumeDevicesAndTheSmallOnes) {
  const AgentVolume volume{false, true, {0, 32768, 65535}};
  EXPECT_EQ(there_and_back(volume), volume);
  EXPECT_EQ(body_of(volume, plain).size(), 9u);
  expect_no_prefix(volume);
  const AgentGraphicsDevices devices{{{0, 1, 2, "pci/0000/02.0"}, {1, 0, 0, ""}}};
  EXPECT_EQ(there_and_back(devices).devices, devices.devices);
  expect_no_prefix(devices);
  EXPECT_EQ(there_and_back(AgentMaxClipboard{-1}).bytes, -1);
  EXPECT_EQ(there_and_back(AgentMaxClipboard{1 << 20}).bytes, 1 << 20);
  (void)there_and_back(AgentClientDisconnected{});
  EXPECT_TRUE(body_of(AgentClientDisconnected{}, plain).empty());
  const auto newer = decode_agent_message(99, Bytes(5), plain);
  EXPECT_EQ(std::get<AgentUnknown>(*newer).type, 99u);
  EXPECT_EQ(agent_type_name(99), "message 99");
  EXPECT_EQ(agent_type_name(VD_AGENT_CLIPBOARD_GRAB), "clipboard grab");
}

TEST(AgentMessages, CountsBeyondWhatIsThereAllocateNothing) {
  const Bytes many = {0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0, 1, 2, 3, 4};
  for (const std::uint32_t type : {VD_AGENT_MONITORS_CONFIG, VD_AGENT_GRAPHICS_DEVICE_INFO}) {
    EXPECT_FALSE(decode_agent_message(type, many, full).has_value());
  }
  EXPECT_FALSE(
      decode_agent_message(VD_AGENT_AUDIO_VOLUME_SYNC, Bytes{1, 0, 255, 1, 1}, full).has_value());
  EXPECT_FALSE(decode_agent_message(VD_AGENT_CLIPBOARD_GRAB, Bytes(8 + 257 * 4), full).has_value());
}

TEST(AgentText, LineEnds) {
  EXPECT_EQ(as_text(to_crlf(as_bytes("a\nb\r\nc\r\n\n"))), "a\r\nb\r\nc\r\n\r\n");
  EXPECT_EQ(as_text(to_lf(as_bytes("a\nb\r\nc\rd\r"))), "a\nb\nc\rd\r");
  EXPECT_EQ(as_text(to_lf(to_crlf(as_bytes("x\n\ny\n")))), "x\n\ny\n");
}

TEST(AgentText, FileMetadata) {
  // Every character that a key file escapes.
  const FileMetadata file{"  odd \\ name\twith\nends ü.txt", std::uint64_t{5} << 32};
  const auto back = read_file_metadata(write_file_metadata(file));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->name, file.name);
  EXPECT_EQ(back->size, file.size);
  // As GLib writes it, with what we do not know.
  const auto glib = read_file_metadata(
      "# comment\n[other]\nname=no\nsize=1\n\n[vdagent-file-xfer]\nname=a b.txt\nsize = 12\nx=1\n");
  ASSERT_TRUE(glib.has_value());
  EXPECT_EQ(glib->name, "a b.txt");
  EXPECT_EQ(glib->size, 12u);
  for (const char* bad :
       {"", "[vdagent-file-xfer]\nname=a\n", "[vdagent-file-xfer]\nsize=1\n",
        "[vdagent-file-xfer]\nname=\nsize=1\n", "[vdagent-file-xfer]\nname=a\nsize=-1\n",
        "[vdagent-file-xfer]\nname=a\nsize=99999999999999999999999\n", "name=a\nsize=1\n"}) {
    EXPECT_FALSE(read_file_metadata(bad).has_value()) << bad;
  }
}

TEST(AgentText, FileNamesStayInTheirFolder) {
  EXPECT_EQ(safe_file_name("a.txt"), "a.txt");
  EXPECT_EQ(safe_file_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(safe_file_name("C:\\dir\\a.txt"), "a.txt");
  for (const char* bad : {"", ".", "..", "a/..", "a/", "x\ny"}) {
    EXPECT_EQ(safe_file_name(bad), "") << bad;
  }
  EXPECT_EQ(safe_file_name(std::string(256, 'a')), "");
}

}  // namespace
}  // namespace cassia::spice
