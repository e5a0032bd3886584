// SPDX-License-Identifier: Apache-2.0
#pragma once

// The demo guest's agent: small, but it does what it says. It fetches and keeps what viewers put
// into the clipboard, text, pictures and lists of files, offers that again or text of its own,
// takes files (into memory or a folder), and sizes the desktop as viewers wish.

#include <array>
#include <functional>
#include <set>
#include <string>

#include "channels/agent/agent_files.h"
#include "render/raster/geometry.h"

namespace cassia::server {

struct DemoAgentOptions {
  std::string folder;                              ///< where files go; empty: memory
  std::uint64_t memory = std::uint64_t{64} << 20;  ///< bytes of files, in memory or in the folder
  std::size_t largest_text = std::size_t{1} << 20;
  std::size_t largest_contents = std::size_t{16} << 20;  ///< of the clipboard besides text
  raster::Size smallest{640, 480}, largest{4096, 4096};
};

class DemoAgent final : private channels::AgentFileReceiverEvents {
 public:
  struct Hooks {
    std::function<void(const spice::AgentMessage&)> say;
    std::function<void(raster::Size)> resize;
  };
  DemoAgent(DemoAgentOptions options, Hooks hooks);
  ~DemoAgent() override;

  static spice::Capabilities capabilities();
  void hear(const spice::AgentMessage& message);

  /// Takes the clipboard for the guest; without a text: for what it keeps.
  void copy(std::string text);
  void copy();
  std::string text() const;  ///< empty if it keeps none
  /// Text as it is, or a line for each other kind of contents and each file of a list.
  std::string clipboard() const;
  /// One line a file: name and size.
  std::string file_list() const;
  /// One line: the volume that a viewer set last, if any.
  std::string volume() const { return volume_; }

 private:
  class Sink;

  void on_grab(const spice::ClipboardGrab& grab);
  void on_request(const spice::ClipboardRequest& request);
  void on_data(const spice::ClipboardData& data);
  void on_monitors(const spice::AgentMonitorsConfig& config);
  tl::expected<std::unique_ptr<channels::FileSink>, spice::FileStatus> file_offered(
      const spice::FileMetadata& file) override;
  void file_status(const spice::FileStatus& status) override { hooks_.say(status); }

  const DemoAgentOptions options_;
  const Hooks hooks_;
  std::array<bool, spice::selection_count> ours_{};
  std::map<spice::ClipboardType, SharedBytes> kept_;  ///< of the clipboard
  std::string volume_;
  std::uint64_t used_ = 0;  ///< bytes of files, kept or promised
  std::map<std::string, Bytes> files_;
  std::map<std::string, std::uint64_t> sizes_;
  channels::AgentFileReceiver receiver_;
};

}  // namespace cassia::server
