// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every fuzz target of a format does: opens arbitrary bytes as an image and does everything to
// it: read, map, check, write, snapshots. Nothing of it may crash, hang or eat memory.

#include <algorithm>

#include "storage/block/memory_device.h"
#include "storage/format/registry.h"

namespace cassia::fuzz {

using namespace cassia::storage;

constexpr std::size_t kMaxInput = 1u << 20;
constexpr std::uint64_t kMaxFile = 8u << 20;

inline BackingOpener no_backing() {
  return [](const std::string&, const std::string&) -> Result<std::unique_ptr<Image>> {
    return std::unique_ptr<Image>();
  };
}

inline void read_around(Image& image) {
  Bytes buffer(8192);
  const std::uint64_t end = image.size();
  for (const std::uint64_t at : {std::uint64_t{0}, end / 2, end > 8192 ? end - 8192 : 0}) {
    const std::size_t length = std::min<std::uint64_t>(buffer.size(), end - at);
    (void)image.read(at, MutableByteView(buffer).first(length));
  }
  std::uint64_t at = 0;
  for (int i = 0; i < 64 && at < end; ++i) {
    const auto extent = image.extent(at, end - at);
    if (!extent) break;
    at += extent->length;
  }
}

inline void write_around(Image& image) {
  const Bytes content(3000, 0x5a);
  const std::uint64_t end = image.size();
  if (end < content.size()) return;
  (void)image.write(0, content);
  (void)image.write(end - content.size(), content);
  (void)image.write_zeroes(end / 2, std::min<std::uint64_t>(end - end / 2, 1u << 20),
                           ZeroMode::unmap);
  if (SnapshotStore* store = image.snapshots()) {
    (void)store->create("fuzz");
    (void)image.write(end / 2, content);
    (void)store->apply("fuzz");
    (void)store->remove("fuzz");
  }
  (void)image.close();
}

inline void use_image(const char* format, const std::uint8_t* data, std::size_t size) {
  if (size > kMaxInput) return;
  const FormatRegistry formats = FormatRegistry::standard();
  const FormatDriver* driver = *formats.find(format);
  const Bytes content(data, data + size);
  DriverOpenOptions options;
  options.open_backing = no_backing();
  auto file = std::make_shared<MemoryDevice>(content, true, "fuzz", kMaxFile);
  if (auto image = driver->open(file, options)) {
    (void)(*image)->info();
    read_around(**image);
    if (SnapshotStore* store = (*image)->snapshots()) {
      for (const SnapshotInfo& snapshot : store->list()) {
        if (auto view = (*image)->open_snapshot(snapshot.id)) read_around(**view);
      }
    }
    Progress progress;
    (void)(*image)->check(Repair::none, progress);
  }
  options.writable = true;
  file = std::make_shared<MemoryDevice>(content, true, "fuzz", kMaxFile);
  if (auto image = driver->open(file, options)) write_around(**image);
  options.for_check = true;
  file = std::make_shared<MemoryDevice>(content, true, "fuzz", kMaxFile);
  if (auto image = driver->open(file, options)) {
    Progress progress;
    (void)(*image)->check(Repair::all, progress);
  }
}

}  // namespace cassia::fuzz
