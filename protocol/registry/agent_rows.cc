// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table agent_table() {
  return {"Agent",
          "",
          {"VD_AGENT_CAP_", "VD_AGENT_MOUSE_STATE", "VD_AGENT_MONITORS_CONFIG", "VD_AGENT_REPLY",
           "VD_AGENT_CLIPBOARD", "VD_AGENT_DISPLAY_CONFIG", "VD_AGENT_ANNOUNCE_CAPABILITIES",
           "VD_AGENT_CLIPBOARD_GRAB", "VD_AGENT_CLIPBOARD_REQUEST", "VD_AGENT_CLIPBOARD_RELEASE",
           "VD_AGENT_FILE_XFER_START", "VD_AGENT_FILE_XFER_STATUS", "VD_AGENT_FILE_XFER_DATA",
           "VD_AGENT_CLIENT_DISCONNECTED", "VD_AGENT_MAX_CLIPBOARD", "VD_AGENT_AUDIO_VOLUME_SYNC",
           "VD_AGENT_GRAPHICS_DEVICE_INFO"},
          {
              {"VD_AGENT_MOUSE_STATE", pending(), pending()},
              {"VD_AGENT_MONITORS_CONFIG", pending(), pending()},
              {"VD_AGENT_REPLY", pending(), pending()},
              {"VD_AGENT_CLIPBOARD", pending(), pending()},
              {"VD_AGENT_DISPLAY_CONFIG", pending(), pending()},
              {"VD_AGENT_ANNOUNCE_CAPABILITIES", pending(), pending()},
              {"VD_AGENT_CLIPBOARD_GRAB", pending(), pending()},
              {"VD_AGENT_CLIPBOARD_REQUEST", pending(), pending()},
              {"VD_AGENT_CLIPBOARD_RELEASE", pending(), pending()},
              {"VD_AGENT_FILE_XFER_START", pending(), pending()},
              {"VD_AGENT_FILE_XFER_STATUS", pending(), pending()},
              {"VD_AGENT_FILE_XFER_DATA", pending(), pending()},
              {"VD_AGENT_CLIENT_DISCONNECTED", pending(), pending()},
              {"VD_AGENT_MAX_CLIPBOARD", pending(), pending()},
              {"VD_AGENT_AUDIO_VOLUME_SYNC", pending(), pending()},
              {"VD_AGENT_GRAPHICS_DEVICE_INFO", pending(), pending()},
              {"VD_AGENT_CAP_MOUSE_STATE", pending(), pending()},
              {"VD_AGENT_CAP_MONITORS_CONFIG", pending(), pending()},
              {"VD_AGENT_CAP_REPLY", pending(), pending()},
              {"VD_AGENT_CAP_CLIPBOARD", pending(), pending()},
              {"VD_AGENT_CAP_DISPLAY_CONFIG", pending(), pending()},
              {"VD_AGENT_CAP_CLIPBOARD_BY_DEMAND", pending(), pending()},
              {"VD_AGENT_CAP_CLIPBOARD_SELECTION", pending(), pending()},
              {"VD_AGENT_CAP_SPARSE_MONITORS_CONFIG", pending(), pending()},
              {"VD_AGENT_CAP_GUEST_LINEEND_LF", pending(), pending()},
              {"VD_AGENT_CAP_GUEST_LINEEND_CRLF", pending(), pending()},
              {"VD_AGENT_CAP_MAX_CLIPBOARD", pending(), pending()},
              {"VD_AGENT_CAP_AUDIO_VOLUME_SYNC", pending(), pending()},
              {"VD_AGENT_CAP_MONITORS_CONFIG_POSITION", pending(), pending()},
              {"VD_AGENT_CAP_FILE_XFER_DISABLED", pending(), pending()},
              {"VD_AGENT_CAP_FILE_XFER_DETAILED_ERRORS", pending(), pending()},
              {"VD_AGENT_CAP_GRAPHICS_DEVICE_INFO", pending(), pending()},
              {"VD_AGENT_CAP_CLIPBOARD_NO_RELEASE_ON_REGRAB", pending(), pending()},
              {"VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL", pending(), pending()},
          }};
}

}  // namespace cassia::registry
