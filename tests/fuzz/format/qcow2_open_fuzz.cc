// SPDX-License-Identifier: Apache-2.0
// Opens arbitrary bytes as a qcow2 image and does everything to it: read, map, check, write,
// snapshots. Nothing of it may crash, hang or eat memory.

#include <algorithm>

#include "storage/block/memory_device.h"
#include "storage/format/registry.h"

using namespace cassia;
using namespace cassia::storage;

namespace {

constexpr std::size_t kMaxInput = 1u << 20;
constexpr std::uint64_t kMaxFile = 8u << 20;

BackingOpener no_backing() {
  return [](const std::string&, const std::string&) -> Result<std::unique_ptr<Image>> {
    return std::unique_ptr<Image>();
  };
}

void read_around(Image& image) {
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

void write_around(Image& image) {
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kMaxInput) return 0;
  const FormatRegistry formats = FormatRegistry::standard();
  const FormatDriver* driver = *formats.find("qcow2");
  const Bytes content(data, data + size);
  DriverOpenOptions options;
  options.open_backing = no_backing();
  auto file = std::make_shared<MemoryDevice>(content, true, "fuzz", kMaxFile);
  if (auto image = driver->open(file, options)) {
    (void)(*image)->info();
    read_around(**image);
    for (const SnapshotInfo& snapshot : (*image)->snapshots()->list()) {
      if (auto view = (*image)->open_snapshot(snapshot.id)) read_around(**view);
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
  return 0;
}
