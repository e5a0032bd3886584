// SPDX-License-Identifier: Apache-2.0
#include "render/gl/texture_cache.h"

namespace cassia::raster::gl {
namespace {

/// More entries than this are walked for expired ones at each new bitmap.
constexpr std::size_t many_entries = 1024;

}  // namespace

Result<const Texture*> TextureCache::find(const BitmapPtr& bitmap) {
  auto it = entries_.find(bitmap.get());
  if (it != entries_.end() && it->second.bitmap.lock() != bitmap) {
    drop(it);  // another bitmap lived at this address
    it = entries_.end();
  }
  if (it == entries_.end()) {
    if (entries_.size() >= many_entries) drop_expired();
    if (entries_.size() >= 2 * many_entries) drop(entries_.find(by_use_.back()));
    by_use_.push_front(bitmap.get());
    entries_.emplace(bitmap.get(), Entry{bitmap, Texture(), by_use_.begin()});
    return nullptr;
  }
  by_use_.splice(by_use_.begin(), by_use_, it->second.use);
  if (!it->second.texture.empty()) return &it->second.texture;
  const std::size_t wanted = bitmap->byte_size();
  if (wanted > max_bytes_ / 4) return nullptr;
  make_room(wanted);
  Texture texture = CASSIA_TRY(Texture::create(bitmap->size(), bitmap->format()));
  texture.upload(*bitmap, Rect::of(bitmap->size()), {});
  bytes_ += texture.byte_size();
  it->second.texture = std::move(texture);
  return &it->second.texture;
}

void TextureCache::clear() {
  entries_.clear();
  by_use_.clear();
  bytes_ = 0;
}

void TextureCache::drop(Entries::iterator it) {
  if (!it->second.texture.empty()) bytes_ -= it->second.texture.byte_size();
  by_use_.erase(it->second.use);
  entries_.erase(it);
}

void TextureCache::make_room(std::size_t wanted) {
  if (bytes_ + wanted <= max_bytes_) return;
  drop_expired();
  // The entry that asks is the latest: it is never reached.
  while (bytes_ + wanted > max_bytes_ && by_use_.size() > 1) drop(entries_.find(by_use_.back()));
}

void TextureCache::drop_expired() {
  for (auto it = entries_.begin(); it != entries_.end();) {
    const auto next = std::next(it);
    if (it->second.bitmap.expired()) drop(it);
    it = next;
  }
}

}  // namespace cassia::raster::gl
