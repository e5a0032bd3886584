// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

Table cursor_table() {
  return {"Cursor",
          "",
          {"SPICE_MSG_CURSOR_"},
          {
              {"SPICE_MSG_CURSOR_INIT",
               done("channels/cursor/cursor_client.cc", {"CursorTest.ShapesMovesAndHiding"}),
               done("channels/cursor/cursor_server.cc", {"CursorTest.ShapesMovesAndHiding"})},
              {"SPICE_MSG_CURSOR_RESET",
               done("channels/cursor/cursor_client.cc", {"CursorTest.AfterAResetComesAnInit"}),
               done("channels/cursor/cursor_server.cc", {"CursorTest.AfterAResetComesAnInit"})},
              {"SPICE_MSG_CURSOR_SET",
               done("channels/cursor/cursor_client.cc",
                    {"CursorTest.EveryTypeOfShapeArrivesAsItWasSent", "CursorArgbTest.AllTypes"}),
               done("channels/cursor/cursor_server.cc",
                    {"CursorTest.EveryTypeOfShapeArrivesAsItWasSent",
                     "CursorTest.AShapeIsSentOnceAndByReferenceAfterwards"})},
              {"SPICE_MSG_CURSOR_MOVE",
               done("channels/cursor/cursor_client.cc", {"CursorTest.ShapesMovesAndHiding"}),
               done("channels/cursor/cursor_server.cc", {"CursorTest.ShapesMovesAndHiding"})},
              {"SPICE_MSG_CURSOR_HIDE",
               done("channels/cursor/cursor_client.cc", {"CursorTest.ShapesMovesAndHiding"}),
               done("channels/cursor/cursor_server.cc", {"CursorTest.ShapesMovesAndHiding"})},
              {"SPICE_MSG_CURSOR_TRAIL",
               done("channels/cursor/cursor_client.cc",
                    {"CursorTest.TheTrailComesWithInitAndThenWheneverItChanges"}),
               done("channels/cursor/cursor_server.cc",
                    {"CursorTest.TheTrailComesWithInitAndThenWheneverItChanges"})},
              {"SPICE_MSG_CURSOR_INVAL_ONE",
               done("channels/cursor/cursor_client.cc",
                    {"CursorTest.InvalOneDropsThatShapeAlone",
                     "CursorTest.AServerCannotMakeTheClientKeepMoreThanItsBound"}),
               done("channels/cursor/cursor_server.cc",
                    {"CursorTest.TheModelOfTheCacheEvictsOnBothSides"})},
              {"SPICE_MSG_CURSOR_INVAL_ALL",
               done("channels/cursor/cursor_client.cc",
                    {"CursorTest.AfterInvalAllAShapeIsSentWholeAgain"}),
               done("channels/cursor/cursor_server.cc",
                    {"CursorTest.AfterInvalAllAShapeIsSentWholeAgain"})},
          }};
}

}  // namespace cassia::registry
