// SPDX-License-Identifier: Apache-2.0
#include "tests/support/video_encoder.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <cstring>
#include <memory>

namespace cassia::test {
namespace {

struct Unref {
  void operator()(void* object) const { gst_object_unref(object); }
};

/// The buffers that a pipeline ending in `appsink name=out` makes.
Result<std::vector<Bytes>> run_pipeline(const std::string& description) {
  gst_init(nullptr, nullptr);
  GError* error = nullptr;
  const std::unique_ptr<GstElement, Unref> pipeline(gst_parse_launch(description.c_str(), &error));
  if (error != nullptr) {
    const std::string why = error->message;
    g_clear_error(&error);
    return fail(ErrorKind::unsupported, "{} (see the test packages in scripts/packages)", why);
  }
  const std::unique_ptr<GstElement, Unref> out(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  std::vector<Bytes> buffers;
  while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(out.get()))) {
    GstMapInfo map;
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    gst_buffer_map(buffer, &map, GST_MAP_READ);
    buffers.emplace_back(map.data, map.data + map.size);
    gst_buffer_unmap(buffer, &map);
    gst_sample_unref(sample);
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  return buffers;
}

const char* encoder_of(channels::VideoCodec codec) {
  switch (codec) {
    case channels::VideoCodec::vp8:
      return "vp8enc deadline=1 cpu-used=-5 target-bitrate=4000000";
    case channels::VideoCodec::vp9:
      return "vp9enc deadline=1 cpu-used=9 target-bitrate=4000000";
    case channels::VideoCodec::h264:
      return "x264enc tune=zerolatency speed-preset=ultrafast byte-stream=true qp-max=20 ! "
             "video/x-h264,stream-format=byte-stream,alignment=au,profile=baseline";
    case channels::VideoCodec::h265:
      return "x265enc tune=zerolatency speed-preset=ultrafast qp=20 ! "
             "video/x-h265,stream-format=byte-stream,alignment=au";
    default:
      return "jpegenc quality=95";
  }
}

std::string source_of(const Clip& clip, const char* format) {
  return fmt::format("videotestsrc num-buffers={} pattern={} ! video/x-raw,width={},height={},{}",
                     clip.frames, clip.pattern, clip.size.width, clip.size.height, format);
}

}  // namespace

Result<std::vector<Bytes>> encode_video(channels::VideoCodec codec, const Clip& clip) {
  // jpegenc takes planes for JPEG's, which use all 256 values.
  const bool jpeg = codec == channels::VideoCodec::mjpeg;
  const char* format = jpeg ? "format=BGRx,framerate=25/1" : "format=I420,framerate=25/1";
  return run_pipeline(fmt::format("{} ! {} ! appsink name=out sync=false", source_of(clip, format),
                                  encoder_of(codec)));
}

Result<raster::Bitmap> picture_of(const Clip& clip) {
  Clip one = clip;
  one.frames = 1;
  const auto rows =
      CASSIA_TRY(run_pipeline(source_of(one, "format=BGRx") + " ! appsink name=out sync=false"));
  raster::Bitmap out = CASSIA_TRY(raster::Bitmap::create(clip.size, raster::PixelFormat::xrgb32));
  for (std::int32_t y = 0; y < out.height(); ++y) {
    const auto row = static_cast<std::size_t>(out.width()) * 4;
    std::memcpy(out.row(y), rows.at(0).data() + row * static_cast<std::size_t>(y), row);
  }
  return out;
}

}  // namespace cassia::test
