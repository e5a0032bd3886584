// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest's sound and the viewers that hear it. Opus goes to every viewer that offers it, raw
// samples to the others. Packets that are coded as a viewer wants them pass through untouched;
// otherwise they are decoded or encoded once, for all viewers that want the other codec.

#include <optional>
#include <set>

#include "channels/audio/audio_codec.h"
#include "channels/playback/playback_channel.h"

namespace cassia::server {

class PlaybackViewer;

class PlaybackHub {
 public:
  /// Without compression raw samples of the guest go out as they are, whatever a viewer offers.
  void set_compression(bool on) { compression_ = on; }

  void start(const channels::AudioFormat& format, channels::AudioMode mode, std::uint32_t time);
  void data(std::uint32_t time, const SharedBytes& packet);
  void stop();
  void volume(const channels::AudioVolume& volume);
  void latency(std::uint32_t milliseconds);
  /// Back to what it was before the guest first spoke.
  void reset();

  void add(PlaybackViewer* viewer);
  void remove(PlaybackViewer* viewer) { viewers_.erase(viewer); }

 private:
  struct Stream {
    channels::AudioFormat format;
    channels::AudioMode mode;
    std::uint32_t time;  ///< of the newest packet
  };
  using Packets = std::vector<channels::AudioEncoder::Packet>;

  void start_viewer(PlaybackViewer& viewer);
  bool any_wants(channels::AudioMode mode) const;
  Packets recoded(std::uint32_t time, const SharedBytes& packet);

  std::set<PlaybackViewer*> viewers_;
  bool compression_ = true;
  std::optional<Stream> stream_;
  std::optional<channels::AudioVolume> volume_;
  std::optional<std::uint32_t> latency_;
  std::unique_ptr<channels::AudioDecoder> decoder_;  ///< while a viewer wants what it makes
  std::unique_ptr<channels::AudioEncoder> encoder_;  ///< likewise
};

/// One viewer's playback channel. Must not outlive the hub.
class PlaybackViewer final : public channels::PlaybackServerEvents {
 public:
  explicit PlaybackViewer(PlaybackHub& hub) : hub_(hub) {}
  ~PlaybackViewer() override { hub_.remove(this); }
  PlaybackViewer(const PlaybackViewer&) = delete;
  PlaybackViewer& operator=(const PlaybackViewer&) = delete;

  std::unique_ptr<channels::Channel> make_channel();

 private:
  friend class PlaybackHub;
  void playback_opened() override { hub_.add(this); }
  void playback_closed(const Error&) override { hub_.remove(this); }

  PlaybackHub& hub_;
  channels::PlaybackServer* channel_ = nullptr;          ///< open while the hub knows this viewer
  channels::AudioMode mode_ = channels::AudioMode::raw;  ///< of the stream
};

}  // namespace cassia::server
