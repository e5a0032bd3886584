// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/map.h"

#include <algorithm>

namespace cassia::storage {
namespace {

bool continues(const Extent& a, const Extent& b) {
  if (a.data != b.data || a.zero != b.zero || a.allocated != b.allocated || a.depth != b.depth ||
      a.host_offset.has_value() != b.host_offset.has_value()) {
    return false;
  }
  return !a.host_offset || *a.host_offset + a.length == *b.host_offset;
}

std::string file_at(const Image& image, int depth) {
  const Image* layer = &image;
  for (; depth > 0 && layer->backing() != nullptr; --depth) layer = layer->backing();
  return layer->name();
}

}  // namespace

Result<void> map_image(const ImageEnvironment& environment, const MapSpec& spec,
                       const std::function<void(const MapEntry&)>& sink) {
  OpenSpec open;
  open.path = spec.path;
  open.format = spec.format;
  open.force_share = spec.force_share;
  const OpenedImage opened = CASSIA_TRY(open_image(environment, open));
  Image& image = *opened.image;
  const std::uint64_t begin = std::min(spec.start, image.size());
  const std::uint64_t end = begin + std::min(spec.max_length, image.size() - begin);
  std::optional<Extent> held;
  const auto emit = [&] {
    if (held) sink({*held, held->host_offset ? file_at(image, held->depth) : std::string()});
  };
  for (std::uint64_t at = begin; at < end;) {
    const Extent found = CASSIA_TRY(image.extent(at, end - at));
    at += found.length;
    if (held && continues(*held, found)) {
      held->length += found.length;
      continue;
    }
    emit();
    held = found;
  }
  emit();
  return {};
}

}  // namespace cassia::storage
