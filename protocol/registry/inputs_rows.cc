// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table inputs_table() {
  return {
      "Inputs",
      "",
      {"SPICE_MSG_INPUTS_", "SPICE_MSGC_INPUTS_", "SPICE_INPUTS_CAP_"},
      {
          {"SPICE_MSG_INPUTS_INIT",
           done("channels/inputs/inputs_client.cc", {"InputsTest.KeysAndLights"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.KeysAndLights"})},
          {"SPICE_MSG_INPUTS_KEY_MODIFIERS",
           done("channels/inputs/inputs_client.cc", {"InputsTest.KeysAndLights"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.KeysAndLights"})},
          {"SPICE_MSG_INPUTS_MOUSE_MOTION_ACK",
           done("channels/inputs/inputs_client.cc",
                {"InputsTest.MotionIsHeldBackAndMergedUntilItIsAcknowledged"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.TheServerAcknowledgesInBunches"})},
          {"SPICE_MSGC_INPUTS_KEY_DOWN",
           done("channels/inputs/inputs_client.cc", {"InputsTest.KeysAndLights"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.KeysAndLights"})},
          {"SPICE_MSGC_INPUTS_KEY_UP",
           done("channels/inputs/inputs_client.cc", {"InputsTest.KeysAndLights"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.KeysAndLights"})},
          {"SPICE_MSGC_INPUTS_KEY_MODIFIERS",
           done("channels/inputs/inputs_client.cc", {"InputsTest.KeysAndLights"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.KeysAndLights"})},
          {"SPICE_MSGC_INPUTS_KEY_SCANCODE",
           done("channels/inputs/inputs_client.cc",
                {"ScancodeInputsTest.ServersThatTakeScanCodesGetThem"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.ScanCodeBytesOfOtherClients"})},
          {"SPICE_MSGC_INPUTS_MOUSE_MOTION",
           done("channels/inputs/inputs_client.cc",
                {"InputsTest.MotionIsHeldBackAndMergedUntilItIsAcknowledged"}),
           done("channels/inputs/inputs_server.cc",
                {"InputsTest.MotionIsHeldBackAndMergedUntilItIsAcknowledged"})},
          {"SPICE_MSGC_INPUTS_MOUSE_POSITION",
           done("channels/inputs/inputs_client.cc", {"InputsTest.OnlyTheLastPositionMatters"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.OnlyTheLastPositionMatters"})},
          {"SPICE_MSGC_INPUTS_MOUSE_PRESS",
           done("channels/inputs/inputs_client.cc", {"InputsTest.AButtonTakesWaitingMotionAlong"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.AButtonTakesWaitingMotionAlong"})},
          {"SPICE_MSGC_INPUTS_MOUSE_RELEASE",
           done("channels/inputs/inputs_client.cc", {"InputsTest.AButtonTakesWaitingMotionAlong"}),
           done("channels/inputs/inputs_server.cc", {"InputsTest.AButtonTakesWaitingMotionAlong"})},
          {"SPICE_INPUTS_CAP_KEY_SCANCODE",
           done("channels/inputs/inputs_client.cc",
                {"ScancodeInputsTest.ServersThatTakeScanCodesGetThem"}),
           done("server/gateway/link_gate.cc",
                {"ScancodeInputsTest.ServersThatTakeScanCodesGetThem"})},
      }};
}

}  // namespace cassia::registry
