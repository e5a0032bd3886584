// SPDX-License-Identifier: Apache-2.0
#pragma once

// The seam to what makes and hears sound: a loudspeaker that asks for samples and a microphone that
// brings them, each on a thread of its own. SDL's are in sdl_audio.cc, files' in audio_files.cc.

#include <functional>
#include <memory>

#include "base/result.h"
#include "channels/audio/audio_format.h"

namespace cassia::client {

/// Something open that plays or records until it is destroyed; no callback runs after that.
class AudioStream {
 public:
  virtual ~AudioStream() = default;
  /// The device is gone (unplugged): nothing more is heard; open another.
  virtual bool lost() const { return false; }
};

/// Fills the span, whole frames of the format that was asked for. On the device's thread.
using FillSamples = std::function<void(std::span<std::int16_t>)>;
/// Takes what was heard, whole frames. On the device's thread.
using TakeSamples = std::function<void(std::span<const std::int16_t>)>;

class AudioDevices {
 public:
  virtual ~AudioDevices() = default;
  virtual Result<std::unique_ptr<AudioStream>> open_output(const channels::AudioFormat& format,
                                                           FillSamples fill) = 0;
  virtual Result<std::unique_ptr<AudioStream>> open_input(const channels::AudioFormat& format,
                                                          TakeSamples take) = 0;
};

/// The desktop's default devices, through SDL.
std::shared_ptr<AudioDevices> make_sdl_audio();

}  // namespace cassia::client
