// SPDX-License-Identifier: Apache-2.0
#include "client/app/typist.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;

constexpr auto key_gap = 15ms;  // at least this between two keys, whatever is drawn
constexpr auto key_patience =
    250ms;  // a key that shows nothing (a password, a menu) gets this long
// After Enter a program runs: its output has to pause before it is asked for more.
constexpr auto enter_quiet = 120ms;
constexpr auto enter_patience = 3000ms;
// How often to look while waiting for a pause.
constexpr auto look_again = 20ms;

}  // namespace

bool Typist::due(TimePoint now, std::uint64_t changes, TimePoint last_change) const {
  if (next_ == 0) return true;
  const Duration waited = now - sent_;
  const bool reacted = changes > changes_at_send_;
  if (after_enter_) {
    return waited >= enter_patience || (reacted && now - last_change >= enter_quiet);
  }
  return waited >= key_patience || (reacted && waited >= key_gap);
}

bool Typist::step(TimePoint now, std::uint64_t changes, TimePoint last_change) {
  if (done() || !due(now, changes, last_change)) return false;
  const KeyStroke& stroke = strokes_[next_++];
  type(stroke);
  sent_ = now;
  changes_at_send_ = changes;
  after_enter_ = stroke.code == enter_code;
  return true;
}

std::optional<TimePoint> Typist::next_step() const {
  if (done()) return std::nullopt;
  return sent_ + look_again;
}

void Typist::type(const KeyStroke& stroke) {
  if (stroke.shift) sink_.key_down(left_shift_code);
  sink_.key_down(stroke.code);
  sink_.key_up(stroke.code);
  if (stroke.shift) sink_.key_up(left_shift_code);
}

}  // namespace cassia::client
