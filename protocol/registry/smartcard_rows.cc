// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table smartcard_table() {
  return {"Smartcard",
          "",
          {"SPICE_MSG_SMARTCARD_", "SPICE_MSGC_SMARTCARD_", "SPICE_VSC_MESSAGE_TYPE_"},
          {
              {"SPICE_VSC_MESSAGE_TYPE_Init", pending(), pending()},
              {"SPICE_VSC_MESSAGE_TYPE_Error", pending(), pending()},
              {"SPICE_VSC_MESSAGE_TYPE_ReaderAdd", pending(), pending()},
              {"SPICE_VSC_MESSAGE_TYPE_ReaderRemove", pending(), pending()},
              {"SPICE_VSC_MESSAGE_TYPE_ATR", pending(), pending()},
              {"SPICE_VSC_MESSAGE_TYPE_CardRemove", pending(), pending()},
              {"SPICE_VSC_MESSAGE_TYPE_APDU", pending(), pending()},
              {"SPICE_VSC_MESSAGE_TYPE_Flush", pending(), pending()},
              {"SPICE_VSC_MESSAGE_TYPE_FlushComplete", pending(), pending()},
              {"SPICE_MSG_SMARTCARD_DATA", pending(), pending()},
              {"SPICE_MSGC_SMARTCARD_DATA", pending(), pending()},
              {"SPICE_MSGC_SMARTCARD_HEADER", pending(), pending()},
              {"SPICE_MSGC_SMARTCARD_ERROR", pending(), pending()},
              {"SPICE_MSGC_SMARTCARD_ATR", pending(), pending()},
              {"SPICE_MSGC_SMARTCARD_READER_ADD", pending(), pending()},
          }};
}

}  // namespace cassia::registry
