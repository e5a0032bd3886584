// SPDX-License-Identifier: Apache-2.0
#pragma once

// The GLZ dictionaries of one viewer's session. Display channels whose SPICE_MSGC_DISPLAY_INIT
// names the same glz_dictionary_id share one, for as long as any of them is open; a channel that
// comes after that, or in another session, starts a new one, as the client's window is new too.

#include <cstdint>
#include <map>
#include <memory>

#include "base/result.h"
#include "render/codec/glz_dictionary.h"

namespace cassia::channels {

/// Used on one thread.
class GlzDictionaries {
 public:
  /// `most_pixels`: no window is made larger, whatever the client offers.
  explicit GlzDictionaries(std::uint32_t most_pixels = 8u << 20) : most_pixels_(most_pixels) {}

  /// The dictionary `id`, made for `window_pixels` if nobody uses it now. Null for a window of 0.
  /// malformed: no client can hold such a window.
  Result<std::shared_ptr<codec::GlzDictionary>> open(std::uint8_t id, std::int32_t window_pixels);

 private:
  const std::uint32_t most_pixels_;
  std::map<std::uint8_t, std::weak_ptr<codec::GlzDictionary>> open_;
};

}  // namespace cassia::channels
