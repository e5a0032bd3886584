// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vpc/image.h"

#include <algorithm>
#include <array>

#include "storage/format/common/big_endian.h"

namespace cassia::storage::vpc {

Result<std::unique_ptr<Image>> VpcImage::open(std::shared_ptr<BlockDevice> file,
                                              const DriverOpenOptions& options) {
  std::unique_ptr<VpcImage> image(new VpcImage(std::move(file), options));
  CASSIA_TRY(image->load(options));
  return std::unique_ptr<Image>(std::move(image));
}

VpcImage::~VpcImage() {
  // close() reports errors; here nobody can hear them.
  if (writable()) (void)commit();
}

Result<void> VpcImage::load(const DriverOpenOptions& options) {
  header_ = CASSIA_TRY(parse_header(*file_));
  size_ = header_.disk_size;
  if (header_.kind == Kind::fixed) return {};
  if (differencing()) CASSIA_TRY(open_parent(options));
  if (!writable()) return {};
  // The copy at the start may be the damaged one of the two.
  footer_.resize(kFooterBytes);
  CASSIA_TRY(file_->read(0, footer_));
  if (!is_footer(footer_)) {
    return fail(ErrorKind::malformed,
                "{}: has lost the copy of its footer at the start; convert it to a new image",
                name());
  }
  return find_end();
}

Result<void> VpcImage::open_parent(const DriverOpenOptions& options) {
  if (!options.open_backing) {
    if (!writable()) return {};
    return fail(ErrorKind::invalid_argument, "{}: cannot be written without its parent", name());
  }
  backing_ = CASSIA_TRY(options.open_backing(header_.parent, "vpc"));
  const auto* parent = dynamic_cast<const VpcImage*>(backing_.get());
  if (parent != nullptr && parent->header_.uuid != header_.parent_uuid) {
    return fail(ErrorKind::malformed,
                "{}: {} is not the disk that this differencing image was made over", name(),
                parent->name());
  }
  return {};
}

Result<std::uint32_t> VpcImage::entry(std::uint64_t block) {
  std::array<std::uint8_t, 4> raw{};
  CASSIA_TRY(metadata_.read(header_.table_offset + block * 4, raw));
  return load_be32(raw.data());
}

Result<void> VpcImage::find_end() {
  constexpr std::uint64_t kStep = 16384;
  end_ = header_.table_offset + (header_.table_bytes() + kSector - 1) / kSector * kSector;
  // The path of a parent may lie behind the table, where the last footer follows it.
  if (differencing()) {
    end_ = std::max(end_, (file_->size() - kFooterBytes + kSector - 1) / kSector * kSector);
  }
  Bytes raw;
  for (std::uint64_t first = 0; first < header_.blocks; first += kStep) {
    raw.resize(std::min<std::uint64_t>(kStep, header_.blocks - first) * 4);
    CASSIA_TRY(metadata_.read(header_.table_offset + first * 4, raw));
    for (std::size_t i = 0; i < raw.size(); i += 4) {
      const std::uint32_t at = load_be32(&raw[i]);
      if (at == kNoBlock) continue;
      end_ = std::max(end_, at * kSector + header_.bitmap_bytes() + header_.block_size);
    }
  }
  return {};
}

Result<std::uint64_t> VpcImage::bitmap_of(std::uint64_t block, std::uint32_t entry) {
  const std::uint64_t at = entry * kSector;
  const std::uint64_t table_end = header_.table_offset + header_.table_bytes();
  const bool in_table =
      at < table_end && at + header_.bitmap_bytes() + header_.block_size > header_.table_offset;
  if (at < kFooterBytes || in_table) {
    return fail(ErrorKind::malformed,
                "{}: block {} of the disk is said to lie at {:#x}, over the "
                "image's own tables",
                name(), block, at);
  }
  return at;
}

/// Whether sector `first` of a block is set, and how many go on the same way (at most `most`).
Result<bool> VpcImage::sectors_set(std::uint64_t bitmap, std::uint64_t first, std::uint64_t most,
                                   std::uint64_t& count) {
  Bytes raw((first + most + 7) / 8 - first / 8);
  CASSIA_TRY(metadata_.read(bitmap + first / 8, raw));
  const std::uint64_t base = first / 8 * 8;
  const auto bit = [&](std::uint64_t sector) {
    return (raw[(sector - base) / 8] >> (7 - sector % 8) & 1) != 0;
  };
  const bool set = bit(first);
  count = 1;
  while (count < most && bit(first + count) == set) ++count;
  return set;
}

Result<void> VpcImage::set_sectors(std::uint64_t bitmap, std::uint64_t first, std::uint64_t count) {
  Bytes raw((first + count + 7) / 8 - first / 8);
  CASSIA_TRY(metadata_.read(bitmap + first / 8, raw));
  const std::uint64_t base = first / 8 * 8;
  for (std::uint64_t s = first; s < first + count; ++s) {
    raw[(s - base) / 8] |= static_cast<std::uint8_t>(0x80u >> s % 8);
  }
  return metadata_.write(bitmap + first / 8, raw);
}

Result<MappedImage::Run> VpcImage::map_block(std::uint64_t offset, std::uint64_t max_length,
                                             bool by_sectors) {
  const std::uint64_t block = offset / header_.block_size;
  const std::uint64_t skip = offset % header_.block_size;
  Run run;
  run.length = std::min(max_length, header_.block_size - skip);
  const std::uint32_t at = CASSIA_TRY(entry(block));
  if (at == kNoBlock) return run;
  const std::uint64_t bitmap = CASSIA_TRY(bitmap_of(block, at));
  if (by_sectors) {
    const std::uint64_t first = skip / kSector;
    const std::uint64_t sectors = (skip + run.length - 1) / kSector - first + 1;
    std::uint64_t alike = 0;
    const bool set = CASSIA_TRY(sectors_set(bitmap, first, sectors, alike));
    run.length = std::min(run.length, (first + alike) * kSector - skip);
    if (!set) return run;
  }
  run.kind = RunKind::data;
  run.file = file_.get();
  run.host = bitmap + header_.bitmap_bytes() + skip;
  return run;
}

Result<MappedImage::Run> VpcImage::map(std::uint64_t offset, std::uint64_t max_length) {
  if (header_.kind != Kind::fixed) return map_block(offset, max_length, differencing());
  return Run{RunKind::data, max_length, file_.get(), offset};
}

Result<MappedImage::Run> VpcImage::map_for_write(std::uint64_t offset, std::uint64_t max_length) {
  if (header_.kind != Kind::fixed) return map_block(offset, max_length, true);
  return Run{RunKind::data, max_length, file_.get(), offset};
}

/// A block of zeroes at the end, with the footer behind it; returns where its bitmap lies.
Result<std::uint64_t> VpcImage::make_block(std::uint64_t block) {
  const std::uint64_t at = end_;
  const std::uint64_t bytes = header_.bitmap_bytes() + header_.block_size;
  if (at / kSector >= kNoBlock) {
    return fail(ErrorKind::no_space, "{}: a VHD file cannot grow beyond 2 TiB", name());
  }
  if (at < file_->size()) {  // the old footer, or what a crash left
    CASSIA_TRY(file_->write_zeroes(at, std::min(bytes, file_->size() - at), ZeroMode::unmap));
  }
  CASSIA_TRY(file_->write(at + bytes, footer_));
  const Bytes bitmap(header_.bitmap_bytes(), differencing() ? 0 : 0xff);
  CASSIA_TRY(file_->write(at, bitmap));
  CASSIA_TRY(metadata_.write(at, bitmap));  // a cached page may know this place as something else
  std::array<std::uint8_t, 4> raw{};
  store_be32(raw.data(), static_cast<std::uint32_t>(at / kSector));
  CASSIA_TRY(metadata_.write(header_.table_offset + block * 4, raw));
  end_ = at + bytes;
  return at;
}

/// Stores bytes in a differencing block whose sectors are the parent's so far: in whole sectors.
Result<std::uint64_t> VpcImage::write_sectors(std::uint64_t data, std::uint64_t offset,
                                              ByteView from) {
  const std::uint64_t start = offset / kSector * kSector;
  const std::uint64_t end = (offset + from.size() + kSector - 1) / kSector * kSector;
  const std::uint64_t host = data + start % header_.block_size;
  if (start == offset && end == offset + from.size()) {
    CASSIA_TRY(file_->write(host, from));
    return from.size();
  }
  Bytes whole(end - start);
  CASSIA_TRY(read_unlocked(start, whole));
  std::copy(from.begin(), from.end(), whole.begin() + static_cast<std::ptrdiff_t>(offset - start));
  CASSIA_TRY(file_->write(host, whole));
  return from.size();
}

Result<std::uint64_t> VpcImage::write_fresh(std::uint64_t offset, ByteView from) {
  const std::uint64_t block = offset / header_.block_size;
  const std::uint64_t skip = offset % header_.block_size;
  const ByteView part = from.first(std::min<std::uint64_t>(from.size(), header_.block_size - skip));
  const std::uint32_t at = CASSIA_TRY(entry(block));
  const std::uint64_t bitmap =
      at == kNoBlock ? CASSIA_TRY(make_block(block)) : CASSIA_TRY(bitmap_of(block, at));
  const std::uint64_t data = bitmap + header_.bitmap_bytes();
  const std::uint64_t first = skip / kSector;
  const std::uint64_t last = (skip + part.size() - 1) / kSector;
  if (differencing()) {
    CASSIA_TRY(write_sectors(data, offset, part));
    CASSIA_TRY(set_sectors(bitmap, first, last - first + 1));
    return part.size();
  }
  CASSIA_TRY(file_->write(data + skip, part));
  if (at != kNoBlock) CASSIA_TRY(set_sectors(bitmap, 0, header_.block_size / kSector));
  return part.size();
}

Result<void> VpcImage::commit() {
  if (!metadata_.dirty()) return {};
  CASSIA_TRY(sync());
  return metadata_.flush();
}

ImageInfo VpcImage::info() const {
  ImageInfo info;
  info.format = "vpc";
  info.virtual_size = size();
  if (header_.kind != Kind::fixed) info.cluster_size = header_.block_size;
  if (differencing()) {
    info.backing_file = header_.parent;
    info.backing_format = "vpc";
  }
  return info;
}

}  // namespace cassia::storage::vpc
