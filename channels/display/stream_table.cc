// SPDX-License-Identifier: Apache-2.0
#include "channels/display/stream_table.h"

#include <spice/enums.h>

#include "channels/display/draw_check.h"
#include "protocol/spice/display_messages.h"

namespace cassia::channels {

bool StreamTable::takes(std::uint16_t type) {
  return (type >= SPICE_MSG_DISPLAY_STREAM_CREATE &&
          type <= SPICE_MSG_DISPLAY_STREAM_DESTROY_ALL) ||
         type == SPICE_MSG_DISPLAY_STREAM_DATA_SIZED ||
         type == SPICE_MSG_DISPLAY_STREAM_ACTIVATE_REPORT;
}

Result<void> StreamTable::on_message(std::uint16_t type, ByteView body, TimePoint now) {
  switch (type) {
    case SPICE_MSG_DISPLAY_STREAM_CREATE:
      return on_create(body);
    case SPICE_MSG_DISPLAY_STREAM_DATA:
      return on_data(body, now);
    case SPICE_MSG_DISPLAY_STREAM_DATA_SIZED:
      return on_data_sized(body, now);
    case SPICE_MSG_DISPLAY_STREAM_CLIP:
      return on_clip(body);
    case SPICE_MSG_DISPLAY_STREAM_DESTROY:
      return on_destroy(body);
    case SPICE_MSG_DISPLAY_STREAM_ACTIVATE_REPORT:
      return on_activate_report(body);
    default:
      clear();
      events_.display_stream_destroy_all();
      return {};
  }
}

Result<void> StreamTable::on_clip(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::StreamClip>(body));
  CASSIA_TRY(find(m.id));
  events_.display_stream_clip(m.id, to_raster(m.clip));
  return {};
}

Result<void> StreamTable::on_destroy(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::StreamDestroy>(body));
  CASSIA_TRY(find(m.id));
  streams_[m.id].reset();
  events_.display_stream_destroy(m.id);
  return {};
}

Result<StreamTable::Stream*> StreamTable::find(std::uint32_t id) {
  if (id >= streams_.size() || !streams_[id]) {
    return fail(ErrorKind::not_found, "stream {} does not exist", id);
  }
  return &*streams_[id];
}

Result<void> StreamTable::on_create(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::StreamCreate>(body));
  if (m.id >= streams_.size()) return fail(ErrorKind::malformed, "stream number {}", m.id);
  if (surfaces_.count(m.surface) == 0) {
    return fail(ErrorKind::not_found, "surface {} does not exist", m.surface);
  }
  const auto side_ok = [](std::uint32_t side) { return side > 0 && side <= raster::max_side; };
  if (!side_ok(m.stream_width) || !side_ok(m.stream_height) || !side_ok(m.source_width) ||
      !side_ok(m.source_height)) {
    return fail(ErrorKind::malformed, "a stream of {}x{} pixels", m.stream_width, m.stream_height);
  }
  if (m.codec < SPICE_VIDEO_CODEC_TYPE_MJPEG || m.codec > SPICE_VIDEO_CODEC_TYPE_H265) {
    return fail(ErrorKind::unsupported, "video codec {}", m.codec);
  }
  StreamInfo info;
  info.id = m.id;
  info.surface = m.surface;
  info.codec = static_cast<VideoCodec>(m.codec);
  info.top_down = (m.flags & spice::StreamCreate::top_down) != 0;
  info.stream_size = {static_cast<std::int32_t>(m.stream_width),
                      static_cast<std::int32_t>(m.stream_height)};
  info.source_size = {static_cast<std::int32_t>(m.source_width),
                      static_cast<std::int32_t>(m.source_height)};
  info.dest = to_raster(m.dest);
  info.clip = to_raster(m.clip);
  streams_[m.id] = Stream{info.surface, info.stream_size, info.dest, {}};
  events_.display_stream_create(info);
  return {};
}

Result<void> StreamTable::on_data(ByteView body, TimePoint now) {
  const auto m = CASSIA_TRY(wire::parse<spice::StreamData>(body));
  Stream& known = *CASSIA_TRY(find(m.id));
  CASSIA_TRY(check_stream_area(known.surface, known.dest, surfaces_));
  on_frame(known, {m.id, m.multi_media_time, known.size, known.dest, m.data.view()}, now);
  return {};
}

Result<void> StreamTable::on_data_sized(ByteView body, TimePoint now) {
  const auto m = CASSIA_TRY(wire::parse<spice::StreamDataSized>(body));
  Stream& known = *CASSIA_TRY(find(m.id));
  if (m.width == 0 || m.height == 0 || m.width > raster::max_side || m.height > raster::max_side) {
    return fail(ErrorKind::malformed, "a frame of {}x{} pixels", m.width, m.height);
  }
  const raster::Rect dest = to_raster(m.dest);
  CASSIA_TRY(check_stream_area(known.surface, dest, surfaces_));
  on_frame(known,
           {m.id,
            m.multi_media_time,
            {static_cast<std::int32_t>(m.width), static_cast<std::int32_t>(m.height)},
            dest,
            m.data.view()},
           now);
  return {};
}

void StreamTable::on_frame(Stream& known, StreamFrame frame, TimePoint now) {
  const auto time = options_.media_clock ? options_.media_clock->at(now) : std::nullopt;
  if (time) {
    // The difference of two clocks that wrap. Drivers that set no time send 0.
    const auto margin = static_cast<std::int32_t>(frame.multi_media_time - *time);
    frame.late = frame.multi_media_time != 0 && margin < 0;
    const std::uint32_t audio = options_.audio_delay ? options_.audio_delay() : 0xffffffffu;
    if (options_.late_drops) known.reporter.add_drops(options_.late_drops(frame.id));
    if (auto r = known.reporter.frame(frame.multi_media_time,
                                      frame.late ? margin : std::max(margin, 0), audio, now)) {
      send_report_(wire::encode(spice::StreamReport{r->stream, r->unique_id, r->start_time,
                                                    r->end_time, r->frames, r->drops,
                                                    r->last_frame_delay, r->audio_delay}));
    }
  }
  events_.display_stream_frame(frame);
}

Result<void> StreamTable::on_activate_report(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::StreamActivateReport>(body));
  CASSIA_TRY(find(m.stream))
      ->reporter.activate({m.stream, m.unique_id, m.max_window, m.timeout_ms});
  return {};
}

}  // namespace cassia::channels
