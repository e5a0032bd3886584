// SPDX-License-Identifier: Apache-2.0
#pragma once

// Between a display channel and its owner: passes every event on in the order in which it came,
// while the images of some are still being decoded. An event waits for the images of its own draw
// and for the events before it.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "channels/display/display_client.h"
#include "channels/display/image_store.h"

namespace cassia::channels {

/// A draw message, for errors: "display 0 draw_copy".
struct DrawName {
  std::uint8_t display = 0;
  const char* message = "";
};

/// Everything that display_client.h can tell is told through here: an event added there gets its
/// place here.
class DisplayOrder final : public DisplayClientEvents {
 public:
  /// `ahead_bytes`: beyond that much waiting the owner is told to pause; see display_backlog().
  DisplayOrder(DisplayClientEvents& events, std::size_t ahead_bytes)
      : events_(events), ahead_bytes_(ahead_bytes) {}

  /// A draw as it was read; null if it changes nothing. An error, of it or of an image, is told in
  /// its place.
  void draw(Result<std::shared_ptr<raster::DrawOp>> op, std::vector<AwaitedImage> images,
            DrawName name);

  /// Images have become ready: passes on what no longer waits.
  void commit();

  void display_surface_create(const SurfaceInfo& surface) override;
  void display_surface_destroy(raster::SurfaceId id) override;
  void display_mark() override;
  void display_reset() override;
  void display_draw(raster::DrawOpPtr op) override;
  void display_monitors(const MonitorsConfig& config) override;
  void display_stream_create(const StreamInfo& stream) override;
  void display_stream_frame(const StreamFrame& frame) override;
  void display_stream_clip(std::uint32_t id, const raster::Clip& clip) override;
  void display_stream_destroy(std::uint32_t id) override;
  void display_stream_destroy_all() override;
  void display_gl_scanout(const GlScanout& scanout) override;
  void display_gl_draw(const raster::Rect& area) override;
  void display_problem(const std::string& text) override;
  void display_closed(const Error& why) override;

 private:
  struct Waiting {
    std::vector<AwaitedImage> images;
    std::size_t bytes = 0;
    std::function<void()> pass_on;

    bool ready() const;
  };

  template <class Call>
  void pass(Call call, std::size_t bytes = 0);
  void add(Waiting waiting);
  void pass_draw(const Result<std::shared_ptr<raster::DrawOp>>& op,
                 const std::vector<AwaitedImage>& images, const DrawName& name);
  void set_behind(bool behind);

  DisplayClientEvents& events_;
  const std::size_t ahead_bytes_;
  std::deque<Waiting> waiting_;
  std::size_t bytes_ = 0;
  bool behind_ = false;
};

}  // namespace cassia::channels
