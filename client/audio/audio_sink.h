// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where decoded sound goes, and where recorded sound comes from: devices, or WAV files for tests
// and scripts. All calls come from the network thread.

#include <memory>
#include <string>

#include "base/clock.h"
#include "channels/audio/wav.h"
#include "client/audio/audio_device.h"
#include "client/audio/jitter_buffer.h"

namespace cassia::client {

class AudioSink {
 public:
  virtual ~AudioSink() = default;
  /// A stream begins; one that runs is over.
  virtual void start(const channels::AudioFormat& format) = 0;
  /// Whole frames, the first with the multi-media time `time`.
  virtual void play(std::uint32_t time, channels::Samples samples) = 0;
  virtual void stop() = 0;
  virtual void set_volume(const channels::AudioVolume& volume) = 0;
  virtual void set_latency(std::uint32_t milliseconds) { (void)milliseconds; }
  virtual PlaybackStatistics statistics() const = 0;
};

/// Plays through a jitter buffer. A device that cannot be opened, or that goes away, is tried again
/// every few seconds while sound comes.
std::unique_ptr<AudioSink> make_device_sink(std::shared_ptr<AudioDevices> devices,
                                            std::shared_ptr<const Clock> clock);

/// Writes every sample in the order in which it came, without gaps and without a buffer, with
/// volume and mute applied; in the format of the first stream. The file is complete once the sink
/// is destroyed. Errors: the file cannot be made.
Result<std::unique_ptr<AudioSink>> make_wav_sink(const std::string& path);

class AudioSource {
 public:
  virtual ~AudioSource() = default;
  /// `take` is called on a thread of the source, until stop() has returned.
  virtual Result<void> start(const channels::AudioFormat& format, TakeSamples take) = 0;
  virtual void stop() = 0;
};

/// The default microphone, opened only while it is wanted.
std::unique_ptr<AudioSource> make_device_source(std::shared_ptr<AudioDevices> devices);

/// Says what is in `wav`, at its own pace and from its beginning each time it is started; then
/// silence.
std::unique_ptr<AudioSource> make_wav_source(channels::Wav wav);

/// Scales samples as the guest's mixer says. Volumes are cubic, as stock clients take them: half
/// the volume is an eighth of the amplitude. Full volume changes nothing.
void apply_volume(std::span<std::int16_t> samples, std::uint32_t channels,
                  const channels::AudioVolume& volume);

}  // namespace cassia::client
