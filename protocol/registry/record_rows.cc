// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table record_table() {
  return {
      "Record",
      "",
      {"SPICE_MSG_RECORD_", "SPICE_MSGC_RECORD_", "SPICE_RECORD_CAP_"},
      {
          {"SPICE_MSG_RECORD_START",
           done("channels/record/record_client.cc",
                {"RecordTest.FromStartToStop", "QemuSoundTest.TheViewersMicrophoneReachesTheCard"}),
           done("channels/record/record_server.cc",
                {"RecordTest.FromStartToStop",
                 "DemoSoundTest.TheMicrophoneOfAStockClientReachesTheGuest"})},
          {"SPICE_MSG_RECORD_STOP",
           done("channels/record/record_client.cc",
                {"RecordTest.FromStartToStop", "RecordTest.ASecondStartBeginsAnew"}),
           done("channels/record/record_server.cc",
                {"RecordTest.FromStartToStop", "RecordTest.ASecondStartBeginsAnew"})},
          {"SPICE_MSG_RECORD_VOLUME",
           done("channels/record/record_client.cc", {"RecordTest.FromStartToStop"}),
           done("channels/record/record_server.cc",
                {"RecordTest.FromStartToStop", "RecordHubTest.VolumeGoesToLaterJoinersToo"})},
          {"SPICE_MSG_RECORD_MUTE",
           done("channels/record/record_client.cc", {"RecordTest.FromStartToStop"}),
           done("channels/record/record_server.cc",
                {"RecordTest.FromStartToStop", "RecordHubTest.VolumeGoesToLaterJoinersToo"})},
          {"SPICE_MSGC_RECORD_DATA",
           done("channels/record/record_client.cc",
                {"RecordTest.FromStartToStop", "QemuSoundTest.TheViewersMicrophoneReachesTheCard"}),
           done("channels/record/record_server.cc",
                {"RecordTest.FromStartToStop", "RecordTest.HostileMessagesToTheServer",
                 "DemoSoundTest.TheMicrophoneOfAStockClientReachesTheGuest"})},
          {"SPICE_MSGC_RECORD_MODE",
           done("channels/record/record_client.cc",
                {"RecordTest.FromStartToStop", "QemuSoundTest.TheViewersMicrophoneReachesTheCard"}),
           done("channels/record/record_server.cc",
                {"RecordTest.FromStartToStop", "RecordTest.HostileMessagesToTheServer",
                 "DemoSoundTest.TheMicrophoneOfAStockClientReachesTheGuest"})},
          {"SPICE_MSGC_RECORD_START_MARK",
           done("channels/record/record_client.cc",
                {"RecordTest.FromStartToStop", "RecordTest.ASecondStartBeginsAnew"}),
           done("channels/record/record_server.cc",
                {"RecordTest.FromStartToStop", "RecordTest.HostileMessagesToTheServer"})},
          {"SPICE_RECORD_CAP_CELT_0_5_1",
           never("the library of that bit stream was abandoned in 2011; every peer since offers "
                 "Opus"),
           never("the library of that bit stream was abandoned in 2011; every peer since offers "
                 "Opus")},
          {"SPICE_RECORD_CAP_VOLUME",
           done("channels/record/record_client.cc", {"RecordTest.FromStartToStop"}),
           done("server/gateway/link_gate.cc", {"RecordHubTest.VolumeGoesToLaterJoinersToo"})},
          {"SPICE_RECORD_CAP_OPUS",
           done("channels/record/record_client.cc",
                {"RecordTest.OpusOnlyWhereItIsOffered",
                 "QemuSoundTest.TheViewersMicrophoneReachesTheCard"}),
           done("server/gateway/link_gate.cc",
                {"RecordTest.OpusOnlyWhereItIsOffered",
                 "DemoSoundTest.TheMicrophoneOfAStockClientReachesTheGuest"})},
      }};
}

}  // namespace cassia::registry
