// SPDX-License-Identifier: Apache-2.0
#pragma once

// VOLUME messages of both channels and roles.

#include <algorithm>

#include "channels/audio/audio_format.h"
#include "protocol/spice/audio_messages.h"

namespace cassia::channels {

/// Takes a VOLUME message into `volume`. False: it states no channel (QEMU does so before its guest
/// has set a mixer) and changes nothing. Channels beyond those that sound can have are left out.
inline Result<bool> read_volume(ByteView body, AudioVolume& volume) {
  auto m = CASSIA_TRY(wire::parse<spice::AudioVolume>(body));
  if (m.volume.empty()) return false;
  m.volume.resize(std::min<std::size_t>(m.volume.size(), max_audio_channels));
  volume.channels = std::move(m.volume);
  return true;
}

}  // namespace cassia::channels
