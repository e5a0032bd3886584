// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table playback_table() {
  return {"Playback",
          "",
          {"SPICE_MSG_PLAYBACK_", "SPICE_PLAYBACK_CAP_"},
          {
              {"SPICE_MSG_PLAYBACK_DATA", pending(), pending()},
              {"SPICE_MSG_PLAYBACK_MODE", pending(), pending()},
              {"SPICE_MSG_PLAYBACK_START", pending(), pending()},
              {"SPICE_MSG_PLAYBACK_STOP", pending(), pending()},
              {"SPICE_MSG_PLAYBACK_VOLUME", pending(), pending()},
              {"SPICE_MSG_PLAYBACK_MUTE", pending(), pending()},
              {"SPICE_MSG_PLAYBACK_LATENCY", pending(), pending()},
              {"SPICE_PLAYBACK_CAP_CELT_0_5_1", pending(), pending()},
              {"SPICE_PLAYBACK_CAP_VOLUME", pending(), pending()},
              {"SPICE_PLAYBACK_CAP_LATENCY", pending(), pending()},
              {"SPICE_PLAYBACK_CAP_OPUS", pending(), pending()},
          }};
}

}  // namespace cassia::registry
