// SPDX-License-Identifier: Apache-2.0
#pragma once

// Names of the display channel's messages, for errors: those of SPICE_MSG_DISPLAY_* in small
// letters (spice/enums.h).

#include <cstdint>

namespace cassia::channels {

/// "draw_copy", ...: nullptr if `type` is no draw message.
const char* draw_message_name(std::uint16_t type);

/// As draw_message_name(), also of the others; "message" of what is not known.
const char* display_message_name(std::uint16_t type);

}  // namespace cassia::channels
