// SPDX-License-Identifier: Apache-2.0
#pragma once

// Both roles of the display channel joined in memory, and the log of what arrives.

#include <gtest/gtest.h>
#include <spice/protocol.h>

#include "channels/display/display_client.h"
#include "channels/display/display_server.h"
#include "render/codec/encode.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {

struct DisplayClientLog : DisplayClientEvents {
  void display_surface_create(const SurfaceInfo& s) override { surfaces.push_back(s); }
  void display_surface_destroy(raster::SurfaceId id) override { destroyed.push_back(id); }
  void display_mark() override { ++marks; }
  void display_reset() override { ++resets; }
  void display_draw(raster::DrawOpPtr op) override { draws.push_back(std::move(op)); }
  void display_monitors(const MonitorsConfig& c) override { monitors = c; }
  void display_stream_create(const StreamInfo& s) override { streams.push_back(s); }
  void display_stream_frame(const StreamFrame& f) override {
    frames.push_back(f);
    frames.back().data = {};
    frame_data.push_back(to_bytes(f.data));
  }
  void display_stream_clip(std::uint32_t, const raster::Clip& c) override { clips.push_back(c); }
  void display_stream_destroy(std::uint32_t id) override { streams_destroyed.push_back(id); }
  void display_stream_destroy_all() override { ++all_streams_destroyed; }
  void display_gl_scanout(const GlScanout& s) override { scanouts.push_back(s); }
  void display_gl_draw(const raster::Rect& area) override { gl_draws.push_back(area); }
  void display_problem(const std::string& text) override { problems.push_back(text); }
  void display_closed(const Error&) override {}

  std::vector<SurfaceInfo> surfaces;
  std::vector<raster::SurfaceId> destroyed;
  int marks = 0;
  int resets = 0;
  std::vector<raster::DrawOpPtr> draws;
  MonitorsConfig monitors;
  std::vector<StreamInfo> streams;
  std::vector<StreamFrame> frames;
  std::vector<Bytes> frame_data;
  std::vector<raster::Clip> clips;
  std::vector<std::uint32_t> streams_destroyed;
  int all_streams_destroyed = 0;
  std::vector<GlScanout> scanouts;
  std::vector<raster::Rect> gl_draws;
  std::vector<std::string> problems;
};

struct DisplayServerLog : DisplayServerEvents {
  void display_ready() override {
    ready = true;
    preferred_at_first = preferred;
  }
  void display_writable() override {}
  void display_preferred_compression(ImageCompression c) override { preferred = c; }
  void display_preferred_video(const std::vector<VideoCodec>& codecs) override { video = codecs; }
  void display_gl_draw_done() override { ++gl_draws_done; }
  void display_stream_report(const StreamReport& r) override { reports.push_back(r); }
  void display_closed(const Error&) override {}
  std::vector<VideoCodec> video;
  std::vector<StreamReport> reports;
  int gl_draws_done = 0;
  bool ready = false;
  std::optional<ImageCompression> preferred;
  std::optional<ImageCompression> preferred_at_first;  ///< when it was ready
};

struct DisplayPair {
  explicit DisplayPair(DisplayClientOptions options = {}, std::size_t fragment = 1,
                       std::shared_ptr<SerialBoard> board = nullptr, bool unix_socket = false) {
    ClientLinkParams params{{spice::ChannelType::display, 0}, 1, {}};
    params.board = std::move(board);
    params.carries_descriptors = unix_socket;
    auto made = DisplayClient::create(client_log, std::move(options));
    client = made.get();
    pair = std::make_unique<Pair>(
        [this](const LinkRequest&) {
          auto made_server = DisplayServer::create(server_log);
          server = made_server.get();
          return made_server;
        },
        std::move(made), std::move(params), fragment,
        ServerConnectionLimits{.carries_descriptors = unix_socket});
    pair->policy.caps = {SPICE_DISPLAY_CAP_PREF_COMPRESSION};
    pair->pump();
  }

  /// A primary surface 0 of 64x64 pixels.
  void make_surface(raster::PixelFormat format = raster::PixelFormat::xrgb32,
                    raster::SurfaceId id = 0) {
    server->send_surface_create({id, {64, 64}, format, id == 0});
  }

  /// Sends the op and returns what arrives.
  raster::DrawOpPtr carry(const raster::DrawOp& op) {
    const std::size_t before = client_log.draws.size();
    const auto sent = server->send_draw(op);
    EXPECT_TRUE(sent.has_value()) << (sent ? "" : sent.error().message());
    pair->pump();
    EXPECT_TRUE(client_log.problems.empty()) << client_log.problems.back();
    return client_log.draws.size() > before ? client_log.draws.back() : nullptr;
  }

  DisplayClientLog client_log;
  DisplayServerLog server_log;
  DisplayClient* client = nullptr;
  DisplayServer* server = nullptr;
  std::unique_ptr<Pair> pair;
};

/// Pixels that differ from their neighbours and with `seed`.
inline raster::BitmapPtr picture(raster::Size size, raster::PixelFormat format, unsigned seed = 1) {
  auto bitmap = raster::Bitmap::create_cleared(size, format);
  const auto row = static_cast<std::size_t>(size.width) *
                   static_cast<std::size_t>(raster::bits_per_pixel(format)) / 8;
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::size_t i = 0; i < row; ++i) {
      bitmap->row(y)[i] = static_cast<std::uint8_t>(i * 13 + static_cast<unsigned>(y) * 7 + seed);
    }
    if (format == raster::PixelFormat::rgb555) {
      for (std::size_t i = 1; i < row; i += 2) bitmap->row(y)[i] &= 0x7f;
    }
  }
  return std::make_shared<const raster::Bitmap>(std::move(*bitmap));
}

inline raster::ImageRef image_of(raster::BitmapPtr bitmap, std::uint64_t id = 0) {
  return {std::move(bitmap), {id, id != 0}};
}

}  // namespace cassia::channels
