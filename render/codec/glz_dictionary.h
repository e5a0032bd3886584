// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sender's half of GLZ: the images that a client still holds, in which encoders look for
// matches. One for all display channels of one client (the client's glz_dictionary_id in
// SPICE_MSGC_DISPLAY_INIT); the client's half is GlzWindow.
//
// An image gets its number when its encoding begins; numbers start at 0 and leave no gap, for a
// stock client releases nothing behind one. So **whatever has been encoded must be sent**. A client
// that starts anew (another session, or all its display channels closed) needs a new dictionary.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "render/codec/lz_format.h"
#include "render/raster/bitmap.h"

namespace cassia::codec {

/// Safe to use from several threads.
class GlzDictionary {
 public:
  /// The format's offsets reach no further (glz_format.h), and no client offers more.
  static constexpr std::uint32_t max_window_pixels = 1u << 25;
  /// Images in the window at once, however small they are.
  static constexpr std::uint32_t max_images = 4096;

  /// `window_pixels` as the client stated it; invalid_argument for 0 and beyond max_window_pixels.
  /// Takes about 1.4 MiB, whatever the window.
  static Result<std::shared_ptr<GlzDictionary>> create(std::uint32_t window_pixels);

  std::uint32_t window_pixels() const { return window_pixels_; }
  /// Of the images that are held now, those in the client's window and those still being read.
  std::size_t image_count() const;
  std::size_t pixel_count() const;
  std::uint64_t next_id() const;

  /// Pixels as they are coded: rows without gaps, 32 bits each, or 16 for rgb16.
  struct Image {
    std::uint64_t id = 0;
    lz::Type type = lz::Type::invalid;
    std::size_t count = 0;
    std::uint64_t start = 0;  ///< pixels of the session before it
    const void* pixels = nullptr;
    raster::Bitmap owner;
  };
  /// What one encoding may refer to: the images from `head` to `id` stay until it ends.
  struct Ticket {
    std::uint64_t id = 0;
    std::uint64_t head = 0;
  };

  /// Where some pixels were seen last: their place among all pixels of the session, modulo
  /// max_window_pixels, and a few more bits of their hash. 0 at first. Read and written through
  /// atomic_entry(): plain words are cleared at once.
  using Entry = std::uint32_t;
  static std::atomic_ref<Entry> atomic_entry(Entry& entry) { return std::atomic_ref(entry); }
  static constexpr unsigned check_bits = 7;
  /// Bits of the tables' sizes: of many like pixels, which has to fit into the first cache, and
  /// of few, as large as a photo needs.
  static constexpr unsigned many_bits = 13;
  static constexpr unsigned few_bits = 18;

  /// The image with the pixel that is `back` ones before the ticket's image; the ticket's own if it
  /// is none that may be referred to. `images` as the array of this class.
  static std::uint64_t image_at(const Image* images, const Ticket& ticket, std::uint64_t back);

 private:
  friend class GlzEncoder;

  explicit GlzDictionary(std::uint32_t window_pixels);

  /// Takes the image into the window and drops old ones to make room. unsupported: it is larger
  /// than the window. busy: encodings that still run pin max_images images.
  Result<Ticket> begin(raster::Bitmap pixels, lz::Type type);
  void end(const Ticket& ticket);
  void release(std::vector<raster::Bitmap>& dropped);  // with mutex_ held

  Image& slot(std::uint64_t id) { return images_[id % max_images]; }

  const std::uint32_t window_pixels_;
  mutable std::mutex mutex_;
  // A slot is written under the mutex while no encoding may look at it, and read without it by
  // those whose ticket covers it.
  std::vector<Image> images_;
  std::vector<Ticket> running_;
  std::uint64_t oldest_ = 0;  ///< held
  std::uint64_t head_ = 0;    ///< of the window of the newest image
  std::uint64_t next_ = 0;
  std::size_t window_used_ = 0;  ///< pixels from head_ on
  std::size_t held_ = 0;         ///< pixels from oldest_ on
  std::uint64_t pixels_ = 0;     ///< of the session
  /// Where pixels that hash alike were seen last, many of them or few. Encoders on several threads
  /// overwrite each other's entries; each entry is checked against the pixels before it is
  /// believed.
  std::unique_ptr<Entry[]> seen_many_;
  std::unique_ptr<Entry[]> seen_few_;
};

}  // namespace cassia::codec
