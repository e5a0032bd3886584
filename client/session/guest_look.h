// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the guest's desktop is asked to leave out, so that less has to travel. Names and depths are
// those of remote-viewer(1) ("disable-effects", "color-depth") and of spice-gtk's options; what is
// sent is VDAgentDisplayConfig of spice/vd_agent.h. Agents of Windows guests follow it.

#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/spice/agent_messages.h"

namespace cassia::client {

/// Any of "wallpaper", "font-smooth", "animation", or "all"; adds to `config`. invalid_argument for
/// another name.
Result<void> disable_effects(const std::vector<std::string>& names,
                             spice::AgentDisplayConfig& config);

/// "16" or "32". invalid_argument otherwise.
Result<void> set_color_depth(const std::string& bits, spice::AgentDisplayConfig& config);

}  // namespace cassia::client
