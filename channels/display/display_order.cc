// SPDX-License-Identifier: Apache-2.0
#include "channels/display/display_order.h"

#include <algorithm>
#include <utility>

namespace cassia::channels {
namespace {

/// What an event without pixels is counted for.
constexpr std::size_t event_bytes = 512;

std::optional<Error> problem_of(const std::vector<AwaitedImage>& images) {
  for (const AwaitedImage& awaited : images) {
    if (awaited.image->result()) continue;
    // What could not be decoded is not in the cache.
    if (!awaited.from_cache) return awaited.image->result().error();
    return Error(ErrorKind::not_found,
                 fmt::format("image {:#x} is not in the cache", *awaited.from_cache));
  }
  return std::nullopt;
}

void fill_in(raster::DrawOp& op, const std::vector<AwaitedImage>& images) {
  raster::for_each_image(op.operation, [&images](raster::ImageRef& ref) {
    for (const AwaitedImage& awaited : images) {
      if (ref.encoded() != &awaited.image->image()) continue;
      ref.source = *awaited.image->result();
      return;
    }
  });
}

}  // namespace

bool DisplayOrder::Waiting::ready() const {
  return std::all_of(images.begin(), images.end(),
                     [](const AwaitedImage& awaited) { return awaited.image->ready(); });
}

template <class Call>
void DisplayOrder::pass(Call call, std::size_t bytes) {
  if (waiting_.empty()) return call();
  add({{}, event_bytes + bytes, std::move(call)});
}

void DisplayOrder::add(Waiting waiting) {
  bytes_ += waiting.bytes;
  waiting_.push_back(std::move(waiting));
  if (bytes_ > ahead_bytes_) set_behind(true);
}

void DisplayOrder::draw(Result<std::shared_ptr<raster::DrawOp>> op,
                        std::vector<AwaitedImage> images, DrawName name) {
  Waiting waiting{std::move(images), event_bytes, {}};
  if (waiting_.empty() && waiting.ready()) return pass_draw(op, waiting.images, name);
  for (const AwaitedImage& awaited : waiting.images) {
    if (!awaited.from_cache) waiting.bytes += awaited.image->bytes();
  }
  // The images are with `waiting`, which outlives the call.
  waiting.pass_on = [this, op = std::move(op), name] {
    pass_draw(op, waiting_.front().images, name);
  };
  add(std::move(waiting));
}

void DisplayOrder::pass_draw(const Result<std::shared_ptr<raster::DrawOp>>& op,
                             const std::vector<AwaitedImage>& images, const DrawName& name) {
  const std::optional<Error> why = op ? problem_of(images) : op.error();
  if (why) {
    events_.display_problem(
        fmt::format("display {} {}: {}", name.display, name.message, why->message()));
  } else if (*op) {
    fill_in(**op, images);
    events_.display_draw(*op);
  }
  for (const AwaitedImage& awaited : images) awaited.image->release();
}

void DisplayOrder::commit() {
  while (!waiting_.empty() && waiting_.front().ready()) {
    waiting_.front().pass_on();
    bytes_ -= waiting_.front().bytes;
    waiting_.pop_front();
  }
  if (bytes_ <= ahead_bytes_ / 2) set_behind(false);
}

void DisplayOrder::set_behind(bool behind) {
  if (std::exchange(behind_, behind) != behind) events_.display_backlog(behind);
}

void DisplayOrder::display_surface_create(const SurfaceInfo& surface) {
  pass([this, surface] { events_.display_surface_create(surface); });
}
void DisplayOrder::display_surface_destroy(raster::SurfaceId id) {
  pass([this, id] { events_.display_surface_destroy(id); });
}
void DisplayOrder::display_mark() {
  pass([this] { events_.display_mark(); });
}
void DisplayOrder::display_reset() {
  pass([this] { events_.display_reset(); });
}
void DisplayOrder::display_draw(raster::DrawOpPtr op) {
  pass([this, op = std::move(op)] { events_.display_draw(op); });
}
void DisplayOrder::display_monitors(const MonitorsConfig& config) {
  pass([this, config] { events_.display_monitors(config); });
}
void DisplayOrder::display_stream_create(const StreamInfo& stream) {
  pass([this, stream] { events_.display_stream_create(stream); });
}
void DisplayOrder::display_stream_frame(const StreamFrame& frame) {
  if (waiting_.empty()) return events_.display_stream_frame(frame);
  const SharedBytes data(to_bytes(frame.data));
  StreamFrame kept = frame;
  kept.data = data.view();
  pass([this, kept, data] { events_.display_stream_frame(kept); }, data.size());
}
void DisplayOrder::display_stream_clip(std::uint32_t id, const raster::Clip& clip) {
  pass([this, id, clip] { events_.display_stream_clip(id, clip); });
}
void DisplayOrder::display_stream_destroy(std::uint32_t id) {
  pass([this, id] { events_.display_stream_destroy(id); });
}
void DisplayOrder::display_stream_destroy_all() {
  pass([this] { events_.display_stream_destroy_all(); });
}
void DisplayOrder::display_gl_scanout(const GlScanout& scanout) {
  pass([this, scanout] { events_.display_gl_scanout(scanout); });
}
void DisplayOrder::display_gl_draw(const raster::Rect& area) {
  pass([this, area] { events_.display_gl_draw(area); });
}
void DisplayOrder::display_problem(const std::string& text) {
  pass([this, text] { events_.display_problem(text); });
}
void DisplayOrder::display_closed(const Error& why) {
  commit();
  waiting_.clear();
  events_.display_closed(why);
}

}  // namespace cassia::channels
