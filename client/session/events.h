// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the session tells the main thread, in the order in which it happened. Events own what they
// hold; pictures are shared and immutable.

#include <functional>
#include <string>
#include <variant>

#include "channels/cursor/cursor_channel.h"
#include "channels/display/display_types.h"
#include "channels/main/main_channel.h"
#include "client/session/agent_events.h"
#include "client/session/scanout_picture.h"
#include "render/raster/draw_op.h"
#include "render/raster/video_planes.h"

namespace cassia::client {

// The session as a whole.

/// The main channel is up; whatever an earlier connection left is void.
struct SessionUp {};
/// The connection is over. `retrying`: another attempt follows by itself after `delay`.
struct SessionDown {
  Error why;
  bool retrying = false;
  Duration delay{};
};
/// One channel besides main and display is gone; the session goes on without it.
struct ChannelDown {
  spice::ChannelId channel;
  Error why;
};
struct MouseModeSet {
  channels::MouseMode mode;
};
struct GuestNamed {
  std::string name;
};
/// A sentence of the server: "guest restarting". Severity as SPICE_NOTIFY_SEVERITY_*.
struct ServerNotice {
  std::uint32_t severity = 0;
  std::string text;
};
/// The lock lights of the guest's keyboard (channels::KeyModifiers).
struct GuestLocks {
  std::uint16_t locks = 0;
};
/// The storage channel has come or gone.
struct StorageState {
  bool available = false;
};
/// To be run on the main thread: the answer to something that it asked for.
struct MainThreadCall {
  std::function<void()> run;
};

// The pointer.

struct CursorSet {
  channels::CursorState state;
  raster::Bitmap picture;  ///< argb32, empty without a shape
};
struct CursorMoved {
  raster::Point position;
};
struct CursorHidden {};

// One display channel.

struct SurfaceCreated {
  channels::SurfaceInfo surface;
};
struct SurfaceDestroyed {
  raster::SurfaceId surface = 0;
};
struct DisplayMarked {};
struct DisplayReset {};
struct Drawn {
  raster::DrawOpPtr op;
};
struct MonitorsSet {
  channels::MonitorsConfig config;
};
struct StreamCreated {
  channels::StreamInfo stream;
};
/// A decoded frame; top row first.
struct StreamPicture {
  std::uint32_t stream = 0;
  raster::Rect dest;
  raster::BitmapPtr picture;
  raster::VideoPlanesPtr planes;  ///< instead of it, if asked for (SessionOptions::video_planes)
};
struct StreamClipped {
  std::uint32_t stream = 0;
  raster::Clip clip;
};
struct StreamDestroyed {
  std::uint32_t stream = 0;
};
struct StreamsDestroyed {};
/// The picture is in shared memory from now on; null: it is no more.
struct ScanoutSet {
  std::shared_ptr<const ScanoutPicture> picture;
};
struct ScanoutDrawn {
  raster::Rect area;
  /// To be called once it has been read; takes care of threads.
  std::function<void()> done;
};
using DisplayChange = std::variant<SurfaceCreated, SurfaceDestroyed, DisplayMarked, DisplayReset,
                                   Drawn, MonitorsSet, StreamCreated, StreamPicture, StreamClipped,
                                   StreamDestroyed, StreamsDestroyed, ScanoutSet, ScanoutDrawn>;
struct DisplayEvent {
  std::uint8_t display = 0;  ///< id of the display channel
  DisplayChange change;
};

using SessionEvent = std::variant<SessionUp, SessionDown, ChannelDown, MouseModeSet, GuestNamed,
                                  ServerNotice, GuestLocks, StorageState, MainThreadCall, CursorSet,
                                  CursorMoved, CursorHidden, DisplayEvent, AgentEvent>;

}  // namespace cassia::client
