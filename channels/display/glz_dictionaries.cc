// SPDX-License-Identifier: Apache-2.0
#include "channels/display/glz_dictionaries.h"

#include <algorithm>

namespace cassia::channels {

using codec::GlzDictionary;

Result<std::shared_ptr<GlzDictionary>> GlzDictionaries::open(std::uint8_t id,
                                                             std::int32_t window_pixels) {
  if (window_pixels == 0) return std::shared_ptr<GlzDictionary>();
  if (window_pixels < 0 ||
      static_cast<std::uint32_t>(window_pixels) > GlzDictionary::max_window_pixels) {
    return fail(ErrorKind::malformed,
                "display init: a GLZ window of {} pixels; {} are possible, 0 is none",
                window_pixels, GlzDictionary::max_window_pixels);
  }
  auto& known = open_[id];
  if (auto shared = known.lock()) return shared;
  auto made = CASSIA_TRY(
      GlzDictionary::create(std::min(static_cast<std::uint32_t>(window_pixels), most_pixels_)));
  known = made;
  return made;
}

}  // namespace cassia::channels
