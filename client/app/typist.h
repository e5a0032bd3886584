// SPDX-License-Identifier: Apache-2.0
#pragma once

// Types a text at the guest's own pace: the next key goes out when the guest has reacted to the
// last one (something was drawn), or has had time enough. A keyboard controller holds 16 bytes
// only, so typing blindly loses keys.

#include <optional>
#include <vector>

#include "base/clock.h"
#include "client/input/input_sink.h"
#include "client/input/typing.h"

namespace cassia::client {

class Typist {
 public:
  /// `sink` must outlive it.
  Typist(InputSink& sink, std::vector<KeyStroke> strokes)
      : sink_(sink), strokes_(std::move(strokes)) {}

  /// Types what is due. `changes`: how often the screen has changed so far, `last_change` when
  /// last. True if a key was sent.
  bool step(TimePoint now, std::uint64_t changes, TimePoint last_change);
  /// When step() may have something to do though nothing is drawn; nothing once all is typed.
  std::optional<TimePoint> next_step() const;
  bool begun() const { return next_ > 0; }
  bool done() const { return next_ == strokes_.size(); }

 private:
  bool due(TimePoint now, std::uint64_t changes, TimePoint last_change) const;
  void type(const KeyStroke& stroke);

  InputSink& sink_;
  std::vector<KeyStroke> strokes_;
  std::size_t next_ = 0;
  bool after_enter_ = false;
  TimePoint sent_{};
  std::uint64_t changes_at_send_ = 0;
};

}  // namespace cassia::client
