// SPDX-License-Identifier: Apache-2.0
#include "channels/display/display_server.h"

#include <spice/enums.h>
#include <spice/protocol.h>

#include <array>

#include "channels/display/draw_writer.h"
#include "channels/display/gl_scanout.h"
#include "protocol/spice/display_messages.h"

namespace cassia::channels {
namespace {

// Most pixels that one client may make us keep account of: 4 GiB of them.
constexpr std::int64_t max_budget = std::int64_t{1} << 30;

class Server final : public DisplayServer {
 public:
  Server(DisplayServerEvents& events, std::shared_ptr<GlzDictionaries> dictionaries)
      : events_(events),
        dictionaries_(std::move(dictionaries)),
        images_(cache_, palettes_, surfaces_),
        draws_(images_) {}

  void on_open() override {
    images_.set_client(link()->peer_capabilities());
    draws_.allow_composite(link()->peer_capabilities().has(SPICE_DISPLAY_CAP_COMPOSITE));
  }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_input_handled() override {
    if (std::exchange(told_ready_, ready_) != ready_) events_.display_ready();
  }
  void on_writable() override {
    if (told_ready_) events_.display_writable();
  }
  void on_closed(const Error& why) override { events_.display_closed(why); }

  void send_surface_create(const SurfaceInfo& surface) override;
  void send_surface_destroy(raster::SurfaceId id) override;
  void send_mark() override { send(SPICE_MSG_DISPLAY_MARK, {}); }
  void send_reset() override;
  void send_monitors(const MonitorsConfig& config) override;
  Result<void> send_draw(const raster::DrawOp& op) override;
  void send_stream_create(const StreamInfo& stream) override;
  void send_stream_frame(const StreamFrame& frame, SharedBytes data) override;
  void send_stream_clip(std::uint32_t id, const raster::Clip& clip) override;
  void send_stream_destroy(std::uint32_t id) override;
  void send_stream_destroy_all() override {
    streams_ = {};
    send(SPICE_MSG_DISPLAY_STREAM_DESTROY_ALL, {});
  }
  bool send_stream_activate_report(const StreamReportRequest& request) override;
  void send_forget_images(std::vector<spice::ChannelWait> waits) override;
  bool can_decode(raster::ImageCodec codec) const override {
    return client_decodes(link()->peer_capabilities(), codec);
  }
  bool ready() const override { return ready_; }
  bool takes_gl_scanouts() const override {
    return link()->carries_descriptors() &&
           link()->peer_capabilities().has(SPICE_DISPLAY_CAP_GL_SCANOUT);
  }
  void send_gl_scanout(const GlScanout& scanout) override;
  void send_gl_draw(const raster::Rect& area) override;
  bool takes_glz() const override { return images_.has_glz_dictionary(); }
  void use_glz(GlzUse use) override { images_.use_glz(use); }

 private:
  struct Stream {
    raster::Size size;
    raster::Rect dest;
  };
  Result<void> on_init(ByteView body);
  Result<void> on_preferred_video(ByteView body);
  void send_evictions();

  DisplayServerEvents& events_;
  const std::shared_ptr<GlzDictionaries> dictionaries_;
  ClientCacheModel cache_;
  ClientPaletteModel palettes_;
  SurfaceMap surfaces_;
  ImageWriter images_;
  DrawWriter draws_;
  std::array<std::optional<Stream>, SPICE_MAX_NUM_STREAMS> streams_;
  bool gl_draw_outstanding_ = false;
  bool ready_ = false;
  bool told_ready_ = false;
};

Result<void> Server::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSGC_DISPLAY_INIT:
      return on_init(body);
    case SPICE_MSGC_DISPLAY_PREFERRED_COMPRESSION: {
      const auto m = CASSIA_TRY(wire::parse<spice::PreferredCompression>(body));
      if (m.compression > SPICE_IMAGE_COMPRESSION_INVALID &&
          m.compression <= SPICE_IMAGE_COMPRESSION_LZ4) {
        events_.display_preferred_compression(static_cast<ImageCompression>(m.compression));
      }
      return {};
    }
    case SPICE_MSGC_DISPLAY_STREAM_REPORT: {
      const auto m = CASSIA_TRY(wire::parse<spice::StreamReport>(body));
      events_.display_stream_report({m.stream, m.unique_id, m.start_time, m.end_time, m.frames,
                                     m.drops, m.last_frame_delay, m.audio_delay});
      return {};
    }
    case SPICE_MSGC_DISPLAY_PREFERRED_VIDEO_CODEC_TYPE:
      return on_preferred_video(body);
    case SPICE_MSGC_DISPLAY_GL_DRAW_DONE:
      if (std::exchange(gl_draw_outstanding_, false)) events_.display_gl_draw_done();
      return {};
    default:
      return fail(ErrorKind::malformed, "unknown display message {}", type);
  }
}

Result<void> Server::on_init(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::DisplayInit>(body));
  if (ready_) return fail(ErrorKind::malformed, "a second display init");
  cache_.set_budget(
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(m.pixmap_cache_pixels, 0, max_budget)));
  if (dictionaries_) {
    images_.set_glz_dictionary(
        CASSIA_TRY(dictionaries_->open(m.glz_dictionary_id, m.glz_window_pixels)));
  }
  ready_ = true;  // told once the wishes that came along are known
  return {};
}

void Server::send_surface_create(const SurfaceInfo& surface) {
  surfaces_[surface.id] = {surface.size, surface.format};
  spice::SurfaceCreate m;
  m.surface = surface.id;
  m.width = static_cast<std::uint32_t>(surface.size.width);
  m.height = static_cast<std::uint32_t>(surface.size.height);
  m.format = surface_format_of(surface.format);
  m.flags = surface.primary ? SPICE_SURFACE_FLAGS_PRIMARY : 0;
  send(SPICE_MSG_DISPLAY_SURFACE_CREATE, wire::encode(m));
}

void Server::send_surface_destroy(raster::SurfaceId id) {
  if (surfaces_.erase(id) == 0) return;
  send(SPICE_MSG_DISPLAY_SURFACE_DESTROY, wire::encode(spice::SurfaceDestroy{id}));
}

// A stock client keeps its surfaces and streams over a RESET: take them from it first.
void Server::send_reset() {
  for (const auto& [id, surface] : surfaces_) {
    send(SPICE_MSG_DISPLAY_SURFACE_DESTROY, wire::encode(spice::SurfaceDestroy{id}));
  }
  surfaces_.clear();
  send_stream_destroy_all();
  send(SPICE_MSG_DISPLAY_RESET, {});
  palettes_.clear();  // a RESET takes them
}

void Server::send_gl_scanout(const GlScanout& scanout) {
  std::vector<SharedBytes> body;
  body.emplace_back(write_gl_scanout(scanout));
  if (!scanout.memory) {
    link()->send(SPICE_MSG_DISPLAY_GL_SCANOUT_UNIX, std::move(body));
  } else {
    link()->send_with_descriptor(SPICE_MSG_DISPLAY_GL_SCANOUT_UNIX, std::move(body),
                                 scanout.memory);
  }
}

void Server::send_gl_draw(const raster::Rect& area) {
  gl_draw_outstanding_ = true;
  send(SPICE_MSG_DISPLAY_GL_DRAW, write_gl_draw(area));
}

void Server::send_monitors(const MonitorsConfig& config) {
  if (!link()->peer_capabilities().has(SPICE_DISPLAY_CAP_MONITORS_CONFIG)) return;
  spice::MonitorsConfig m;
  m.max_allowed = config.max_allowed;
  for (const MonitorHead& head : config.heads) {
    m.heads.push_back({head.id, head.surface, static_cast<std::uint32_t>(head.area.width()),
                       static_cast<std::uint32_t>(head.area.height()),
                       static_cast<std::uint32_t>(head.area.left),
                       static_cast<std::uint32_t>(head.area.top), head.flags});
  }
  send(SPICE_MSG_DISPLAY_MONITORS_CONFIG, wire::encode(m));
}

Result<void> Server::send_draw(const raster::DrawOp& op) {
  if (surfaces_.count(op.surface) == 0) {
    return fail(ErrorKind::not_found, "the client knows no surface {}", op.surface);
  }
  cache_.begin_draw();
  std::size_t images = 0;
  raster::for_each_image(op.operation,
                         [&](const raster::ImageRef& image) { images += !image.none(); });
  images_.allow_glz(images == 1);
  palettes_.begin_draw();
  auto message = draws_.write(op);
  if (!message || !*message) {
    cache_.abandon_draw();
    palettes_.abandon_draw();
  }
  // What was dropped from the model is dropped by the client, whether or not the draw is sent.
  send_evictions();
  if (!message) return fail(message.error());
  if (*message) link()->send((*message)->type, std::move((*message)->pieces));
  return {};
}

void Server::send_evictions() {
  spice::InvalList list;
  for (const std::uint64_t number : cache_.take_evicted()) {
    list.resources.push_back({SPICE_RES_TYPE_PIXMAP, number});
  }
  if (!list.resources.empty()) send(SPICE_MSG_DISPLAY_INVAL_LIST, wire::encode(list));
  for (const std::uint64_t number : palettes_.take_evicted()) {
    send(SPICE_MSG_DISPLAY_INVAL_PALETTE, wire::encode(spice::InvalPalette{number}));
  }
}

void Server::send_forget_images(std::vector<spice::ChannelWait> waits) {
  cache_.clear();
  send(SPICE_MSG_DISPLAY_INVAL_ALL_PIXMAPS, wire::encode(spice::WaitForChannels{std::move(waits)}));
  if (palettes_.empty()) return;
  palettes_.clear();
  send(SPICE_MSG_DISPLAY_INVAL_ALL_PALETTES, {});
}

bool Server::send_stream_activate_report(const StreamReportRequest& request) {
  if (!link()->peer_capabilities().has(SPICE_DISPLAY_CAP_STREAM_REPORT)) return false;
  send(SPICE_MSG_DISPLAY_STREAM_ACTIVATE_REPORT,
       wire::encode(spice::StreamActivateReport{request.stream, request.unique_id,
                                                request.max_window, request.timeout_ms}));
  return true;
}

Result<void> Server::on_preferred_video(ByteView body) {
  std::vector<VideoCodec> codecs;
  for (const std::uint8_t codec :
       CASSIA_TRY(wire::parse<spice::PreferredVideoCodecs>(body)).codecs) {
    const bool known =
        codec >= SPICE_VIDEO_CODEC_TYPE_MJPEG && codec <= SPICE_VIDEO_CODEC_TYPE_H265;
    if (known) codecs.push_back(static_cast<VideoCodec>(codec));
  }
  events_.display_preferred_video(codecs);
  return {};
}

void Server::send_stream_create(const StreamInfo& stream) {
  if (stream.id >= streams_.size()) return;
  streams_[stream.id] = Stream{stream.stream_size, stream.dest};
  spice::StreamCreate m;
  m.surface = stream.surface;
  m.id = stream.id;
  m.flags = stream.top_down ? spice::StreamCreate::top_down : 0;
  m.codec = static_cast<std::uint8_t>(stream.codec);
  m.stream_width = static_cast<std::uint32_t>(stream.stream_size.width);
  m.stream_height = static_cast<std::uint32_t>(stream.stream_size.height);
  m.source_width = static_cast<std::uint32_t>(stream.source_size.width);
  m.source_height = static_cast<std::uint32_t>(stream.source_size.height);
  m.dest = to_wire(stream.dest);
  m.clip = to_wire(stream.clip);
  send(SPICE_MSG_DISPLAY_STREAM_CREATE, wire::encode(m));
}

void Server::send_stream_frame(const StreamFrame& frame, SharedBytes data) {
  if (frame.id >= streams_.size() || !streams_[frame.id]) return;
  const Stream& stream = *streams_[frame.id];
  wire::Blob blob(std::move(data));
  if (frame.size == stream.size && frame.dest == stream.dest) {
    link()->send(SPICE_MSG_DISPLAY_STREAM_DATA,
                 wire::encode_pieces(spice::StreamData{frame.id, frame.multi_media_time, blob}));
  } else if (link()->peer_capabilities().has(SPICE_DISPLAY_CAP_SIZED_STREAM)) {
    link()->send(SPICE_MSG_DISPLAY_STREAM_DATA_SIZED,
                 wire::encode_pieces(spice::StreamDataSized{
                     frame.id, frame.multi_media_time, static_cast<std::uint32_t>(frame.size.width),
                     static_cast<std::uint32_t>(frame.size.height), to_wire(frame.dest), blob}));
  }
}

void Server::send_stream_clip(std::uint32_t id, const raster::Clip& clip) {
  if (id >= streams_.size() || !streams_[id]) return;
  send(SPICE_MSG_DISPLAY_STREAM_CLIP, wire::encode(spice::StreamClip{id, to_wire(clip)}));
}

void Server::send_stream_destroy(std::uint32_t id) {
  if (id >= streams_.size() || !streams_[id]) return;
  streams_[id].reset();
  send(SPICE_MSG_DISPLAY_STREAM_DESTROY, wire::encode(spice::StreamDestroy{id}));
}

}  // namespace

std::unique_ptr<DisplayServer> DisplayServer::create(
    DisplayServerEvents& events, std::shared_ptr<GlzDictionaries> dictionaries) {
  return std::make_unique<Server>(events, std::move(dictionaries));
}

}  // namespace cassia::channels
