// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages of the playback channel besides those of audio_messages.h. Numbers:
// SPICE_MSG_PLAYBACK_*; the client sends none of its own. STOP has no body.

#include "protocol/spice/audio_messages.h"

namespace cassia::spice {

struct PlaybackStart {
  static constexpr const char* name = "playback start";
  std::uint32_t channels = 0;
  std::uint16_t format = 0;  ///< SPICE_AUDIO_FMT_*
  std::uint32_t frequency = 0;
  std::uint32_t time = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.channels, m.format, m.frequency, m.time);
  }
};

/// The least delay that the server wants between a sound's time and its being heard.
struct PlaybackLatency {
  static constexpr const char* name = "playback latency";
  std::uint32_t milliseconds = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.milliseconds);
  }
};

}  // namespace cassia::spice
