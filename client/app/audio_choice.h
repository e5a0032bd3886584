// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/app/options.h"

namespace cassia::client {

/// "50" (per cent) or "mute", for both channels. Errors: anything else, naming the option.
Result<channels::AudioVolume> parse_volume(std::string_view option, std::string_view text);

/// Puts the sink and the source that the options ask for into `session`. With a window that is the
/// desktop's devices, unless files are named; without one it is only what files are named.
Result<void> choose_audio(const ViewerOptions& options, SessionOptions& session);

}  // namespace cassia::client
