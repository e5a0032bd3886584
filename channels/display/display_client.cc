// SPDX-License-Identifier: Apache-2.0
#include "channels/display/display_client.h"

#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/display/display_order.h"
#include "channels/display/draw_reader.h"
#include "channels/display/gl_scanout.h"
#include "channels/display/image_store.h"
#include "channels/display/message_names.h"
#include "channels/display/stream_table.h"
#include "protocol/spice/display_messages.h"
#include "render/codec/glz_window.h"

namespace cassia::channels {
namespace {

// QXL devices know 1024 to 16384 surfaces.
constexpr std::size_t max_surfaces = 16384;
/// Of all surfaces of one display: more than any video memory.
constexpr std::int64_t max_surface_bytes = std::int64_t{2} << 30;

std::int64_t bytes_of(raster::Size size, raster::PixelFormat format) {
  return std::int64_t{size.width} * size.height * raster::bits_per_pixel(format) / 8;
}

ImageStore::Options store_options(const DisplayClientOptions& options) {
  ImageStore::Options store;
  store.cache_bytes = options.pixmap_cache_bytes;
  store.decode = options.decode;
  store.decoder = options.decoder;
  store.glz_window = options.glz_window;
  if (!store.glz_window && options.glz_window_pixels != 0) {
    store.glz_window = std::make_shared<codec::GlzWindow>(options.glz_window_pixels);
  }
  return store;
}

unsigned capability_of(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::mjpeg:
      return SPICE_DISPLAY_CAP_CODEC_MJPEG;
    case VideoCodec::vp8:
      return SPICE_DISPLAY_CAP_CODEC_VP8;
    case VideoCodec::h264:
      return SPICE_DISPLAY_CAP_CODEC_H264;
    case VideoCodec::vp9:
      return SPICE_DISPLAY_CAP_CODEC_VP9;
    default:
      return SPICE_DISPLAY_CAP_CODEC_H265;
  }
}

class Client final : public DisplayClient {
 public:
  Client(DisplayClientEvents& events, DisplayClientOptions options)
      : options_(std::move(options)),
        events_(events, options_.decode_ahead_bytes),
        images_(store_options(options_)),
        draws_(images_, surfaces_) {
    images_.decoder().set_on_ready([this] { events_.commit(); });
  }
  ~Client() override { images_.decoder().set_on_ready({}); }

  spice::Capabilities capabilities() const override;
  void on_open() override;
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_closed(const Error& why) override {
    images_.decoder().finish();
    events_.display_closed(why);
  }
  std::chrono::nanoseconds decode_time() const override { return images_.decode_time(); }
  bool takes_descriptors() const override { return options_.gl_scanout; }
  void send_gl_draw_done() override { send(SPICE_MSGC_DISPLAY_GL_DRAW_DONE, {}); }

 private:
  Result<void> on_draw(std::uint16_t type, ByteView body);
  Result<void> on_mode(ByteView body);
  Result<void> on_surface_create(ByteView body);
  Result<void> on_surface_destroy(ByteView body);
  Result<void> add_surface(const SurfaceInfo& surface);
  void on_reset();
  Result<void> on_inval_list(ByteView body);
  Result<void> on_cache_message(std::uint16_t type, ByteView body);
  Result<void> on_monitors(ByteView body);
  Result<void> on_gl_scanout(ByteView body);
  void set_gl_scanout(GlScanout scanout);
  Result<void> on_gl_draw(ByteView body);
  bool offers_gl_scanout() const { return options_.gl_scanout && link()->carries_descriptors(); }
  Result<void> dispatch(std::uint16_t type, ByteView body);

  DisplayClientOptions options_;
  DisplayOrder events_;
  ImageStore images_;
  SurfaceMap surfaces_;
  DrawReader draws_;
  StreamTable streams_{options_, surfaces_, events_, [this](Bytes body) {
                         send(SPICE_MSGC_DISPLAY_STREAM_REPORT, std::move(body));
                       }};
  raster::Size scanout_;  ///< empty while nothing is scanned out
  TimePoint now_{};
};

spice::Capabilities Client::capabilities() const {
  spice::Capabilities caps = {SPICE_DISPLAY_CAP_SIZED_STREAM,    SPICE_DISPLAY_CAP_MONITORS_CONFIG,
                              SPICE_DISPLAY_CAP_COMPOSITE,       SPICE_DISPLAY_CAP_A8_SURFACE,
                              SPICE_DISPLAY_CAP_LZ4_COMPRESSION, SPICE_DISPLAY_CAP_MULTI_CODEC,
                              SPICE_DISPLAY_CAP_CODEC_MJPEG};
  if (options_.preferred_compression) caps.set(SPICE_DISPLAY_CAP_PREF_COMPRESSION);
  if (options_.media_clock) caps.set(SPICE_DISPLAY_CAP_STREAM_REPORT);
  for (const VideoCodec codec : options_.video_codecs) caps.set(capability_of(codec));
  if (offers_gl_scanout()) caps.set(SPICE_DISPLAY_CAP_GL_SCANOUT);
  if (options_.video_codecs.size() > 1) caps.set(SPICE_DISPLAY_CAP_PREF_VIDEO_CODEC_TYPE);
  return caps;
}

void Client::on_open() {
  spice::DisplayInit init;
  // A cache of its own for each channel: libspice-server lets channels that name the same one refer
  // to each other's images, and their messages come over connections of their own, in any order.
  const auto own_cache = static_cast<std::uint8_t>(link()->id().id + 1);
  init.pixmap_cache_id = own_cache;
  init.pixmap_cache_pixels = static_cast<std::int64_t>(options_.pixmap_cache_bytes / 4);
  init.glz_dictionary_id = options_.glz_window ? 0 : own_cache;
  init.glz_window_pixels =
      static_cast<std::int32_t>(std::min<std::uint32_t>(options_.glz_window_pixels, 0x7fffffffu));
  send(SPICE_MSGC_DISPLAY_INIT, wire::encode(init));
  const spice::Capabilities& peer = link()->peer_capabilities();
  if (options_.preferred_compression && peer.has(SPICE_DISPLAY_CAP_PREF_COMPRESSION)) {
    send(SPICE_MSGC_DISPLAY_PREFERRED_COMPRESSION,
         wire::encode(spice::PreferredCompression{
             static_cast<std::uint8_t>(*options_.preferred_compression)}));
  }
  if (options_.video_codecs.size() > 1 && peer.has(SPICE_DISPLAY_CAP_PREF_VIDEO_CODEC_TYPE)) {
    spice::PreferredVideoCodecs preferred;
    for (const VideoCodec codec : options_.video_codecs) {
      preferred.codecs.push_back(static_cast<std::uint8_t>(codec));
    }
    send(SPICE_MSGC_DISPLAY_PREFERRED_VIDEO_CODEC_TYPE, wire::encode(preferred));
  }
}

Result<void> Client::on_message(std::uint16_t type, ByteView body, TimePoint now) {
  now_ = now;
  if (type == SPICE_MSG_DISPLAY_GL_SCANOUT_UNIX) return on_gl_scanout(body);
  if (auto done = dispatch(type, body); !done) {
    events_.display_problem(fmt::format("display {} {}: {}", link()->id().id,
                                        display_message_name(type), done.error().message()));
  }
  return {};
}

Result<void> Client::dispatch(std::uint16_t type, ByteView body) {
  if (draw_message_name(type)) return on_draw(type, body);
  if (StreamTable::takes(type)) return streams_.on_message(type, body, now_);
  switch (type) {
    case SPICE_MSG_DISPLAY_MODE:
      return on_mode(body);
    case SPICE_MSG_DISPLAY_MARK:
      return events_.display_mark(), Result<void>{};
    case SPICE_MSG_DISPLAY_RESET:
      return on_reset(), Result<void>{};
    case SPICE_MSG_DISPLAY_SURFACE_CREATE:
      return on_surface_create(body);
    case SPICE_MSG_DISPLAY_SURFACE_DESTROY:
      return on_surface_destroy(body);
    case SPICE_MSG_DISPLAY_INVAL_LIST:
    case SPICE_MSG_DISPLAY_INVAL_ALL_PIXMAPS:
    case SPICE_MSG_DISPLAY_INVAL_PALETTE:
    case SPICE_MSG_DISPLAY_INVAL_ALL_PALETTES:
      return on_cache_message(type, body);
    case SPICE_MSG_DISPLAY_MONITORS_CONFIG:
      return on_monitors(body);
    case SPICE_MSG_DISPLAY_GL_DRAW:
      return on_gl_draw(body);
    default:
      return {};
  }
}

Result<void> Client::on_draw(std::uint16_t type, ByteView body) {
  auto op = draws_.read(type, body);
  events_.draw(std::move(op), images_.take_awaited(), {link()->id().id, draw_message_name(type)});
  return {};
}

Result<void> Client::on_mode(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::DisplayMode>(body));
  SurfaceInfo surface;
  surface.size = {static_cast<std::int32_t>(std::min(m.width, 0x7fffffffu)),
                  static_cast<std::int32_t>(std::min(m.height, 0x7fffffffu))};
  surface.format = m.bits == 16 ? raster::PixelFormat::rgb555 : raster::PixelFormat::xrgb32;
  surface.primary = true;
  return add_surface(surface);
}

Result<void> Client::on_surface_create(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::SurfaceCreate>(body));
  const auto format = pixel_format_of(m.format);
  if (!format) return fail(ErrorKind::malformed, "surface format {} does not exist", m.format);
  SurfaceInfo surface;
  surface.id = m.surface;
  surface.size = {static_cast<std::int32_t>(std::min(m.width, 0x7fffffffu)),
                  static_cast<std::int32_t>(std::min(m.height, 0x7fffffffu))};
  surface.format = *format;
  surface.primary = (m.flags & SPICE_SURFACE_FLAGS_PRIMARY) != 0;
  return add_surface(surface);
}

Result<void> Client::add_surface(const SurfaceInfo& surface) {
  const bool too_long =
      surface.size.width > raster::max_side || surface.size.height > raster::max_side;
  const auto too_large = [&surface] {
    return bytes_of(surface.size, surface.format) >
           static_cast<std::int64_t>(raster::max_bitmap_bytes);
  };
  if (surface.size.empty() || too_long || too_large()) {
    return fail(ErrorKind::malformed, "a surface of {}x{} pixels", surface.size.width,
                surface.size.height);
  }
  if (surfaces_.size() >= max_surfaces && surfaces_.count(surface.id) == 0) {
    return fail(ErrorKind::malformed, "more than {} surfaces", max_surfaces);
  }
  std::int64_t total = bytes_of(surface.size, surface.format);
  for (const auto& [id, known] : surfaces_) {
    if (id != surface.id) total += bytes_of(known.size, known.format);
  }
  if (total > max_surface_bytes) {
    return fail(ErrorKind::malformed, "surfaces of {} bytes in all", total);
  }
  surfaces_[surface.id] = {surface.size, surface.format};
  events_.display_surface_create(surface);
  return {};
}

Result<void> Client::on_surface_destroy(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::SurfaceDestroy>(body));
  if (surfaces_.erase(m.surface) == 0) {
    return fail(ErrorKind::not_found, "surface {} does not exist", m.surface);
  }
  events_.display_surface_destroy(m.surface);
  return {};
}

void Client::on_reset() {
  surfaces_.clear();
  streams_.clear();
  scanout_ = {};
  images_.invalidate_palettes();
  events_.display_reset();
}

Result<void> Client::on_cache_message(std::uint16_t type, ByteView body) {
  switch (type) {
    case SPICE_MSG_DISPLAY_INVAL_LIST:
      return on_inval_list(body);
    case SPICE_MSG_DISPLAY_INVAL_ALL_PIXMAPS:
      link()->wait_for_channels(CASSIA_TRY(wire::parse<spice::WaitForChannels>(body)).waits,
                                [this] { images_.invalidate_images(); });
      return {};
    case SPICE_MSG_DISPLAY_INVAL_PALETTE:
      images_.invalidate_palette(CASSIA_TRY(wire::parse<spice::InvalPalette>(body)).id);
      return {};
    default:
      images_.invalidate_palettes();
      return {};
  }
}

Result<void> Client::on_inval_list(ByteView body) {
  for (const spice::ResourceId& r : CASSIA_TRY(wire::parse<spice::InvalList>(body)).resources) {
    if (r.type == SPICE_RES_TYPE_PIXMAP) images_.invalidate_image(r.id);
  }
  return {};
}

Result<void> Client::on_monitors(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::MonitorsConfig>(body));
  MonitorsConfig config;
  config.max_allowed = m.max_allowed;
  for (const spice::Head& head : m.heads) {
    const auto limit = static_cast<std::uint32_t>(spice::max_coordinate);
    if (head.x > limit || head.y > limit || head.width > limit || head.height > limit) {
      return fail(ErrorKind::malformed, "monitor {} is out of range", head.id);
    }
    const auto x = static_cast<std::int32_t>(head.x);
    const auto y = static_cast<std::int32_t>(head.y);
    config.heads.push_back({head.id, head.surface,
                            raster::Rect::of({x, y}, {static_cast<std::int32_t>(head.width),
                                                      static_cast<std::int32_t>(head.height)}),
                            head.flags});
  }
  events_.display_monitors(config);
  return {};
}

// An error ends the connection: nobody knows then what the next byte is.
Result<void> Client::on_gl_scanout(ByteView body) {
  if (!offers_gl_scanout()) {
    return fail(ErrorKind::malformed, "a GL scanout that this client has not offered to take");
  }
  GlScanout scanout = CASSIA_TRY(read_gl_scanout(body));
  if (scanout.fourcc == 0) {
    set_gl_scanout(scanout);
    return {};
  }
  link()->expect_descriptor([this, scanout](FileDescriptor memory) mutable {
    if (memory) scanout.memory = std::make_shared<const FileDescriptor>(std::move(memory));
    set_gl_scanout(std::move(scanout));
  });
  return {};
}

void Client::set_gl_scanout(GlScanout scanout) {
  scanout_ = {};
  if (auto checked = check_gl_scanout(scanout); !checked) {
    events_.display_problem(
        fmt::format("display {} gl_scanout_unix: {}", link()->id().id, checked.error().message()));
    scanout = {};
  }
  scanout_ = scanout.size;
  events_.display_gl_scanout(scanout);
}

// Every draw is answered: the server sends no other before.
Result<void> Client::on_gl_draw(ByteView body) {
  const auto area = read_gl_draw(body, scanout_);
  if (area) {
    events_.display_gl_draw(*area);
    return {};
  }
  if (offers_gl_scanout()) send_gl_draw_done();
  return fail(area.error());
}

}  // namespace

std::unique_ptr<DisplayClient> DisplayClient::create(DisplayClientEvents& events,
                                                     DisplayClientOptions options) {
  return std::make_unique<Client>(events, std::move(options));
}

}  // namespace cassia::channels
