// SPDX-License-Identifier: Apache-2.0
#pragma once

// What both roles of the display channel speak of, besides raster::DrawOp.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/file_descriptor.h"
#include "render/raster/bitmap.h"
#include "render/raster/draw_op.h"

namespace cassia::channels {

struct SurfaceInfo {
  raster::SurfaceId id = 0;
  raster::Size size;
  raster::PixelFormat format = raster::PixelFormat::xrgb32;
  bool primary = false;
};

/// One head of SPICE_MSG_DISPLAY_MONITORS_CONFIG: which part of which surface a monitor shows.
struct MonitorHead {
  std::uint32_t id = 0;
  raster::SurfaceId surface = 0;
  raster::Rect area;
  std::uint32_t flags = 0;
};
struct MonitorsConfig {
  std::uint16_t max_allowed = 1;
  std::vector<MonitorHead> heads;
};

enum class VideoCodec : std::uint8_t {
  mjpeg = 1,
  vp8,
  h264,
  vp9,
  h265
};  // SPICE_VIDEO_CODEC_TYPE_*

/// SPICE_MSG_DISPLAY_STREAM_CREATE.
struct StreamInfo {
  std::uint32_t id = 0;
  raster::SurfaceId surface = 0;
  VideoCodec codec = VideoCodec::mjpeg;
  bool top_down = true;
  raster::Size stream_size;
  raster::Size source_size;
  raster::Rect dest;
  raster::Clip clip;
};

/// SPICE_MSG_DISPLAY_STREAM_DATA(_SIZED). `data` is borrowed for the call.
struct StreamFrame {
  std::uint32_t id = 0;
  std::uint32_t multi_media_time = 0;
  raster::Size size;  ///< of this frame, the stream's unless SIZED
  raster::Rect dest;  ///< the stream's unless SIZED
  ByteView data;
  /// It was due before it came: not to be shown, though a codec that builds on earlier frames has
  /// to decode it. Never set without a MediaClock.
  bool late = false;
};

/// SPICE_MSG_DISPLAY_STREAM_ACTIVATE_REPORT: what the server wants to hear of a stream, after so
/// many frames or so long.
struct StreamReportRequest {
  std::uint32_t stream = 0;
  std::uint32_t unique_id = 0;
  std::uint32_t max_window = 0;
  std::uint32_t timeout_ms = 0;
};

/// SPICE_MSGC_DISPLAY_STREAM_REPORT. Times are multi-media time.
struct StreamReport {
  std::uint32_t stream = 0;
  std::uint32_t unique_id = 0;
  std::uint32_t start_time = 0;
  std::uint32_t end_time = 0;
  std::uint32_t frames = 0;
  std::uint32_t drops = 0;
  std::int32_t last_frame_delay = 0;  ///< milliseconds that it came before it was due
  std::uint32_t audio_delay = 0;      ///< milliseconds; 0xffffffff: no sound plays
};

/// SPICE_MSG_DISPLAY_GL_SCANOUT_UNIX: memory which the server lets the client read the picture
/// from.
struct GlScanout {
  raster::Size size;
  std::uint32_t stride = 0;  ///< bytes from one row to the next
  std::uint32_t fourcc = 0;  ///< DRM_FORMAT_* of drm_fourcc.h; 0: nothing is scanned out any more
  bool y0_top = true;        ///< the first row in memory is the uppermost
  std::shared_ptr<const FileDescriptor> memory;  ///< null if fourcc is 0
};

/// enum SpiceImageCompression, for PREFERRED_COMPRESSION.
enum class ImageCompression : std::uint8_t { off = 1, auto_glz, auto_lz, quic, glz, lz, lz4 };

}  // namespace cassia::channels
