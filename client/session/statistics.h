// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a session has cost, for --stats.

#include <map>
#include <optional>
#include <string>

#include "channels/link/channel.h"
#include "client/audio/audio_feeds.h"

namespace cassia::client {

/// Frames of video streams.
struct VideoStatistics {
  std::uint64_t frames = 0;  ///< that came
  std::uint64_t shown = 0;
  std::uint64_t late = 0;  ///< left out
  std::uint64_t failed = 0;
};

struct SessionStatistics {
  /// By channel: "main", "display:0", ...; of all connections of the session, earlier ones
  /// included.
  std::map<std::string, channels::TrafficStats> channels;
  std::optional<PlaybackStatistics> playback;  ///< set once the channel was open
  std::optional<RecordStatistics> record;      ///< likewise
  std::chrono::nanoseconds decode_time{};      ///< CPU, images and video frames
  VideoStatistics video;
  std::string server;            ///< where the guest is now
  std::uint64_t migrations = 0;  ///< how often it went elsewhere
  /// Channels that wait at the host that it is on its way to; 0 until all do.
  std::size_t waiting_elsewhere = 0;
};

/// "display:0"; "main" alone has no number.
std::string name_of(spice::ChannelId channel);

}  // namespace cassia::client
