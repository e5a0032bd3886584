// SPDX-License-Identifier: Apache-2.0
#pragma once

// Cuts messages for the other side's agent into AGENT_DATA messages and holds them back until the
// peer has granted tokens: one token is one AGENT_DATA. Both roles of the main channel use it. An
// agent message begins in an AGENT_DATA of its own, its header whole: libspice's server cuts off a
// client that does otherwise.

#include <algorithm>
#include <cstdint>
#include <deque>

#include "base/bytes.h"
#include "base/result.h"
#include "channels/link/channel.h"
#include "protocol/spice/main_messages.h"

namespace cassia::channels {

class AgentSender {
 public:
  /// Beyond this nothing more is taken.
  static constexpr std::size_t max_waiting = std::size_t{1} << 20;
  /// But a single message may be larger (a picture in the clipboard): with it, this is the most
  /// memory that an agent can hold which never grants a token.
  static constexpr std::size_t max_message = (std::size_t{32} << 20) + 4096;

  void set_tokens(std::uint32_t tokens) { tokens_ = tokens; }
  void add_tokens(std::uint32_t tokens) {
    tokens_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::uint64_t{tokens_} + tokens, 0xffffffffu));
  }
  /// The agent went away: what waits for it is of no use to the next one.
  void reset() {
    tokens_ = 0;
    waiting_ = 0;
    chunks_.clear();
  }

  /// One agent message, header and body. Its pieces are shared, not copied.
  Result<void> queue(const std::vector<SharedBytes>& message) {
    std::size_t size = 0;
    for (const SharedBytes& piece : message) size += piece.size();
    if (waiting_ >= max_waiting) {
      return fail(ErrorKind::busy, "the agent does not take its data: {} bytes wait", waiting_);
    }
    if (size > max_message) {
      return fail(ErrorKind::invalid_argument, "{} bytes are too many for an agent message", size);
    }
    waiting_ += size;
    cut(message);
    return {};
  }

  /// Bytes that wait for tokens.
  std::size_t waiting() const { return waiting_; }

  /// Calls send(std::vector<SharedBytes>) for each AGENT_DATA that may go out now: there are
  /// tokens, and the connection takes more (a peer may grant any number of tokens and not read).
  template <class Send>
  void flush(const MessageLink& link, Send&& send) {
    while (tokens_ > 0 && !chunks_.empty() && link.writable()) {
      Chunk chunk = std::move(chunks_.front());
      chunks_.pop_front();
      waiting_ -= chunk.size;
      --tokens_;
      send(std::move(chunk.pieces));
    }
  }

 private:
  struct Chunk {
    std::vector<SharedBytes> pieces;
    std::size_t size = 0;
  };

  void cut(const std::vector<SharedBytes>& message) {
    bool open = false;  // the last chunk belongs to this message
    for (const SharedBytes& piece : message) {
      for (std::size_t at = 0; at < piece.size();) {
        if (!open || chunks_.back().size == spice::max_agent_chunk) chunks_.emplace_back();
        open = true;
        Chunk& chunk = chunks_.back();
        const std::size_t part = std::min(piece.size() - at, spice::max_agent_chunk - chunk.size);
        chunk.pieces.push_back(piece.slice(at, part));
        chunk.size += part;
        at += part;
      }
    }
  }

  std::uint32_t tokens_ = 0;
  std::size_t waiting_ = 0;
  std::deque<Chunk> chunks_;
};

}  // namespace cassia::channels
