// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages of the display channel besides the draws. Numbers: SPICE_MSG_DISPLAY_*,
// SPICE_MSGC_DISPLAY_*.

#include <cstdint>
#include <vector>

#include "protocol/spice/base_messages.h"
#include "protocol/spice/geometry.h"
#include "protocol/wire/fields.h"

namespace cassia::spice {

/// Client: what the server may make use of.
struct DisplayInit {
  static constexpr const char* name = "display init";
  std::uint8_t pixmap_cache_id = 0;
  std::int64_t pixmap_cache_pixels = 0;
  std::uint8_t glz_dictionary_id = 0;
  std::int32_t glz_window_pixels = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.pixmap_cache_id, m.pixmap_cache_pixels, m.glz_dictionary_id, m.glz_window_pixels);
  }
};

struct PreferredCompression {
  static constexpr const char* name = "preferred_compression";
  std::uint8_t compression = 0;  ///< SPICE_IMAGE_COMPRESSION_*
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.compression);
  }
};

struct PreferredVideoCodecs {
  static constexpr const char* name = "preferred_video_codec_type";
  std::vector<std::uint8_t> codecs;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io.template list<std::uint8_t>(m.codecs, 255, 1);
  }
};

struct StreamReport {
  static constexpr const char* name = "stream_report";
  std::uint32_t stream = 0;
  std::uint32_t unique_id = 0;
  std::uint32_t start_time = 0;
  std::uint32_t end_time = 0;
  std::uint32_t frames = 0;
  std::uint32_t drops = 0;
  std::int32_t last_frame_delay = 0;
  std::uint32_t audio_delay = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.stream, m.unique_id, m.start_time, m.end_time, m.frames, m.drops, m.last_frame_delay,
       m.audio_delay);
  }
};

struct StreamActivateReport {
  static constexpr const char* name = "stream_activate_report";
  std::uint32_t stream = 0;
  std::uint32_t unique_id = 0;
  std::uint32_t max_window = 0;
  std::uint32_t timeout_ms = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.stream, m.unique_id, m.max_window, m.timeout_ms);
  }
};

/// One byte follows that belongs to no message; a file descriptor comes with it (SCM_RIGHTS).
struct GlScanoutUnix {
  static constexpr const char* name = "gl_scanout_unix";
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t stride = 0;  ///< bytes
  std::uint32_t fourcc = 0;  ///< DRM_FORMAT_*; 0: scans out nothing, and no byte follows
  std::uint32_t flags = 0;   ///< SPICE_GL_SCANOUT_FLAGS_*
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.width, m.height, m.stride, m.fourcc, m.flags);
  }
};

struct GlDraw {
  static constexpr const char* name = "gl_draw";
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.x, m.y, m.width, m.height);
  }
};

/// Of servers that know no surfaces: one primary, number 0.
struct DisplayMode {
  static constexpr const char* name = "display mode";
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t bits = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.width, m.height, m.bits);
  }
};

struct SurfaceCreate {
  static constexpr const char* name = "surface_create";
  std::uint32_t surface = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t format = 0;  ///< SPICE_SURFACE_FMT_*
  std::uint32_t flags = 0;   ///< SPICE_SURFACE_FLAGS_*
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.surface, m.width, m.height, m.format, m.flags);
  }
};

struct SurfaceDestroy {
  static constexpr const char* name = "surface_destroy";
  std::uint32_t surface = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.surface);
  }
};

struct ResourceId {
  std::uint8_t type = 0;  ///< SPICE_RES_TYPE_*
  std::uint64_t id = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.type, m.id);
  }
};

struct InvalList {
  static constexpr const char* name = "inval_list";
  std::vector<ResourceId> resources;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io.template list<std::uint16_t>(m.resources, 0xffff, 9);
  }
};

struct InvalPalette {
  static constexpr const char* name = "inval_palette";
  std::uint64_t id = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.id);
  }
};

struct StreamCreate {
  static constexpr const char* name = "stream_create";
  static constexpr std::uint8_t top_down = 1;
  std::uint32_t surface = 0;
  std::uint32_t id = 0;
  std::uint8_t flags = 0;
  std::uint8_t codec = 0;  ///< SPICE_VIDEO_CODEC_TYPE_*
  std::uint64_t stamp = 0;
  std::uint32_t stream_width = 0;
  std::uint32_t stream_height = 0;
  std::uint32_t source_width = 0;
  std::uint32_t source_height = 0;
  Rect dest;
  Clip clip;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.surface, m.id, m.flags, m.codec, m.stamp, m.stream_width, m.stream_height, m.source_width,
       m.source_height, m.dest, m.clip);
  }
};

struct StreamData {
  static constexpr const char* name = "stream_data";
  std::uint32_t id = 0;
  std::uint32_t multi_media_time = 0;
  wire::Blob data;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    auto size = static_cast<std::uint32_t>(m.data.size());
    io(m.id, m.multi_media_time, size);
    io.blob(m.data, size);
  }
};

struct StreamDataSized {
  static constexpr const char* name = "stream_data_sized";
  std::uint32_t id = 0;
  std::uint32_t multi_media_time = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  Rect dest;
  wire::Blob data;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    auto size = static_cast<std::uint32_t>(m.data.size());
    io(m.id, m.multi_media_time, m.width, m.height, m.dest, size);
    io.blob(m.data, size);
  }
};

struct StreamClip {
  static constexpr const char* name = "stream_clip";
  std::uint32_t id = 0;
  Clip clip;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.id, m.clip);
  }
};

struct StreamDestroy {
  static constexpr const char* name = "stream_destroy";
  std::uint32_t id = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.id);
  }
};

struct Head {
  std::uint32_t id = 0;
  std::uint32_t surface = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  std::uint32_t flags = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.id, m.surface, m.width, m.height, m.x, m.y, m.flags);
  }
};

struct MonitorsConfig {
  static constexpr const char* name = "monitors_config";
  std::uint16_t max_allowed = 0;
  std::vector<Head> heads;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    // The count stands before max_allowed, the heads after it.
    auto count = static_cast<std::uint16_t>(m.heads.size());
    io(count, m.max_allowed);
    io.elements(m.heads, count, 256, 28);
  }
};

}  // namespace cassia::spice
