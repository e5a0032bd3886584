// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sound on its way to a device: packets come when the network and the guest give them, samples are
// taken when the device needs them. Each packet has a multi-media time; the one that came with the
// least delay ties that clock to ours, and a packet is heard `target` after its time. The target is
// what the server asked for (LATENCY), else a default, and more while the packets' delays vary
// more. Playing that has fallen behind (a stalled network whose packets all come at once) skips to
// the target; an empty buffer is silence until the target is reached again.

#include <deque>
#include <string>

#include "base/clock.h"
#include "channels/audio/audio_format.h"

namespace cassia::client {

struct PlaybackStatistics {
  std::uint64_t packets = 0;
  std::uint64_t frames_played = 0;
  std::uint64_t underruns = 0;       ///< times that the device had to be given silence
  std::uint64_t frames_skipped = 0;  ///< to catch up
  std::uint64_t broken_packets = 0;  ///< not to be decoded; concealed
  std::uint32_t target_ms = 0;       ///< wanted between a packet's time and its being heard
  std::uint32_t latency_ms = 0;  ///< had, when samples were last taken; without the device's own
  std::string codec;             ///< "raw" or "opus"; empty: nothing was played
};

/// Not thread-safe.
class JitterBuffer {
 public:
  explicit JitterBuffer(const channels::AudioFormat& format) : format_(format) {}

  /// 0: back to the default.
  void set_latency(std::uint32_t milliseconds) { wanted_ms_ = milliseconds; }

  /// `samples`: whole frames, the first of which has the multi-media time `time`.
  void push(std::uint32_t time, channels::Samples samples, TimePoint now);
  /// The stream is over: what waits is heard, and its end is no underrun.
  void finish() { finishing_ = true; }
  /// Fills `out` (whole frames) with what is due, or with silence.
  void pull(std::span<std::int16_t> out, TimePoint now);

  Duration target() const;
  /// Frames that wait.
  std::size_t size() const { return waiting_ / format_.channels; }
  const PlaybackStatistics& statistics() const { return statistics_; }

  static constexpr std::uint32_t default_ms = 60;
  static constexpr std::uint32_t longest_ms = 1000;

 private:
  struct Packet {
    std::int64_t time;  ///< ms, unwrapped
    channels::Samples samples;
    std::size_t taken = 0;  ///< samples of it that are gone
  };

  std::int64_t unwrapped(std::uint32_t time);
  void note_arrival(std::int64_t time, TimePoint now);
  /// How far the next sample is past its moment; negative: it is not due yet.
  std::int64_t lag_ms(TimePoint now) const;
  void drop_front(std::size_t samples);
  void catch_up(TimePoint now);
  static std::int64_t ms_of(TimePoint now);

  const channels::AudioFormat format_;
  std::deque<Packet> packets_;
  std::size_t waiting_ = 0;  ///< samples
  bool playing_ = false;
  bool finishing_ = false;
  bool any_time_ = false;
  std::int64_t last_time_ = 0;
  std::int64_t least_ = 0;  ///< arrival minus time of the packet that was delayed least
  double spread_ms_ = 0;    ///< how much later than that packets come: a decaying maximum
  std::uint32_t wanted_ms_ = 0;
  PlaybackStatistics statistics_;
};

}  // namespace cassia::client
