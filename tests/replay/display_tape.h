// SPDX-License-Identifier: Apache-2.0
#pragma once

// The display channel of a recording, played into the client role without a network.

#include "base/result.h"
#include "client/session/events.h"
#include "render/codec/decode_pool.h"
#include "tests/replay/session_tape.h"

namespace cassia::test {

/// What a viewer's main thread would get; video frames are left out.
class DisplaySink {
 public:
  virtual ~DisplaySink() = default;
  virtual void change(const client::DisplayChange& change) = 0;
};

/// Plays the first display channel of `tape` as fast as it goes, on this thread; images are decoded
/// by `pool`, or here if it is null. Waits while more than `ahead_bytes` are under way. Returns
/// when everything has been told. An error: there is no such channel, or a message of it made a
/// problem.
Result<void> play_display(const SessionTape& tape, DisplaySink& sink, codec::DecodePool* pool,
                          std::size_t ahead_bytes);

}  // namespace cassia::test
