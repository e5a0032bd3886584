// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to channels/display, client role: the video streams of one display. Checks what the
// server says of them and turns it into events; holds frames against the session's clock, and
// reports on them to servers that ask.

#include <spice/protocol.h>

#include <array>
#include <functional>
#include <optional>

#include "channels/display/display_client.h"
#include "channels/display/draw_reader.h"
#include "channels/display/stream_reporter.h"

namespace cassia::channels {

class StreamTable {
 public:
  /// Sends SPICE_MSGC_DISPLAY_STREAM_REPORT.
  using SendReport = std::function<void(Bytes body)>;

  /// All of it must outlive the table.
  StreamTable(const DisplayClientOptions& options, const SurfaceMap& surfaces,
              DisplayClientEvents& events, SendReport send_report)
      : options_(options),
        surfaces_(surfaces),
        events_(events),
        send_report_(std::move(send_report)) {}

  /// True of the messages that on_message() takes.
  static bool takes(std::uint16_t type);
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now);
  /// They are gone, and everybody knows.
  void clear() { streams_ = {}; }

 private:
  struct Stream {
    raster::SurfaceId surface = 0;
    raster::Size size;
    raster::Rect dest;
    StreamReporter reporter;
  };

  Result<void> on_create(ByteView body);
  Result<void> on_data(ByteView body, TimePoint now);
  Result<void> on_data_sized(ByteView body, TimePoint now);
  Result<void> on_clip(ByteView body);
  Result<void> on_destroy(ByteView body);
  Result<void> on_activate_report(ByteView body);
  void on_frame(Stream& known, StreamFrame frame, TimePoint now);
  Result<Stream*> find(std::uint32_t id);

  const DisplayClientOptions& options_;
  const SurfaceMap& surfaces_;
  DisplayClientEvents& events_;
  const SendReport send_report_;
  std::array<std::optional<Stream>, SPICE_MAX_NUM_STREAMS> streams_;
};

}  // namespace cassia::channels
