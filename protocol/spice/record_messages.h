// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages of the record channel besides those of audio_messages.h. Numbers: SPICE_MSG_RECORD_*,
// SPICE_MSGC_RECORD_*. STOP has no body.

#include "protocol/spice/audio_messages.h"

namespace cassia::spice {

/// The server wants what the client's microphone hears.
struct RecordStart {
  static constexpr const char* name = "record start";
  std::uint32_t channels = 0;
  std::uint16_t format = 0;  ///< SPICE_AUDIO_FMT_*
  std::uint32_t frequency = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.channels, m.format, m.frequency);
  }
};

/// START_MARK of the client: the time of the first sample.
struct RecordStartMark {
  static constexpr const char* name = "record start mark";
  std::uint32_t time = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.time);
  }
};

}  // namespace cassia::spice
