// SPDX-License-Identifier: Apache-2.0
#pragma once

// What both ends of a connection share as MessageLink: framing of what leaves, the output queue
// with its bounds, and the counters.

#include <functional>

#include "base/endpoint.h"
#include "channels/link/channel.h"
#include "protocol/spice/header.h"

namespace cassia::channels {

class MessageSender : public MessageLink {
 public:
  struct Limits {
    std::size_t writable_below = 256u << 10;
    /// A peer that lets this much pile up is cut off: nothing queues without bound.
    std::size_t max_pending = std::size_t{256} << 20;
    /// Likewise, of however few bytes each: a small message costs more in memory than on the wire.
    std::size_t max_pieces = std::size_t{1} << 18;
  };

  MessageSender(Limits limits, std::function<void()> wake)
      : limits_(limits), wake_(std::move(wake)) {}

  // MessageLink
  void send(std::uint16_t type, std::vector<SharedBytes> pieces) override;
  bool carries_descriptors() const override { return carries_descriptors_; }
  void send_with_descriptor(std::uint16_t type, std::vector<SharedBytes> pieces,
                            std::shared_ptr<const FileDescriptor> descriptor) override;
  void expect_descriptor(std::function<void(FileDescriptor)> then) override {
    if (expect_descriptor_) expect_descriptor_(std::move(then));
  }
  bool writable() const override;
  std::size_t pending_output() const override { return pending_; }
  void pause_reading(bool paused) override;
  void close() override;
  void wait_for_channels(std::vector<spice::ChannelWait> waits,
                         std::function<void()> then) override {
    wait_ ? wait_(std::move(waits), std::move(then)) : then();
  }
  const spice::Capabilities& peer_capabilities() const override { return peer_caps_; }
  spice::ChannelId id() const override { return id_; }
  const TrafficStats& stats() const override { return stats_; }

  /// Who carries out wait_for_channels().
  using Wait = std::function<void(std::vector<spice::ChannelWait>, std::function<void()>)>;
  void set_wait(Wait wait) { wait_ = std::move(wait); }

  /// Who carries out expect_descriptor().
  using ExpectDescriptor = std::function<void(std::function<void(FileDescriptor)>)>;
  void set_expect_descriptor(ExpectDescriptor expect) { expect_descriptor_ = std::move(expect); }
  void set_carries_descriptors(bool carries) { carries_descriptors_ = carries; }

  /// Bytes of the handshake: no header.
  void send_raw(Bytes bytes);
  void send_body(std::uint16_t type, Bytes body);

  std::vector<SharedBytes> take_output();  ///< what is queued, in order
  /// Those that go with the output just taken.
  std::vector<PassedDescriptor> take_descriptors() { return std::exchange(descriptors_, {}); }
  void written(std::size_t bytes);
  bool paused() const { return paused_; }
  bool finished() const { return finished_; }
  /// True once after writable() has turned from false to true.
  bool take_writable_again();

  /// Server role: the client acknowledges every `window` messages from now on.
  void expect_acks(std::uint32_t window);
  void ack();

  void set_header(spice::HeaderKind kind) { header_ = kind; }
  void set_peer(spice::ChannelId id, spice::Capabilities caps);
  TrafficStats& mutable_stats() { return stats_; }

 private:
  void note_blocked();

  Limits limits_;
  std::function<void()> wake_;
  Wait wait_;
  ExpectDescriptor expect_descriptor_;
  spice::HeaderKind header_ = spice::HeaderKind::full;
  spice::ChannelId id_;
  spice::Capabilities peer_caps_;
  TrafficStats stats_;
  std::vector<SharedBytes> output_;
  std::vector<PassedDescriptor> descriptors_;
  std::size_t pending_ = 0;
  std::uint64_t serial_ = 0;
  std::uint64_t unacked_ = 0;
  std::uint32_t ack_window_ = 0;
  bool carries_descriptors_ = false;
  bool blocked_ = false;
  bool paused_ = false;
  bool finished_ = false;
};

}  // namespace cassia::channels
