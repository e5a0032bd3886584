// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest's agent within a session: clipboards, files and screen sizes.

#include <memory>
#include <string>

#include "channels/agent/agent_clipboard.h"
#include "channels/agent/agent_files.h"
#include "client/devices/file_publisher.h"
#include "client/session/event_queue.h"

namespace cassia::client {

/// Network thread only. What it hears goes to the main thread as AgentEvents.
class AgentLink final : private channels::AgentPeerEvents,
                        private channels::AgentClipboardEvents,
                        private channels::AgentFileSenderEvents {
 public:
  struct Policy {
    bool clipboard = true;
    bool files = true;
    /// The volumes that the person has stated, which each agent is told once, as it comes.
    std::vector<spice::AgentVolume> volumes;
    /// What the guest's desktop shall leave out, told likewise if it is anything.
    spice::AgentDisplayConfig look;
  };
  AgentLink(EventQueue& queue, Policy policy);
  ~AgentLink() override;
  /// Where lists of files in the clipboard come from and go to; without it there are none. Must
  /// outlive this.
  void set_publisher(FilePublisher* publisher) { publisher_ = publisher; }

  // From the session's main channel.
  void attach(channels::AgentPipe& pipe);  ///< a new connection; `pipe` lives until detach()
  void detach();
  void connected(bool connected);
  void data(ByteView bytes);
  void writable();

  // Commands. Without an agent, or against the policy, they do nothing.
  void grab(spice::Selection selection, std::vector<spice::ClipboardType> types);
  void release(spice::Selection selection);
  /// ClipboardContents follows, with type none if there is nothing to be had.
  void request(spice::Selection selection, spice::ClipboardType type);
  /// The answer to ClipboardWanted. A list of files has the paths of this machine.
  void provide(spice::Selection selection, spice::ClipboardType type, SharedBytes data);
  /// FileMoved follows, also when the file cannot be read or the agent takes none (id 0 then).
  void send_file(const std::string& path);
  void cancel_file(std::uint32_t id);
  /// Monitors, display configuration, volume.
  void send(spice::AgentMessage message);

 private:
  struct Talk;

  void agent_capabilities(const spice::Capabilities& theirs) override;
  void agent_message(spice::AgentMessage message) override;
  void agent_clipboard_too_large(spice::Selection selection) override;
  void clipboard_grabbed(spice::Selection selection,
                         const std::vector<spice::ClipboardType>& types) override;
  void clipboard_released(spice::Selection selection) override;
  void clipboard_wanted(spice::Selection selection, spice::ClipboardType type) override;
  void clipboard_data(spice::Selection selection, spice::ClipboardType type,
                      const SharedBytes& data) override;
  void file_progress(const channels::FileProgress& progress) override;

  bool shares_files() const { return publisher_ != nullptr && publisher_->publishes(); }
  void provide_files(spice::Selection selection, const SharedBytes& list);
  SharedBytes local_files(const SharedBytes& list) const;

  EventQueue& queue_;
  const Policy policy_;
  FilePublisher* publisher_ = nullptr;
  std::unique_ptr<Talk> talk_;  ///< null while there is no main channel
};

}  // namespace cassia::client
