// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table record_table() {
  return {"Record",
          "",
          {"SPICE_MSG_RECORD_", "SPICE_MSGC_RECORD_", "SPICE_RECORD_CAP_"},
          {
              {"SPICE_MSG_RECORD_START", pending(), pending()},
              {"SPICE_MSG_RECORD_STOP", pending(), pending()},
              {"SPICE_MSG_RECORD_VOLUME", pending(), pending()},
              {"SPICE_MSG_RECORD_MUTE", pending(), pending()},
              {"SPICE_MSGC_RECORD_DATA", pending(), pending()},
              {"SPICE_MSGC_RECORD_MODE", pending(), pending()},
              {"SPICE_MSGC_RECORD_START_MARK", pending(), pending()},
              {"SPICE_RECORD_CAP_CELT_0_5_1", pending(), pending()},
              {"SPICE_RECORD_CAP_VOLUME", pending(), pending()},
              {"SPICE_RECORD_CAP_OPUS", pending(), pending()},
          }};
}

}  // namespace cassia::registry
