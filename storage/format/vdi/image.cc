// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vdi/image.h"

#include <algorithm>
#include <array>

#include "storage/format/common/little_endian.h"

namespace cassia::storage::vdi {
namespace {

/// Entries that map() looks at in one go.
constexpr std::uint64_t kMapEntries = 256;
/// Entries that a walk of the whole table reads at once.
constexpr std::uint64_t kWalkEntries = 16384;

}  // namespace

Result<std::unique_ptr<Image>> VdiImage::open(std::shared_ptr<BlockDevice> file,
                                              const DriverOpenOptions& options) {
  std::unique_ptr<VdiImage> image(new VdiImage(std::move(file), options));
  CASSIA_TRY(image->load());
  return std::unique_ptr<Image>(std::move(image));
}

VdiImage::~VdiImage() {
  // close() reports errors; here nobody can hear them.
  if (writable()) (void)commit();
}

Result<void> VdiImage::load() {
  header_ = CASSIA_TRY(parse_header(*file_));
  size_ = (header_.disk_size + 511) / 512 * 512;
  stored_allocated_ = header_.allocated;
  return writable() ? find_end() : Result<void>{};
}

Result<std::vector<std::uint32_t>> VdiImage::entries(std::uint64_t first, std::uint64_t count) {
  Bytes raw(count * 4);
  CASSIA_TRY(table_.read(header_.table_offset + first * 4, raw));
  std::vector<std::uint32_t> found(count);
  for (std::size_t i = 0; i < count; ++i) found[i] = load_le32(&raw[i * 4]);
  return found;
}

/// Calls visit(index, entry) for all entries that name a block.
template <class Visit>
Result<void> VdiImage::walk_table(Visit&& visit) {
  for (std::uint64_t first = 0; first < header_.blocks; first += kWalkEntries) {
    const auto part = CASSIA_TRY(entries(first, std::min(kWalkEntries, header_.blocks - first)));
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] < kZeroBlock) visit(first + i, part[i]);
    }
  }
  return {};
}

/// A count that is too low would have us put a new block where there is one: the table decides.
Result<void> VdiImage::find_end() {
  std::uint64_t end = 0;
  CASSIA_TRY(walk_table([&](std::uint64_t, std::uint32_t entry) {
    end = std::max<std::uint64_t>(end, std::uint64_t{entry} + 1);
  }));
  header_.allocated = static_cast<std::uint32_t>(std::min<std::uint64_t>(end, header_.blocks));
  return {};
}

Result<MappedImage::Run> VdiImage::map(std::uint64_t offset, std::uint64_t max_length) {
  const std::uint64_t first = offset / kBlockSize;
  const std::uint64_t skip = offset % kBlockSize;
  const std::uint64_t last = (offset + max_length - 1) / kBlockSize;
  const auto part = CASSIA_TRY(entries(first, std::min(kMapEntries, last - first + 1)));
  Run run;
  const std::uint32_t entry = part.front();
  if (entry < kZeroBlock) {
    if (entry >= header_.blocks) {
      return fail(ErrorKind::malformed, "{}: block {} of the disk lies in block {} of {}", name(),
                  first, entry, header_.blocks);
    }
    run.kind = RunKind::data;
    run.file = file_.get();
    run.host = host_of(entry) + skip;
  }
  std::size_t alike = 1;
  while (alike < part.size() &&
         (entry < kZeroBlock ? part[alike] == entry + alike && part[alike] < header_.blocks
                             : part[alike] >= kZeroBlock)) {
    ++alike;
  }
  run.length = std::min(max_length, alike * kBlockSize - skip);
  return run;
}

Result<std::uint64_t> VdiImage::write_fresh(std::uint64_t offset, ByteView from) {
  const std::uint64_t block = offset / kBlockSize;
  const std::uint64_t skip = offset % kBlockSize;
  if (CASSIA_TRY(entries(block, 1)).front() < kZeroBlock) return 0;
  if (header_.allocated >= header_.blocks) {
    return fail(ErrorKind::malformed, "{}: all {} blocks are in use, some twice; check the image",
                name(), header_.blocks);
  }
  const std::uint64_t host = host_of(header_.allocated);
  const ByteView part = from.first(std::min<std::uint64_t>(from.size(), kBlockSize - skip));
  // What a crash left there must not come to light around the new bytes.
  if (host < file_->size() && part.size() < kBlockSize) {
    const std::uint64_t stale = std::min<std::uint64_t>(kBlockSize, file_->size() - host);
    CASSIA_TRY(file_->write_zeroes(host, stale, ZeroMode::unmap));
  }
  CASSIA_TRY(file_->write(host + skip, part));
  if (file_->growable() && file_->size() < host + kBlockSize) {
    CASSIA_TRY(file_->resize(host + kBlockSize));
  }
  std::array<std::uint8_t, 4> entry{};
  store_le32(entry.data(), header_.allocated);
  CASSIA_TRY(table_.write(header_.table_offset + block * 4, entry));
  ++header_.allocated;
  return part.size();
}

Result<void> VdiImage::commit() {
  if (!table_.dirty()) return {};
  CASSIA_TRY(sync());
  if (header_.allocated != stored_allocated_) {
    CASSIA_TRY(patch_allocated(*file_, header_.allocated));
    stored_allocated_ = header_.allocated;
    CASSIA_TRY(sync());
  }
  return table_.flush();
}

ImageInfo VdiImage::info() const {
  ImageInfo info;
  info.format = "vdi";
  info.virtual_size = size();
  info.cluster_size = kBlockSize;
  return info;
}

/// Finds blocks that two entries name, a window of blocks at a time.
Result<void> VdiImage::look_for_doubles(CheckReport& report, Progress& progress) {
  constexpr std::uint64_t kWindow = std::uint64_t{1} << 26;
  const std::uint64_t in_file =
      file_->size() <= header_.data_offset
          ? 0
          : (file_->size() - header_.data_offset + kBlockSize - 1) / kBlockSize;
  const std::uint64_t end = std::min<std::uint64_t>(in_file, header_.blocks);
  for (std::uint64_t from = 0; from < end; from += kWindow) {
    std::vector<bool> seen(std::min(kWindow, end - from));
    CASSIA_TRY(walk_table([&](std::uint64_t index, std::uint32_t entry) {
      if (entry < from || entry - from >= seen.size()) return;
      if (seen[entry - from]) {
        ++report.corruptions;
        report.messages.push_back(fmt::format(
            "ERROR: block {} is used twice, also for block {} of the disk", entry, index));
      }
      seen[entry - from] = true;
    }));
    CASSIA_TRY(progress.advance(1));
  }
  if (report.messages.size() > CheckReport::kMaxMessages) {
    report.messages.resize(CheckReport::kMaxMessages);
  }
  return {};
}

Result<CheckReport> VdiImage::check(Repair repair, Progress& progress) {
  if (repair != Repair::none) {
    return fail(ErrorKind::unsupported, "{}: VDI images cannot be repaired; convert the image",
                name());
  }
  std::unique_lock lock(mutex_);
  if (writable()) CASSIA_TRY(commit());
  CheckReport report;
  std::uint64_t counted = 0;
  const auto say = [&](std::string line) {
    ++report.corruptions;
    if (report.messages.size() < CheckReport::kMaxMessages)
      report.messages.push_back(std::move(line));
  };
  CASSIA_TRY(walk_table([&](std::uint64_t index, std::uint32_t entry) {
    ++counted;
    if (entry >= header_.blocks) {
      say(fmt::format("ERROR: block index {} out of range, is {}", index, entry));
    } else if (header_.kind == Kind::dynamic && host_of(entry) >= file_->size()) {
      say(fmt::format("ERROR: block {} lies past the end of the file", index));
    }
  }));
  if (counted != header_.allocated) {
    say(fmt::format("ERROR: allocated blocks mismatch, is {}, should be {}", header_.allocated,
                    counted));
  }
  CASSIA_TRY(look_for_doubles(report, progress));
  return report;
}

}  // namespace cassia::storage::vdi
