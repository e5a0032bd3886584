// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table base_table() {
  return {
      "Every channel",
      "",
      {"SPICE_MSGC_ACK", "SPICE_MSGC_ACK_SYNC", "SPICE_MSGC_DISCONNECTING",
       "SPICE_MSGC_MIGRATE_DATA", "SPICE_MSGC_MIGRATE_FLUSH_MARK", "SPICE_MSGC_PONG",
       "SPICE_MSG_DISCONNECTING", "SPICE_MSG_LIST", "SPICE_MSG_MIGRATE", "SPICE_MSG_MIGRATE_DATA",
       "SPICE_MSG_NOTIFY", "SPICE_MSG_PING", "SPICE_MSG_SET_ACK", "SPICE_MSG_WAIT_FOR_CHANNELS"},
      {
          {"SPICE_MSG_MIGRATE", pending(), pending()},
          {"SPICE_MSG_MIGRATE_DATA", pending(), pending()},
          {"SPICE_MSG_SET_ACK",
           done("channels/link/client_connection.cc", {"LinkTest.ClientAcknowledgesEveryWindow"}),
           done("channels/link/server_connection.cc", {"LinkTest.ClientAcknowledgesEveryWindow"})},
          {"SPICE_MSG_PING",
           done("channels/link/client_connection.cc",
                {"LinkTest.ClientAnswersPingAndKnowsAGoodbye"}),
           pending()},
          {"SPICE_MSG_WAIT_FOR_CHANNELS", pending(), pending()},
          {"SPICE_MSG_DISCONNECTING",
           done("channels/link/client_connection.cc",
                {"LinkTest.ClientAnswersPingAndKnowsAGoodbye"}),
           pending()},
          {"SPICE_MSG_NOTIFY",
           done("channels/link/client_connection.cc", {"MainTest.EveryMessageArrives"}),
           done("channels/main/main_server.cc", {"MainTest.EveryMessageArrives"})},
          {"SPICE_MSG_LIST",
           done("channels/link/client_connection.cc",
                {"LinkTest.ListMessagesAreUnpackedAndDoNotNest"}),
           pending()},
          {"SPICE_MSGC_ACK_SYNC",
           done("channels/link/client_connection.cc",
                {"LinkTest.ServerStopsAtTwiceTheWindowAndGoesOnWithAcks"}),
           done("channels/link/server_connection.cc",
                {"LinkTest.ServerStopsAtTwiceTheWindowAndGoesOnWithAcks"})},
          {"SPICE_MSGC_ACK",
           done("channels/link/client_connection.cc",
                {"LinkTest.ServerStopsAtTwiceTheWindowAndGoesOnWithAcks"}),
           done("channels/link/server_connection.cc",
                {"LinkTest.ServerStopsAtTwiceTheWindowAndGoesOnWithAcks"})},
          {"SPICE_MSGC_PONG",
           done("channels/link/client_connection.cc",
                {"LinkTest.ClientAnswersPingAndKnowsAGoodbye"}),
           done("channels/link/server_connection.cc",
                {"LinkTest.ClientAnswersPingAndKnowsAGoodbye"})},
          {"SPICE_MSGC_MIGRATE_FLUSH_MARK",
           done("channels/link/client_connection.cc",
                {"LinkTest.HandshakeAndMessagesInAnyFragments"}),
           done("channels/link/server_connection.cc",
                {"LinkTest.HandshakeAndMessagesInAnyFragments"})},
          {"SPICE_MSGC_MIGRATE_DATA", pending(), pending()},
          {"SPICE_MSGC_DISCONNECTING", pending(),
           done("channels/link/server_connection.cc",
                {"LinkTest.HandshakeAndMessagesInAnyFragments"})},
      }};
}

}  // namespace cassia::registry
