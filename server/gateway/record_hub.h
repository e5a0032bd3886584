// SPDX-License-Identifier: Apache-2.0
#pragma once

// The viewers' microphones, of which the guest hears one: that of the viewer whose record channel
// opened last, as long as it is there; then that of the one before it. A viewer that may only look
// is never heard. Only the owner is asked to record, so no other microphone is ever switched on.

#include <functional>
#include <optional>
#include <vector>

#include "channels/record/record_channel.h"

namespace cassia::server {

class RecordViewer;

class RecordHub {
 public:
  /// Where the owner's packets go: borrowed for the call.
  using Listener =
      std::function<void(channels::AudioMode mode, std::uint32_t time, ByteView packet)>;
  explicit RecordHub(Listener listener) : listener_(std::move(listener)) {}

  void start(const channels::AudioFormat& format);
  void stop();
  void volume(const channels::AudioVolume& volume);
  void reset();

  void add(RecordViewer* viewer);
  void remove(RecordViewer* viewer);
  /// Null while no viewer is heard.
  const RecordViewer* owner() const { return owner_; }

 private:
  friend class RecordViewer;
  void choose_owner();

  Listener listener_;
  std::vector<RecordViewer*> viewers_;  ///< in the order in which they came
  RecordViewer* owner_ = nullptr;
  std::optional<channels::AudioFormat> format_;  ///< set while the guest listens
  std::optional<channels::AudioVolume> volume_;
};

/// One viewer's record channel. Must not outlive the hub.
class RecordViewer final : public channels::RecordServerEvents {
 public:
  /// `name` for the log; `may_record` false: it may look and listen, not speak.
  RecordViewer(RecordHub& hub, std::string name, bool may_record)
      : hub_(hub), name_(std::move(name)), may_record_(may_record) {}
  ~RecordViewer() override { hub_.remove(this); }
  RecordViewer(const RecordViewer&) = delete;
  RecordViewer& operator=(const RecordViewer&) = delete;

  std::unique_ptr<channels::Channel> make_channel();

 private:
  friend class RecordHub;
  void record_opened() override { hub_.add(this); }
  void record_data(channels::AudioMode mode, std::uint32_t time, ByteView data) override;
  void record_closed(const Error&) override { hub_.remove(this); }

  RecordHub& hub_;
  const std::string name_;
  const bool may_record_;
  channels::RecordServer* channel_ = nullptr;  ///< open while the hub knows this viewer
};

}  // namespace cassia::server
