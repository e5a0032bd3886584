// SPDX-License-Identifier: Apache-2.0
#include "render/video/stream_decoder.h"

#include <gmock/gmock.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gtest/gtest.h>
#include <jpeglib.h>

#include <cstdio>
#include <cstdlib>

namespace cassia::raster {
namespace {

Bytes encode_jpeg(std::uint32_t width, std::uint32_t height) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &out, &size);
  info.image_width = width;
  info.image_height = height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_start_compress(&info, TRUE);
  std::vector<JSAMPLE> row(width * 3);
  while (info.next_scanline < height) {
    for (std::uint32_t i = 0; i < row.size(); ++i) {
      row[i] = static_cast<JSAMPLE>(i * 7 + info.next_scanline * 5);
    }
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&info, &rows, 1);
  }
  jpeg_finish_compress(&info);
  Bytes bytes(out, out + size);
  jpeg_destroy_compress(&info);
  std::free(out);
  return bytes;
}

std::vector<std::uint32_t> decode_with_libjpeg(const Bytes& bytes) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_EXT_BGRX;
  jpeg_start_decompress(&info);
  std::vector<std::uint32_t> pixels(std::size_t{info.output_width} * info.output_height);
  while (info.output_scanline < info.output_height) {
    auto* row =
        reinterpret_cast<JSAMPROW>(&pixels[std::size_t{info.output_scanline} * info.output_width]);
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return pixels;
}

/// The buffers that a GStreamer pipeline ending in `appsink name=out` makes.
std::vector<Bytes> run_encoder(const char* description) {
  gst_init(nullptr, nullptr);
  GstElement* pipeline = gst_parse_launch(description, nullptr);
  EXPECT_NE(pipeline, nullptr);
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  std::vector<Bytes> frames;
  while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(out))) {
    GstMapInfo map;
    GstBuffer* buffer = gst_sample_get_buffer(sample);
    gst_buffer_map(buffer, &map, GST_MAP_READ);
    frames.emplace_back(map.data, map.data + map.size);
    gst_buffer_unmap(buffer, &map);
    gst_sample_unref(sample);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(out);
  gst_object_unref(pipeline);
  return frames;
}

TEST(MjpegDecoder, GivesThePixelsOfLibjpeg) {
  const Bytes jpeg = encode_jpeg(61, 47);
  auto decoder = make_stream_decoder(VideoCodec::mjpeg).value();
  const auto picture = decoder->decode(jpeg, 40);
  ASSERT_TRUE(picture.has_value()) << picture.error().message();
  ASSERT_TRUE(picture->has_value());
  ASSERT_EQ((*picture)->size(), (Size{61, 47}));
  const auto expected = decode_with_libjpeg(jpeg);
  for (std::int32_t y = 0; y < 47; ++y) {
    for (std::int32_t x = 0; x < 61; ++x) {
      ASSERT_EQ((*picture)->row32(y)[x] & 0xffffff,
                expected[static_cast<std::size_t>(y * 61 + x)] & 0xffffff);
    }
  }
}

TEST(MjpegDecoder, RefusesWhatIsNoJpegAndGoesOn) {
  auto decoder = make_stream_decoder(VideoCodec::mjpeg).value();
  Bytes jpeg = encode_jpeg(16, 16);
  for (std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{20}}) {
    EXPECT_FALSE(decoder->decode(ByteView(jpeg).first(length), 0).has_value());
  }
  EXPECT_FALSE(decoder->decode(as_bytes("this is no picture at all"), 0).has_value());
  EXPECT_TRUE(decoder->decode(jpeg, 0).has_value());
}

TEST(GstreamerDecoder, DecodesVp8FrameByFrame) {
  const auto frames = run_encoder(
      "videotestsrc num-buffers=4 pattern=red ! video/x-raw,width=64,height=48 ! "
      "vp8enc deadline=1 ! appsink name=out sync=false");
  ASSERT_EQ(frames.size(), 4u);
  auto made = make_stream_decoder(VideoCodec::vp8);
  ASSERT_TRUE(made.has_value()) << made.error().message();
  std::uint32_t time = 0;
  for (const Bytes& frame : frames) {
    const auto picture = (*made)->decode(frame, time += 40);
    ASSERT_TRUE(picture.has_value()) << picture.error().message();
    ASSERT_TRUE(picture->has_value()) << "the picture comes with its frame";
    ASSERT_EQ((*picture)->size(), (Size{64, 48}));
    const std::uint32_t pixel = (*picture)->row32(24)[32];
    EXPECT_GT((pixel >> 16) & 255, 240u);
    EXPECT_LT((pixel >> 8) & 255, 16u);
    EXPECT_LT(pixel & 255, 16u);
  }
}

TEST(GstreamerDecoder, SurvivesGarbage) {
  auto decoder = make_stream_decoder(VideoCodec::vp8).value();
  Bytes garbage(500, 0x5a);
  for (int i = 0; i < 5; ++i) {
    const auto picture = decoder->decode(garbage, 0);
    EXPECT_FALSE(picture.has_value() && picture->has_value());
  }
}

/// A decoder of "the hardware" for the length of a test, ranked above all others, that does not
/// start: there is a driver, but no device.
GstStateChangeReturn does_not_start(GstElement*, GstStateChange) {
  return GST_STATE_CHANGE_FAILURE;
}
void broken_class_init(gpointer klass, gpointer) {
  GstElementClass* element = GST_ELEMENT_CLASS(klass);
  element->change_state = does_not_start;
  gst_element_class_set_static_metadata(element, "broken", "Codec/Decoder/Video/Hardware", "-",
                                        "-");
  for (const auto direction : {GST_PAD_SINK, GST_PAD_SRC}) {
    GstCaps* caps = gst_caps_from_string(direction == GST_PAD_SINK ? "video/x-vp8" : "video/x-raw");
    gst_element_class_add_pad_template(
        element, gst_pad_template_new(direction == GST_PAD_SINK ? "sink" : "src", direction,
                                      GST_PAD_ALWAYS, caps));
    gst_caps_unref(caps);
  }
}
void broken_init(GTypeInstance* instance, gpointer klass) {
  for (const char* pad : {"sink", "src"}) {
    gst_element_add_pad(
        GST_ELEMENT(instance),
        gst_pad_new_from_template(gst_element_class_get_pad_template(GST_ELEMENT_CLASS(klass), pad),
                                  pad));
  }
}

GstElementFactory* find_factory(const char* name) {
  GstElementFactory* factory = gst_element_factory_find(name);
  EXPECT_NE(factory, nullptr) << name;
  return factory;
}

TEST(GstreamerDecoder, TakesTheHighestRankThatStarts) {
  gst_init(nullptr, nullptr);
  // Two decoders of H.264 that anybody may rank, as GST_PLUGIN_FEATURE_RANK does.
  for (const char* name : {"openh264dec", "avdec_h264"}) {
    GstPluginFeature* feature = GST_PLUGIN_FEATURE(find_factory(name));
    ASSERT_NE(feature, nullptr);
    const guint rank = gst_plugin_feature_get_rank(feature);
    gst_plugin_feature_set_rank(feature, GST_RANK_PRIMARY + 300);
    const auto made = make_stream_decoder(VideoCodec::h264);
    gst_plugin_feature_set_rank(feature, rank);
    gst_object_unref(feature);
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ((*made)->name(), name);
  }
}

TEST(GstreamerDecoder, GoesOnToTheNextIfTheHardwareDoesNotStart) {
  gst_init(nullptr, nullptr);
  const GType type = g_type_register_static_simple(GST_TYPE_ELEMENT, "CassiaBrokenDecoder",
                                                   sizeof(GstElementClass), broken_class_init,
                                                   sizeof(GstElement), broken_init, GTypeFlags(0));
  ASSERT_TRUE(gst_element_register(nullptr, "cassiabrokendec", GST_RANK_PRIMARY + 400, type));
  const auto made = make_stream_decoder(VideoCodec::vp8);
  GstElementFactory* factory = find_factory("cassiabrokendec");
  gst_plugin_feature_set_rank(GST_PLUGIN_FEATURE(factory), GST_RANK_NONE);
  gst_object_unref(factory);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ((*made)->name(), "vp8dec");
}

TEST(GstreamerDecoder, TakesNoDecoderOfStreamsWithAlpha) {
  // gstreamer1.0-plugins-bad has one that ranks above vp8dec.
  EXPECT_EQ(make_stream_decoder(VideoCodec::vp8).value()->name(), "vp8dec");
  EXPECT_EQ(make_stream_decoder(VideoCodec::vp9).value()->name(), "vp9dec");
}

TEST(VideoCodecs, AMissingPluginIsNamedInOneLine) {
  for (VideoCodec codec : {VideoCodec::vp8, VideoCodec::vp9, VideoCodec::h264, VideoCodec::h265}) {
    const auto check = check_video_codec(codec);
    EXPECT_EQ(check.has_value(),
              testing::Value(available_video_codecs(), testing::Contains(codec)));
    if (check) continue;
    EXPECT_EQ(check.error().kind(), ErrorKind::unsupported);
    EXPECT_THAT(check.error().message(), testing::HasSubstr("install gstreamer1.0-"));
    EXPECT_EQ(make_stream_decoder(codec).error().message(), check.error().message());
  }
  EXPECT_THAT(available_video_codecs(), testing::Contains(VideoCodec::mjpeg));
}

}  // namespace
}  // namespace cassia::raster
