// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the playback and record channels have in common. Numbers: SPICE_AUDIO_DATA_MODE_*,
// SPICE_AUDIO_FMT_* (spice/enums.h); layouts: AudioVolume, AudioMute, SpiceMsgPlaybackPacket,
// SpiceMsgPlaybackMode of the SPICE protocol. Times are multi-media times in milliseconds.

#include <cstdint>
#include <vector>

#include "protocol/wire/fields.h"

namespace cassia::spice {

/// DATA of both channels: samples, or one Opus packet.
struct AudioPacket {
  static constexpr const char* name = "audio data";
  std::uint32_t time = 0;
  wire::Blob data;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.time);
    io.rest(m.data);
  }
};

/// MODE of both channels: how the data that follows is coded.
struct AudioModeMessage {
  static constexpr const char* name = "audio mode";
  std::uint32_t time = 0;
  std::uint16_t mode = 0;  ///< SPICE_AUDIO_DATA_MODE_*
  wire::Blob data;         ///< of the codec; no codec has any
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.time, m.mode);
    io.rest(m.data);
  }
};

/// VOLUME of both channels: one value a sound channel, 0 (silent) to 65535.
struct AudioVolume {
  static constexpr const char* name = "audio volume";
  std::vector<std::uint16_t> volume;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io.template list<std::uint8_t>(m.volume, 255, 2);
  }
};

/// MUTE of both channels.
struct AudioMute {
  static constexpr const char* name = "audio mute";
  std::uint8_t mute = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.mute);
  }
};

}  // namespace cassia::spice
