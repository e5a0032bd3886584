// SPDX-License-Identifier: Apache-2.0
// One end of the agent that hears anything. Byte 0: bit 0 the role, bit 1 whether the other side
// has announced every capability; byte 1: the size of the fragments in which the rest comes. Each
// message that is understood must be written in a form that is understood again.

#include <spice/vd_agent.h>

#include <cstdlib>

#include "channels/agent/agent_clipboard.h"
#include "channels/agent/agent_files.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Nowhere final : public AgentPipe {
 public:
  Result<void> send_agent_message(const std::vector<SharedBytes>&) override { return {}; }
  std::size_t agent_backlog() const override { return 0; }
  void pause_agent(bool) override {}
};

class Zeros final : public FileSource {
 public:
  Result<Bytes> read(std::size_t most) override { return Bytes(most); }
};

class Hole final : public FileSink {
 public:
  Result<void> write(ByteView) override { return {}; }
  Result<void> finish() override { return {}; }
};

void check_round_trip(const spice::AgentMessage& message) {
  if (std::holds_alternative<spice::AgentUnknown>(message)) return;
  for (const spice::AgentLayout layout : {spice::AgentLayout{true, true}, {false, false}}) {
    const auto pieces = encode_agent_message(message, layout);
    if (!pieces) continue;  // a selection that this layout cannot say
    Bytes all;
    for (const auto& p : *pieces) all.insert(all.end(), p.view().begin(), p.view().end());
    const Bytes body(all.begin() + 20, all.end());
    if (!decode_agent_message(type_of(message), body, layout)) std::abort();
  }
}

class Side final : public AgentPeerEvents,
                   public AgentClipboardEvents,
                   public AgentFileSenderEvents,
                   public AgentFileReceiverEvents {
 public:
  explicit Side(AgentPeer::Role role)
      : peer(role, agent_client_capabilities(), nowhere_, *this), sender(peer, *this) {
    peer.start();
  }
  void agent_capabilities(const spice::Capabilities&) override {
    (void)clipboard_.grab(spice::Selection::clipboard, {spice::ClipboardType::utf8_text});
    if (sender.running() < 4) (void)sender.start({"f", 1000}, std::make_unique<Zeros>());
  }
  void agent_message(spice::AgentMessage message) override {
    check_round_trip(message);
    if (clipboard_.take(message)) return;
    if (peer.role() == AgentPeer::Role::client) {
      (void)sender.take(message);
    } else {
      (void)receiver_.take(message);
    }
  }
  void agent_clipboard_too_large(spice::Selection s) override { clipboard_.too_large(s); }
  void clipboard_grabbed(spice::Selection s, const std::vector<spice::ClipboardType>& t) override {
    if (!t.empty()) (void)clipboard_.request(s, t.back());
  }
  void clipboard_released(spice::Selection) override {}
  void clipboard_wanted(spice::Selection s, spice::ClipboardType t) override {
    (void)clipboard_.provide(s, t, to_bytes("text\n"));
  }
  void clipboard_data(spice::Selection, spice::ClipboardType, const SharedBytes&) override {}
  void file_progress(const FileProgress&) override {}
  tl::expected<std::unique_ptr<FileSink>, spice::FileStatus> file_offered(
      const spice::FileMetadata& file) override {
    (void)spice::safe_file_name(file.name);
    return std::make_unique<Hole>();
  }
  void file_status(const spice::FileStatus& status) override { (void)peer.send(status); }

 private:
  Nowhere nowhere_;

 public:
  AgentPeer peer;
  AgentFileSender sender;

 private:
  AgentClipboard clipboard_{peer, *this};
  AgentFileReceiver receiver_{*this};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Side side((data[0] & 1) != 0 ? AgentPeer::Role::agent : AgentPeer::Role::client);
  if ((data[0] & 2) != 0) {
    const auto hello = encode_agent_message(
        spice::AgentCapabilities{
            true, spice::Capabilities(std::vector<std::uint32_t>{0xffffffffu & ~(1u << 13)})},
        {});
    for (const auto& piece : *hello) (void)side.peer.receive(piece.view());
  }
  const std::size_t fragment = std::size_t{data[1]} + 1;
  for (std::size_t at = 2; at < size; at += fragment) {
    if (!side.peer.receive(ByteView(data + at, std::min(fragment, size - at)))) break;
  }
  return 0;
}
