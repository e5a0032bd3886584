// SPDX-License-Identifier: Apache-2.0
#pragma once

// A recording sorted for replay: for each channel the messages that its server sent.

#include <chrono>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "protocol/recording/recording.h"

namespace cassia::test {

struct TapeMessage {
  std::chrono::nanoseconds time{};
  std::uint16_t type = 0;
  SharedBytes body;  ///< shares the file's bytes
};

struct TapeChannel {
  recording::OpenInfo info;
  std::vector<TapeMessage> messages;
};

struct SessionTape {
  /// The first connection of each channel. Reading such a tape at another pace needs mini headers,
  /// which is all that current peers use; others are refused.
  std::vector<TapeChannel> channels;
  /// When the first display message came: what is older is sent at once.
  std::chrono::nanoseconds display_begin{};

  static Result<SessionTape> load(const std::string& path);
  const TapeChannel* find(spice::ChannelId id) const;
};

}  // namespace cassia::test
