// SPDX-License-Identifier: Apache-2.0
#pragma once

// One viewer's display channel, joined to the pipeline of that display.

#include <optional>

#include "channels/display/display_server.h"
#include "server/display/pipeline.h"

namespace cassia::server {

/// Must not outlive the pipeline.
class DisplayViewer final : public channels::DisplayServerEvents,
                            public ViewerSink,
                            public ScanoutSink {
 public:
  /// `dictionaries`: those of this viewer's session. `scanout`: a viewer that can read the picture
  /// from memory gets it so.
  DisplayViewer(Pipeline& pipeline, std::shared_ptr<channels::GlzDictionaries> dictionaries,
                bool scanout)
      : pipeline_(pipeline), dictionaries_(std::move(dictionaries)), scanout_wanted_(scanout) {}
  ~DisplayViewer() override { leave(); }
  DisplayViewer(const DisplayViewer&) = delete;
  DisplayViewer& operator=(const DisplayViewer&) = delete;

  std::unique_ptr<channels::Channel> make_channel();

 private:
  void display_ready() override;
  void display_writable() override;
  void display_gl_draw_done() override;
  void display_preferred_compression(channels::ImageCompression compression) override;
  void display_closed(const Error& why) override;
  void leave();
  void choose();

  bool writable() const override;
  bool can_decode(raster::ImageCodec codec) const override;
  codec::EncodeChoice encode_choice() const override { return choice_; }
  void surface_create(const channels::SurfaceInfo& surface) override;
  void surface_destroy(raster::SurfaceId id) override;
  void mark() override;
  void monitors(const channels::MonitorsConfig& config) override;
  Result<void> draw(const raster::DrawOp& op) override;
  void gl_scanout(const channels::GlScanout& scanout) override;
  void gl_draw(const raster::Rect& area) override;

  Pipeline& pipeline_;
  const std::shared_ptr<channels::GlzDictionaries> dictionaries_;
  channels::DisplayServer* channel_ = nullptr;
  // One of the two, once the viewer is ready.
  ViewerQueue* queue_ = nullptr;
  ScanoutFeed* scanout_ = nullptr;
  const bool scanout_wanted_;
  codec::EncodeChoice choice_;
  std::optional<channels::ImageCompression> preferred_;
};

}  // namespace cassia::server
