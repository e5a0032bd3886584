// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sound channels of a session joined to its sink and source. Network thread only.

#include <functional>
#include <memory>
#include <optional>

#include "channels/audio/audio_codec.h"
#include "channels/playback/playback_channel.h"
#include "channels/record/record_channel.h"
#include "client/audio/audio_sink.h"

namespace cassia::client {

class PlaybackFeed final : public channels::PlaybackClientEvents {
 public:
  explicit PlaybackFeed(AudioSink& sink) : sink_(sink) {}
  PlaybackStatistics statistics() const;
  /// How far what is heard lags behind what has come, in milliseconds; nothing while none plays.
  std::optional<std::uint32_t> delay() const;

  void playback_start(const channels::AudioFormat& format, channels::AudioMode mode,
                      std::uint32_t time) override;
  void playback_data(std::uint32_t time, ByteView data) override;
  void playback_stop() override;
  void playback_volume(const channels::AudioVolume& volume) override { sink_.set_volume(volume); }
  void playback_latency(std::uint32_t milliseconds) override { sink_.set_latency(milliseconds); }
  void playback_closed(const Error&) override {}

 private:
  AudioSink& sink_;
  std::unique_ptr<channels::AudioDecoder> decoder_;  ///< null: the stream cannot be decoded
  std::string codec_;
  std::uint64_t broken_ = 0;
};

struct RecordStatistics {
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_dropped = 0;  ///< the server was behind
  std::string codec;                  ///< empty: nothing was recorded
};

class RecordFeed final : public channels::RecordClientEvents,
                         public std::enable_shared_from_this<RecordFeed> {
 public:
  /// Runs a function on the network thread, soon; callable from any thread.
  using Post = std::function<void(std::function<void()>)>;
  RecordFeed(AudioSource& source, const Clock& clock, Post post)
      : source_(source), clock_(clock), post_(std::move(post)) {}
  ~RecordFeed() override { source_.stop(); }

  std::unique_ptr<channels::Channel> make_channel();
  /// The session has let go of the channel: nothing is recorded from now on.
  void end();
  const RecordStatistics& statistics() const { return statistics_; }

  void record_start(const channels::AudioFormat& format) override;
  void record_stop() override;
  void record_volume(const channels::AudioVolume& volume) override { volume_ = volume; }
  void record_closed(const Error&) override { channel_ = nullptr; }

 private:
  void heard(std::uint64_t recording, channels::Samples samples);

  AudioSource& source_;
  const Clock& clock_;
  const Post post_;
  channels::RecordClient* channel_ = nullptr;
  channels::AudioFormat format_;
  channels::AudioVolume volume_;
  channels::AudioMode mode_ = channels::AudioMode::raw;
  std::unique_ptr<channels::AudioEncoder> encoder_;  ///< while recording
  std::uint64_t recording_ = 0;  ///< counts them: samples of an old one are void
  RecordStatistics statistics_;
};

}  // namespace cassia::client
