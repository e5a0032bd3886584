// SPDX-License-Identifier: Apache-2.0
#include "client/session/guest_look.h"

#include <spice/vd_agent.h>

namespace cassia::client {
namespace {

struct Effect {
  const char* name;
  std::uint32_t flags;
};
constexpr std::uint32_t wallpaper = VD_AGENT_DISPLAY_CONFIG_FLAG_DISABLE_WALLPAPER,
                        font_smooth = VD_AGENT_DISPLAY_CONFIG_FLAG_DISABLE_FONT_SMOOTH,
                        animation = VD_AGENT_DISPLAY_CONFIG_FLAG_DISABLE_ANIMATION;
constexpr Effect effects[] = {{"wallpaper", wallpaper},
                              {"font-smooth", font_smooth},
                              {"animation", animation},
                              {"all", wallpaper | font_smooth | animation}};

Result<std::uint32_t> flags_of(const std::string& name) {
  for (const Effect& effect : effects) {
    if (name == effect.name) return effect.flags;
  }
  return fail(ErrorKind::invalid_argument,
              "\"{}\" is not an effect: wallpaper, font-smooth, animation or all", name);
}

}  // namespace

Result<void> disable_effects(const std::vector<std::string>& names,
                             spice::AgentDisplayConfig& config) {
  for (const std::string& name : names) config.flags |= CASSIA_TRY(flags_of(name));
  return {};
}

Result<void> set_color_depth(const std::string& bits, spice::AgentDisplayConfig& config) {
  if (bits != "16" && bits != "32") {
    return fail(ErrorKind::invalid_argument, "\"{}\" is not a color depth: 16 or 32", bits);
  }
  config.depth = bits == "16" ? 16 : 32;
  config.flags |= VD_AGENT_DISPLAY_CONFIG_FLAG_SET_COLOR_DEPTH;
  return {};
}

}  // namespace cassia::client
