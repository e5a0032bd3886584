// SPDX-License-Identifier: Apache-2.0
#include "channels/display/client_palette_model.h"

#include <algorithm>
#include <utility>

namespace cassia::channels {

ClientPaletteModel::Use ClientPaletteModel::use(const std::vector<std::uint32_t>& colors) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.colors == colors; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return {found->number, found->added_in != draw_};
  }
  if (entries_.size() == capacity && entries_.back().added_in != draw_) {
    evicted_.push_back(entries_.back().number);
    entries_.pop_back();
  }
  entries_.push_front({colors, ++last_number_, draw_});
  return {last_number_, false};
}

void ClientPaletteModel::abandon_draw() {
  entries_.remove_if([this](const Entry& entry) { return entry.added_in == draw_; });
}

std::vector<std::uint64_t> ClientPaletteModel::take_evicted() {
  return std::exchange(evicted_, {});
}

}  // namespace cassia::channels
