// SPDX-License-Identifier: Apache-2.0
#pragma once

// A SPICE server of our own with one display that a test plays by hand, message by message if it
// likes: what no server that means well would send. On 127.0.0.1, on a thread of its own.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "channels/display/display_server.h"
#include "net/address.h"

namespace cassia::test {

/// Any thread. Ends with the object.
class SpiceStage {
 public:
  /// Runs on the stage's thread, for one viewer.
  using Play = std::function<void(channels::DisplayServer&)>;

  /// `opening` is played to each viewer as soon as it takes surfaces and draws. `media_time` is
  /// what the main channel says of multi-media time.
  static Result<std::unique_ptr<SpiceStage>> start(Play opening, std::uint32_t media_time = 1000);
  virtual ~SpiceStage() = default;

  virtual net::Address address() const = 0;
  std::string uri() const { return "spice://" + net::to_string(address()); }

  /// Plays to every viewer that is there; returns when it has been played.
  virtual void play(const Play& scene) = 0;
  /// Viewers whose display channel has been opened so far.
  virtual unsigned opened() const = 0;
  /// What viewers have reported on video, oldest first.
  virtual std::vector<channels::StreamReport> reports() const = 0;
  /// Codecs that the newest viewer would rather have, best first (PREFERRED_VIDEO_CODEC_TYPE).
  virtual std::vector<channels::VideoCodec> preferred_video() const = 0;
  /// Does the newest viewer's display channel offer this capability (SPICE_DISPLAY_CAP_*)?
  virtual bool offers(unsigned capability) const = 0;
};

/// One message as it stands, right or wrong.
inline void say(channels::DisplayServer& display, std::uint16_t type, Bytes body) {
  std::vector<SharedBytes> pieces;
  pieces.emplace_back(std::move(body));
  display.link()->send(type, std::move(pieces));
}

}  // namespace cassia::test
