// SPDX-License-Identifier: Apache-2.0
// decoder ! videoconvert ! appsink, fed through a pad of our own: the frame is decoded by the
// thread that calls, and the picture is there when the call returns. No thread, no clock, no
// waiting.

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include "render/video/decoders.h"

namespace cassia::raster {
namespace {

struct ObjectDeleter {
  void operator()(void* object) const { gst_object_unref(object); }
};
struct CapsDeleter {
  void operator()(GstCaps* caps) const { gst_caps_unref(caps); }
};
struct SampleDeleter {
  void operator()(GstSample* sample) const { gst_sample_unref(sample); }
};
struct FactoriesDeleter {
  void operator()(GList* list) const { gst_plugin_feature_list_free(list); }
};
template <class T>
using Object = std::unique_ptr<T, ObjectDeleter>;
using Caps = std::unique_ptr<GstCaps, CapsDeleter>;
using Sample = std::unique_ptr<GstSample, SampleDeleter>;
using Factories = std::unique_ptr<GList, FactoriesDeleter>;

const char* caps_of(VideoCodec codec) {
  switch (codec) {
    // Decoders of streams with alpha take nothing else, and rank above the plain ones.
    case VideoCodec::vp8:
      return "video/x-vp8,codec-alpha=(boolean)false";
    case VideoCodec::vp9:
      return "video/x-vp9,codec-alpha=(boolean)false";
    case VideoCodec::h264:
      return "video/x-h264,stream-format=byte-stream,alignment=au";
    case VideoCodec::h265:
      return "video/x-h265,stream-format=byte-stream,alignment=au";
    case VideoCodec::mjpeg:
      return "image/jpeg";
  }
  return "";
}

const char* package_of(VideoCodec codec) {
  const bool in_good = codec == VideoCodec::vp8 || codec == VideoCodec::vp9;
  return in_good ? "gstreamer1.0-plugins-good" : "gstreamer1.0-libav";
}

Result<void> start_library() {
  GError* error = nullptr;
  if (gst_init_check(nullptr, nullptr, &error)) return {};
  const std::string reason = error != nullptr ? error->message : "unknown reason";
  g_clear_error(&error);
  return fail(ErrorKind::unsupported, "GStreamer does not start: {}", reason);
}

/// The decoders for a codec, best first: GStreamer ranks those of the hardware highest.
Factories factories_for(VideoCodec codec) {
  const Caps caps(gst_caps_from_string(caps_of(codec)));
  const auto kind = GST_ELEMENT_FACTORY_TYPE_DECODER | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO;
  GList* all = gst_element_factory_list_get_elements(kind, GST_RANK_MARGINAL);
  GList* fitting = gst_element_factory_list_filter(all, caps.get(), GST_PAD_SINK, FALSE);
  gst_plugin_feature_list_free(all);
  return Factories(g_list_sort(fitting, gst_plugin_feature_rank_compare_func));
}

void set_if_there(GstElement* element, const char* property, int value) {
  if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), property) == nullptr) return;
  gst_util_set_object_arg(G_OBJECT(element), property, std::to_string(value).c_str());
}

class GstreamerDecoder final : public StreamDecoder {
 public:
  static Result<std::unique_ptr<GstreamerDecoder>> create(VideoCodec codec,
                                                          GstElementFactory* factory, bool planes);
  ~GstreamerDecoder() override;

  std::string name() const override { return name_; }
  Result<std::optional<Bitmap>> decode(ByteView frame, std::uint32_t timestamp) override;
  Result<VideoPlanesPtr> decode_planes(ByteView frame, std::uint32_t timestamp) override;
  bool gives_planes() const override { return planes_; }

 private:
  GstreamerDecoder(VideoCodec codec, bool planes) : codec_(codec), planes_(planes) {}
  Result<Sample> run(ByteView frame, std::uint32_t timestamp);
  Result<void> build(GstElementFactory* factory);
  Result<void> start();
  std::string last_error();
  static Result<Bitmap> picture_of(Sample sample);
  static Result<VideoPlanesPtr> planes_of(Sample sample);

  VideoCodec codec_;
  bool planes_;
  std::string name_;
  Object<GstElement> pipeline_;
  Object<GstElement> sink_;
  Object<GstPad> feed_;
};

Result<std::unique_ptr<GstreamerDecoder>> GstreamerDecoder::create(VideoCodec codec,
                                                                   GstElementFactory* factory,
                                                                   bool planes) {
  std::unique_ptr<GstreamerDecoder> decoder(new GstreamerDecoder(codec, planes));
  decoder->name_ = GST_OBJECT_NAME(factory);
  CASSIA_TRY(decoder->build(factory));
  CASSIA_TRY(decoder->start());
  return decoder;
}

GstreamerDecoder::~GstreamerDecoder() {
  if (feed_) gst_pad_set_active(feed_.get(), FALSE);
  if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

Result<void> GstreamerDecoder::build(GstElementFactory* factory) {
  pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
  GstElement* decoder = gst_element_factory_create(factory, nullptr);
  GstElement* convert = gst_element_factory_make("videoconvert", nullptr);
  GstElement* sink = gst_element_factory_make("appsink", nullptr);
  if (decoder == nullptr || convert == nullptr || sink == nullptr) {
    for (GstElement* element : {decoder, convert, sink}) {
      if (element != nullptr) gst_object_unref(gst_object_ref_sink(element));
    }
    return fail(ErrorKind::unsupported,
                "GStreamer lacks videoconvert or appsink (install gstreamer1.0-plugins-base)");
  }
  sink_.reset(GST_ELEMENT(gst_object_ref(sink)));
  set_if_there(decoder, "max-threads", 1);  // libav: no frame of delay per thread
  const Caps raw(
      gst_caps_from_string(planes_ ? "video/x-raw,format={I420,NV12}" : "video/x-raw,format=BGRx"));
  g_object_set(sink, "sync", FALSE, "async", FALSE, "max-buffers", 4u, "drop", TRUE, "caps",
               raw.get(), nullptr);
  gst_bin_add_many(GST_BIN(pipeline_.get()), decoder, convert, sink, nullptr);
  if (!gst_element_link_many(decoder, convert, sink, nullptr)) {
    return fail(ErrorKind::unsupported, "GStreamer cannot connect a decoder of {} video",
                to_string(codec_));
  }
  feed_.reset(GST_PAD(gst_object_ref_sink(gst_pad_new("feed", GST_PAD_SRC))));
  const Object<GstPad> input(gst_element_get_static_pad(decoder, "sink"));
  if (!input || gst_pad_link(feed_.get(), input.get()) != GST_PAD_LINK_OK) {
    return fail(ErrorKind::unsupported, "GStreamer cannot feed a decoder of {} video",
                to_string(codec_));
  }
  return {};
}

Result<void> GstreamerDecoder::start() {
  gst_pad_set_active(feed_.get(), TRUE);
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    return fail(ErrorKind::unsupported, "GStreamer cannot start a decoder of {} video: {}",
                to_string(codec_), last_error());
  }
  const Caps caps(gst_caps_from_string(caps_of(codec_)));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(feed_.get(), gst_event_new_stream_start("cassia"));
  const bool ok = gst_pad_push_event(feed_.get(), gst_event_new_caps(caps.get())) &&
                  gst_pad_push_event(feed_.get(), gst_event_new_segment(&segment));
  if (ok) return {};
  return fail(ErrorKind::unsupported, "GStreamer's decoder refuses {} video: {}", to_string(codec_),
              last_error());
}

std::string GstreamerDecoder::last_error() {
  std::string text = "no reason given";
  GstBus* bus = gst_element_get_bus(pipeline_.get());
  while (GstMessage* message = gst_bus_pop(bus)) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      GError* error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      text = error->message;
      g_clear_error(&error);
    }
    gst_message_unref(message);
  }
  gst_object_unref(bus);
  return text;
}

/// The newest picture that comes of a frame; null if none does.
Result<Sample> GstreamerDecoder::run(ByteView frame, std::uint32_t timestamp) {
  if (frame.empty()) return fail(ErrorKind::malformed, "{} frame: no data", to_string(codec_));
  GstBuffer* buffer = gst_buffer_new_memdup(frame.data(), frame.size());
  GST_BUFFER_PTS(buffer) = timestamp * GST_MSECOND;
  const GstFlowReturn flow = gst_pad_push(feed_.get(), buffer);
  if (flow != GST_FLOW_OK) {
    return fail(ErrorKind::malformed, "{} frame: {}", to_string(codec_), last_error());
  }
  std::string ignored = last_error();  // keeps the bus from growing
  Sample newest;
  while (GstSample* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink_.get()), 0)) {
    newest.reset(sample);
  }
  return newest;
}

Result<std::optional<Bitmap>> GstreamerDecoder::decode(ByteView frame, std::uint32_t timestamp) {
  Sample sample = CASSIA_TRY(run(frame, timestamp));
  if (!sample) return std::optional<Bitmap>();
  if (!planes_) return std::optional<Bitmap>(CASSIA_TRY(picture_of(std::move(sample))));
  const VideoPlanesPtr planes = CASSIA_TRY(planes_of(std::move(sample)));
  return std::optional<Bitmap>(CASSIA_TRY(to_bitmap(*planes)));
}

Result<VideoPlanesPtr> GstreamerDecoder::decode_planes(ByteView frame, std::uint32_t timestamp) {
  if (!planes_) return StreamDecoder::decode_planes(frame, timestamp);
  Sample sample = CASSIA_TRY(run(frame, timestamp));
  if (!sample) return VideoPlanesPtr();
  return planes_of(std::move(sample));
}

/// A picture of GStreamer's, mapped for as long as it is held.
using MappedFrame = std::shared_ptr<GstVideoFrame>;

Result<MappedFrame> map(const Sample& sample) {
  GstVideoInfo info;
  GstCaps* caps = gst_sample_get_caps(sample.get());
  if (caps == nullptr || !gst_video_info_from_caps(&info, caps)) {
    return fail(ErrorKind::internal, "GStreamer gave a picture without a format");
  }
  if (GST_VIDEO_INFO_WIDTH(&info) > max_side || GST_VIDEO_INFO_HEIGHT(&info) > max_side) {
    return fail(ErrorKind::malformed, "video of {}x{} pixels is not possible",
                GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info));
  }
  auto frame = std::make_unique<GstVideoFrame>();
  if (!gst_video_frame_map(frame.get(), &info, gst_sample_get_buffer(sample.get()), GST_MAP_READ)) {
    return fail(ErrorKind::internal, "GStreamer gave a picture that cannot be read");
  }
  return MappedFrame(frame.release(), [](GstVideoFrame* mapped) {
    gst_video_frame_unmap(mapped);  // lets go of the buffer too
    delete mapped;
  });
}

Size size_of(const GstVideoFrame* frame) {
  return {GST_VIDEO_FRAME_WIDTH(frame), GST_VIDEO_FRAME_HEIGHT(frame)};
}

/// The pixels stay in GStreamer's buffer, which the bitmap keeps.
Result<Bitmap> GstreamerDecoder::picture_of(Sample sample) {
  const MappedFrame frame = CASSIA_TRY(map(sample));
  auto* pixels = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(frame.get(), 0));
  const std::int32_t stride = GST_VIDEO_FRAME_PLANE_STRIDE(frame.get(), 0);
  return Bitmap::wrap(size_of(frame.get()), PixelFormat::xrgb32, stride, pixels, frame);
}

/// Likewise.
Result<VideoPlanesPtr> GstreamerDecoder::planes_of(Sample sample) {
  const MappedFrame frame = CASSIA_TRY(map(sample));
  auto out = std::make_shared<VideoPlanes>();
  const bool pairs = GST_VIDEO_FRAME_FORMAT(frame.get()) == GST_VIDEO_FORMAT_NV12;
  out->layout = pairs ? VideoPlanes::Layout::nv12 : VideoPlanes::Layout::i420;
  out->size = size_of(frame.get());
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES(frame.get()) && i < 3; ++i) {
    out->planes[i] = {static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(frame.get(), i)),
                      GST_VIDEO_FRAME_PLANE_STRIDE(frame.get(), i)};
  }
  const GstVideoColorimetry& colours = frame->info.colorimetry;
  double kr = 0, kb = 0;
  if (!gst_video_color_matrix_get_Kr_Kb(colours.matrix, &kr, &kb)) kr = 0.299, kb = 0.114;
  out->matrix = VideoPlanes::Matrix::of(kr, kb, colours.range == GST_VIDEO_COLOR_RANGE_0_255);
  out->colour_between = (frame->info.chroma_site & GST_VIDEO_CHROMA_SITE_H_COSITED) == 0;
  out->owner = frame;
  return VideoPlanesPtr(std::move(out));
}

}  // namespace

Result<void> check_gstreamer_decoder(VideoCodec codec) {
  CASSIA_TRY(start_library());
  if (factories_for(codec)) return {};
  return fail(ErrorKind::unsupported, "{} video needs a GStreamer decoder: install {}",
              to_string(codec), package_of(codec));
}

Result<std::unique_ptr<StreamDecoder>> make_gstreamer_decoder(VideoCodec codec, bool planes) {
  CASSIA_TRY(check_gstreamer_decoder(codec));
  const Factories factories = factories_for(codec);
  // A decoder of the hardware may be listed and yet not start: take the next.
  Error last(ErrorKind::unsupported, "no decoder");
  for (GList* each = factories.get(); each != nullptr; each = each->next) {
    auto decoder = GstreamerDecoder::create(codec, GST_ELEMENT_FACTORY(each->data), planes);
    if (decoder) return std::unique_ptr<StreamDecoder>(std::move(*decoder));
    last = decoder.error();
  }
  return fail(std::move(last));
}

}  // namespace cassia::raster
