// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table port_table() {
  return {"Port",
          "",
          {"SPICE_MSG_PORT_", "SPICE_MSGC_PORT_"},
          {
              {"SPICE_MSG_PORT_INIT",
               done("channels/port/port_client.cc", {"PortTest.NameEventsAndDataBothWays"}),
               done("channels/port/port_server.cc", {"PortTest.NameEventsAndDataBothWays"})},
              {"SPICE_MSG_PORT_EVENT",
               done("channels/port/port_client.cc", {"PortTest.NameEventsAndDataBothWays"}),
               done("channels/port/port_server.cc", {"PortTest.NameEventsAndDataBothWays"})},
              {"SPICE_MSGC_PORT_EVENT",
               done("channels/port/port_client.cc", {"PortTest.NameEventsAndDataBothWays"}),
               done("channels/port/port_server.cc", {"PortTest.NameEventsAndDataBothWays"})},
          }};
}

}  // namespace cassia::registry
