// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

namespace {
constexpr std::string_view other_name =
    "another name of the number of SPICE_MSGC_SMARTCARD_DATA, whose type field tells what it is";
}

Table smartcard_table() {
  return {
      "Smartcard",
      "",
      {"SPICE_MSG_SMARTCARD_", "SPICE_MSGC_SMARTCARD_", "SPICE_VSC_MESSAGE_TYPE_"},
      {
          {"SPICE_VSC_MESSAGE_TYPE_Init",
           parsed("the device's greeting, which libspice-server keeps to itself",
                  "protocol/spice/smartcard_messages.h",
                  {"SmartcardTest.HostileMessagesAreErrors"}),
           parsed("no client sends it", "protocol/spice/smartcard_messages.h",
                  {"SmartcardTest.HostileMessagesAreErrors"})},
          {"SPICE_VSC_MESSAGE_TYPE_Error",
           done("protocol/spice/smartcard_messages.h",
                {"CardReadersTest.OneRequestAtATimeInOrder"}),
           done("protocol/spice/smartcard_messages.h", {"SmartcardTest.HostileMessagesAreErrors"})},
          {"SPICE_VSC_MESSAGE_TYPE_ReaderAdd",
           done("protocol/spice/smartcard_messages.h",
                {"CardReadersTest.OneRequestAtATimeInOrder"}),
           done("protocol/spice/smartcard_messages.h", {"SmartcardTest.MessagesGoBothWays"})},
          {"SPICE_VSC_MESSAGE_TYPE_ReaderRemove",
           done("protocol/spice/smartcard_messages.h",
                {"CardReadersTest.OneRequestAtATimeInOrder"}),
           done("protocol/spice/smartcard_messages.h", {"SmartcardTest.HostileMessagesAreErrors"})},
          {"SPICE_VSC_MESSAGE_TYPE_ATR",
           done("protocol/spice/smartcard_messages.h",
                {"CardReadersTest.OneRequestAtATimeInOrder"}),
           done("protocol/spice/smartcard_messages.h", {"SmartcardTest.MessagesGoBothWays"})},
          {"SPICE_VSC_MESSAGE_TYPE_CardRemove",
           done("protocol/spice/smartcard_messages.h",
                {"CardReadersTest.OneRequestAtATimeInOrder"}),
           done("protocol/spice/smartcard_messages.h", {"SmartcardTest.HostileMessagesAreErrors"})},
          {"SPICE_VSC_MESSAGE_TYPE_APDU",
           done("protocol/spice/smartcard_messages.h", {"CardReadersTest.ApdusAndFlush"}),
           done("protocol/spice/smartcard_messages.h", {"SmartcardTest.MessagesGoBothWays"})},
          {"SPICE_VSC_MESSAGE_TYPE_Flush",
           done("protocol/spice/smartcard_messages.h", {"CardReadersTest.ApdusAndFlush"}),
           done("protocol/spice/smartcard_messages.h", {"SmartcardTest.MessagesGoBothWays"})},
          {"SPICE_VSC_MESSAGE_TYPE_FlushComplete",
           done("protocol/spice/smartcard_messages.h", {"CardReadersTest.ApdusAndFlush"}),
           done("protocol/spice/smartcard_messages.h", {"SmartcardTest.HostileMessagesAreErrors"})},
          {"SPICE_MSG_SMARTCARD_DATA",
           done("channels/smartcard/smartcard_channel.cc", {"SmartcardTest.MessagesGoBothWays"}),
           done("channels/smartcard/smartcard_channel.cc", {"SmartcardTest.MessagesGoBothWays"})},
          {"SPICE_MSGC_SMARTCARD_DATA",
           done("channels/smartcard/smartcard_channel.cc", {"SmartcardTest.MessagesGoBothWays"}),
           done("channels/smartcard/smartcard_channel.cc", {"SmartcardTest.MessagesGoBothWays"})},
          {"SPICE_MSGC_SMARTCARD_HEADER", never(other_name), never(other_name)},
          {"SPICE_MSGC_SMARTCARD_ERROR", never(other_name), never(other_name)},
          {"SPICE_MSGC_SMARTCARD_ATR", never(other_name), never(other_name)},
          {"SPICE_MSGC_SMARTCARD_READER_ADD", never(other_name), never(other_name)},
      }};
}

}  // namespace cassia::registry
