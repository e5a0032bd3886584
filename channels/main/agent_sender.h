// SPDX-License-Identifier: Apache-2.0
#pragma once

// Cuts bytes for the other side's agent into AGENT_DATA messages and holds them back until the peer
// has granted tokens: one token is one message. Both roles of the main channel use it.

#include <algorithm>
#include <cstdint>
#include <deque>

#include "base/bytes.h"
#include "base/result.h"
#include "protocol/spice/main_messages.h"

namespace cassia::channels {

class AgentSender {
 public:
  static constexpr std::size_t max_waiting = std::size_t{1} << 20;

  void set_tokens(std::uint32_t tokens) { tokens_ = tokens; }
  void add_tokens(std::uint32_t tokens) {
    tokens_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::uint64_t{tokens_} + tokens, 0xffffffffu));
  }
  /// The agent went away: what waits for it is of no use to the next one.
  void reset() {
    tokens_ = 0;
    waiting_.clear();
  }

  Result<void> queue(ByteView data) {
    if (waiting_.size() + data.size() > max_waiting) {
      return fail(ErrorKind::busy, "the agent does not take its data: {} bytes wait",
                  waiting_.size());
    }
    waiting_.insert(waiting_.end(), data.begin(), data.end());
    return {};
  }

  /// Calls send(Bytes) for each message that may go out now.
  template <class Send>
  void flush(Send&& send) {
    while (tokens_ > 0 && !waiting_.empty()) {
      const auto size = static_cast<long>(std::min(waiting_.size(), spice::max_agent_chunk));
      Bytes chunk(waiting_.begin(), waiting_.begin() + size);
      waiting_.erase(waiting_.begin(), waiting_.begin() + size);
      --tokens_;
      send(std::move(chunk));
    }
  }

 private:
  std::uint32_t tokens_ = 0;
  std::deque<std::uint8_t> waiting_;
};

}  // namespace cassia::channels
