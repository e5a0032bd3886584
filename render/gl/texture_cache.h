// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bitmaps that are drawn more than once stay on the GPU. A bitmap is known by its address as long
// as somebody else holds it; when nobody does, its texture goes at the next chance.

#include <list>
#include <memory>
#include <unordered_map>

#include "render/gl/texture.h"

namespace cassia::raster::gl {

class TextureCache {
 public:
  explicit TextureCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// The texture of `bitmap`, or null: then it was seen for the first time (or does not fit), and
  /// the caller uploads what it needs to a place of its own.
  Result<const Texture*> find(const BitmapPtr& bitmap);

  std::size_t bytes() const { return bytes_; }
  void clear();

 private:
  struct Entry {
    std::weak_ptr<const Bitmap> bitmap;
    Texture texture;  ///< empty until the second time
    std::list<const Bitmap*>::iterator use;
  };
  using Entries = std::unordered_map<const Bitmap*, Entry>;

  void drop(Entries::iterator it);
  void make_room(std::size_t wanted);
  void drop_expired();

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  Entries entries_;
  std::list<const Bitmap*> by_use_;  ///< latest first
};

}  // namespace cassia::raster::gl
