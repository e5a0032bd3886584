// SPDX-License-Identifier: Apache-2.0
#include "render/codec/glz_dictionary.h"

#include <algorithm>

#include "render/codec/glz_format.h"

namespace cassia::codec {

static_assert(GlzDictionary::max_window_pixels == glz::long_offset);
static_assert(GlzDictionary::max_window_pixels == 1u << (32 - GlzDictionary::check_bits));

Result<std::shared_ptr<GlzDictionary>> GlzDictionary::create(std::uint32_t window_pixels) {
  if (window_pixels == 0 || window_pixels > max_window_pixels) {
    return fail(ErrorKind::invalid_argument,
                "a GLZ window of {} pixels; it must have 1 to {} pixels", window_pixels,
                max_window_pixels);
  }
  return std::shared_ptr<GlzDictionary>(new GlzDictionary(window_pixels));
}

GlzDictionary::GlzDictionary(std::uint32_t window_pixels)
    : window_pixels_(window_pixels),
      images_(max_images),
      seen_many_(std::make_unique<Entry[]>(std::size_t{1} << many_bits)),
      seen_few_(std::make_unique<Entry[]>(std::size_t{1} << few_bits)) {}

Result<GlzDictionary::Ticket> GlzDictionary::begin(raster::Bitmap pixels, lz::Type type) {
  const std::size_t count =
      static_cast<std::size_t>(pixels.width()) * static_cast<std::size_t>(pixels.height());
  if (count > window_pixels_) {
    return fail(ErrorKind::unsupported, "an image of {}x{} pixels is larger than the GLZ window",
                pixels.width(), pixels.height());
  }
  std::vector<raster::Bitmap> dropped;  // freed after the mutex is
  const std::lock_guard lock(mutex_);
  while (window_used_ + count > window_pixels_ || next_ - head_ >= max_images) {
    window_used_ -= slot(head_++).count;
  }
  release(dropped);
  if (next_ - oldest_ >= max_images) {
    return fail(ErrorKind::busy, "{} images of the GLZ window are still being read", max_images);
  }
  const Ticket ticket{next_++, head_};
  Image& image = slot(ticket.id);
  image.id = ticket.id;
  image.type = type;
  image.count = count;
  image.start = pixels_;
  pixels_ += count;
  image.pixels = pixels.row(0);
  image.owner = std::move(pixels);
  window_used_ += count;
  held_ += count;
  running_.push_back(ticket);
  return ticket;
}

void GlzDictionary::end(const Ticket& ticket) {
  std::vector<raster::Bitmap> dropped;
  const std::lock_guard lock(mutex_);
  std::erase_if(running_, [&](const Ticket& running) { return running.id == ticket.id; });
  release(dropped);
}

// An encoding that began when the window reached further back may still read what has left it.
void GlzDictionary::release(std::vector<raster::Bitmap>& dropped) {
  std::uint64_t needed = head_;
  for (const Ticket& running : running_) needed = std::min(needed, running.head);
  for (; oldest_ < needed; ++oldest_) {
    Image& image = slot(oldest_);
    held_ -= image.count;
    dropped.push_back(std::move(image.owner));
    image = {};
  }
}

std::uint64_t GlzDictionary::image_at(const Image* images, const Ticket& ticket,
                                      std::uint64_t back) {
  const auto image = [&](std::uint64_t id) -> const Image& { return images[id % max_images]; };
  const std::uint64_t end = image(ticket.id).start;
  if (back > end - image(ticket.head).start) return ticket.id;
  std::uint64_t low = ticket.head;  // begins at the pixel or before it
  for (std::uint64_t high = ticket.id; high - low > 1;) {
    const std::uint64_t middle = low + (high - low) / 2;
    (image(middle).start <= end - back ? low : high) = middle;
  }
  return low;
}

std::size_t GlzDictionary::image_count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(next_ - oldest_);
}

std::size_t GlzDictionary::pixel_count() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

std::uint64_t GlzDictionary::next_id() const {
  const std::lock_guard lock(mutex_);
  return next_;
}

}  // namespace cassia::codec
