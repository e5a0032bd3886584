// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table spicevmc_table() {
  return {
      "usbredir, webdav and the data of ports",
      "",
      {"SPICE_MSG_SPICEVMC_", "SPICE_MSGC_SPICEVMC_", "SPICE_SPICEVMC_CAP_"},
      {
          {"SPICE_MSG_SPICEVMC_DATA",
           done("channels/port/port_client.cc", {"PortTest.NameEventsAndDataBothWays"}),
           done("channels/port/port_data.cc", {"PortTest.NameEventsAndDataBothWays"})},
          {"SPICE_MSG_SPICEVMC_COMPRESSED_DATA",
           done("channels/port/port_client.cc",
                {"StreamTest.CompressesBothWaysWhereThePeerOffersIt",
                 "StreamTest.LiesAboutCompressedSizesAreErrors"}),
           done("channels/port/port_data.cc", {"StreamTest.CompressesBothWaysWhereThePeerOffersIt",
                                               "StreamTest.LiesAboutCompressedSizesAreErrors"})},
          {"SPICE_MSGC_SPICEVMC_DATA",
           done("channels/port/port_data.cc", {"PortTest.NameEventsAndDataBothWays"}),
           done("channels/port/port_server.cc", {"PortTest.NameEventsAndDataBothWays"})},
          {"SPICE_MSGC_SPICEVMC_COMPRESSED_DATA",
           done("channels/port/port_data.cc", {"StreamTest.CompressesBothWaysWhereThePeerOffersIt",
                                               "StreamTest.LiesAboutCompressedSizesAreErrors"}),
           done("channels/port/port_server.cc",
                {"StreamTest.CompressesBothWaysWhereThePeerOffersIt",
                 "StreamTest.LiesAboutCompressedSizesAreErrors"})},
          {"SPICE_SPICEVMC_CAP_DATA_COMPRESS_LZ4",
           done("channels/port/port_client.cc",
                {"StreamTest.CompressesBothWaysWhereThePeerOffersIt"}),
           done("server/gateway/link_gate.cc",
                {"StreamTest.CompressesBothWaysWhereThePeerOffersIt"})},
      }};
}

}  // namespace cassia::registry
