// SPDX-License-Identifier: Apache-2.0
#pragma once

// Server side: which palettes the client's cache holds. A client keeps what it was told to keep
// until it is told to drop it; 128 is half of what libspice-server counts on.

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

namespace cassia::channels {

class ClientPaletteModel {
 public:
  static constexpr std::size_t capacity = 128;

  struct Use {
    std::uint64_t number = 0;
    bool cached = false;  ///< by reference; else it is sent along, to be kept
  };

  /// Begins a draw. A palette that this very draw sends is not referred to by it: in which order
  /// the client looks at the images of one draw is not known.
  void begin_draw() { ++draw_; }
  Use use(const std::vector<std::uint32_t>& colors);
  /// Forgets what this draw has added (it could not be sent).
  void abandon_draw();
  /// Numbers that the client must drop; cleared by the call.
  std::vector<std::uint64_t> take_evicted();
  void clear() { entries_.clear(); }
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::vector<std::uint32_t> colors;
    std::uint64_t number = 0;
    std::uint64_t added_in = 0;
  };
  std::list<Entry> entries_;  // most recently used first
  std::vector<std::uint64_t> evicted_;
  std::uint64_t draw_ = 0;
  std::uint64_t last_number_ = 0;
};

}  // namespace cassia::channels
