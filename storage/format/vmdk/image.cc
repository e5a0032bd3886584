// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vmdk/image.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>
#include <random>

#include "storage/format/common/little_endian.h"
#include "storage/format/vmdk/grain.h"

namespace cassia::storage::vmdk {
namespace {

Result<void> check_type(const Descriptor& descriptor, const Header& header,
                        const std::string& name) {
  const std::string& type = descriptor.create_type;
  if (type == "monolithicSparse" || type == "streamOptimized" || type.empty()) return {};
  return fail(ErrorKind::unsupported,
              "{}: is one of the files of a {} VMDK; Cassia opens VMDKs that are a single file "
              "(monolithicSparse, streamOptimized){}",
              name, type, header.compressed() ? "" : "; convert it with qemu-img first");
}

}  // namespace

Result<std::unique_ptr<Image>> VmdkImage::open(std::shared_ptr<BlockDevice> file,
                                               const DriverOpenOptions& options) {
  std::unique_ptr<VmdkImage> image(new VmdkImage(std::move(file), options));
  CASSIA_TRY(image->load(options));
  return std::unique_ptr<Image>(std::move(image));
}

VmdkImage::~VmdkImage() {
  // close() reports errors; here nobody can hear them.
  if (writable()) (void)commit();
}

Result<void> VmdkImage::load(const DriverOpenOptions& options) {
  header_ = CASSIA_TRY(parse_header(*file_));
  size_ = header_.capacity;
  if (header_.descriptor_bytes > 0) {
    Bytes text(header_.descriptor_bytes);
    CASSIA_TRY(file_->read(header_.descriptor_offset, text));
    descriptor_ = CASSIA_TRY(parse_descriptor(as_text(text), name()));
  }
  CASSIA_TRY(check_type(descriptor_, header_, name()));
  if (!descriptor_.parent.empty()) CASSIA_TRY(open_parent(options));
  if (writable() && header_.directory_at_end) {
    return fail(ErrorKind::unsupported,
                "{}: a VMDK stream is written once, from start to end; convert it to a new image",
                name());
  }
  const std::uint64_t unit = header_.compressed() ? kSector : header_.grain;
  end_ = (std::max(file_->size(), header_.data_offset) + unit - 1) / unit * unit;
  return {};
}

Result<void> VmdkImage::open_parent(const DriverOpenOptions& options) {
  if (!options.open_backing) {
    if (!writable() || options.for_check) return {};
    return fail(ErrorKind::invalid_argument, "{}: cannot be written without its parent", name());
  }
  backing_ = CASSIA_TRY(options.open_backing(descriptor_.parent, "vmdk"));
  const auto* parent = dynamic_cast<const VmdkImage*>(backing_.get());
  if (parent != nullptr && parent->descriptor_.cid != descriptor_.parent_cid) {
    return fail(ErrorKind::malformed, "{}: {} has changed since this image was made over it",
                name(), parent->name());
  }
  return {};
}

Result<std::uint32_t> VmdkImage::read_entry(std::uint64_t at) {
  std::array<std::uint8_t, 4> raw{};
  CASSIA_TRY(metadata_.read(at, raw));
  return load_le32(raw.data());
}

Result<std::uint64_t> VmdkImage::entry_place(std::uint64_t directory, std::uint64_t grain) {
  const std::uint64_t table =
      CASSIA_TRY(read_entry(directory + grain / header_.entries_per_table * 4)) * kSector;
  if (table == 0) return 0;
  if (table < kHeaderBytes || table > file_->size() ||
      header_.table_bytes() > file_->size() - table) {
    return fail(ErrorKind::malformed, "{}: a grain table at {:#x} is not in the file", name(),
                table);
  }
  return table + grain % header_.entries_per_table * 4;
}

/// Entries of `count` grains from `grain` on, all in one table.
Result<std::vector<std::uint32_t>> VmdkImage::entries(std::uint64_t grain, std::uint64_t count) {
  std::vector<std::uint32_t> found(count);
  const std::uint64_t at = CASSIA_TRY(entry_place(header_.directory, grain));
  if (at == 0) return found;
  Bytes raw(count * 4);
  CASSIA_TRY(metadata_.read(at, raw));
  for (std::size_t i = 0; i < count; ++i) found[i] = load_le32(&raw[i * 4]);
  return found;
}

Result<MappedImage::RunKind> VmdkImage::kind_of(std::uint32_t entry, std::uint64_t grain) const {
  if (entry == 0) return RunKind::absent;
  if (entry == kZeroGrain && (header_.flags & kFlagZeroGrain) != 0) return RunKind::zero;
  if (entry * kSector >= file_->size()) {
    return fail(ErrorKind::malformed, "{}: grain {} lies at {:#x}, past the end of the file",
                name(), grain, entry * kSector);
  }
  return header_.compressed() ? RunKind::packed : RunKind::data;
}

Result<MappedImage::Run> VmdkImage::map(std::uint64_t offset, std::uint64_t max_length) {
  const std::uint64_t first = offset / header_.grain;
  const std::uint64_t skip = offset % header_.grain;
  const std::uint64_t in_table = header_.entries_per_table - first % header_.entries_per_table;
  const std::uint64_t wanted = (offset + max_length - 1) / header_.grain - first + 1;
  const auto part = CASSIA_TRY(entries(first, std::min(in_table, wanted)));
  Run run;
  run.kind = CASSIA_TRY(kind_of(part[0], first));
  run.file = file_.get();
  const std::uint64_t sector = part[0];
  run.host = sector * kSector + (run.kind == RunKind::data ? skip : 0);
  std::size_t alike = 1;
  while (alike < part.size() && run.kind != RunKind::packed) {
    if (run.kind == RunKind::data ? part[alike] != sector + alike * (header_.grain / kSector)
                                  : part[alike] != part[0]) {
      break;
    }
    ++alike;
  }
  run.length = std::min(max_length, alike * header_.grain - skip);
  return run;
}

Result<void> VmdkImage::read_packed(const Run& run, std::uint64_t offset, MutableByteView into) {
  const std::uint64_t skip = offset % header_.grain;
  const auto copy_out = [&](ByteView grain) {
    std::copy_n(grain.begin() + static_cast<std::ptrdiff_t>(skip), into.size(), into.begin());
  };
  {
    std::lock_guard lock(unpacked_mutex_);
    if (unpacked_host_ == run.host) {
      copy_out(unpacked_);
      return {};
    }
  }
  const std::uint64_t start = offset - skip;
  Bytes grain(header_.grain);
  CASSIA_TRY(unpack_grain(*file_, run.host, start, std::min(header_.grain, size_ - start), grain));
  copy_out(grain);
  std::lock_guard lock(unpacked_mutex_);
  unpacked_host_ = run.host;
  unpacked_ = std::move(grain);
  return {};
}

/// Enters that `grain` lies at `host`, in both tables.
Result<void> VmdkImage::set_entry(std::uint64_t grain, std::uint64_t host) {
  if (host / kSector > 0xffffffff) {
    return fail(ErrorKind::no_space, "{}: a VMDK file cannot grow beyond 2 TiB", name());
  }
  std::array<std::uint8_t, 4> raw{};
  store_le32(raw.data(), static_cast<std::uint32_t>(host / kSector));
  const std::uint64_t at = CASSIA_TRY(entry_place(header_.directory, grain));
  if (at == 0) {
    return fail(ErrorKind::unsupported,
                "{}: has no table for grain {}; convert it to a new image to write to it", name(),
                grain);
  }
  CASSIA_TRY(metadata_.write(at, raw));
  if (!header_.redundant) return {};
  const std::uint64_t copy = CASSIA_TRY(entry_place(*header_.redundant, grain));
  return copy == 0 || copy == at ? Result<void>{} : metadata_.write(copy, raw);
}

Result<std::uint64_t> VmdkImage::write_fresh(std::uint64_t offset, ByteView from) {
  const std::uint64_t grain = offset / header_.grain;
  const std::uint64_t skip = offset % header_.grain;
  const std::uint64_t start = offset - skip;
  const ByteView part = from.first(std::min<std::uint64_t>(from.size(), header_.grain - skip));
  const Run now = CASSIA_TRY(map(offset, 1));
  if (now.kind == RunKind::data) return 0;
  if (now.kind == RunKind::packed) {
    return fail(ErrorKind::unsupported,
                "{}: grain {} is compressed, and such grains are written once; convert the image",
                name(), grain);
  }
  Bytes whole;
  if (header_.compressed() || (part.size() < header_.grain && covered(start))) {
    whole.resize(header_.grain);
    CASSIA_TRY(
        read_unlocked(start, MutableByteView(whole).first(std::min(header_.grain, size_ - start))));
    std::copy(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(skip));
  }
  if (header_.compressed()) {
    CASSIA_TRY(store_packed(grain, CASSIA_TRY(pack_grain(start, whole))));
    return part.size();
  }
  CASSIA_TRY(whole.empty() ? file_->write(end_ + skip, part) : file_->write(end_, whole));
  if (file_->growable() && file_->size() < end_ + header_.grain) {
    CASSIA_TRY(file_->resize(end_ + header_.grain));
  }
  CASSIA_TRY(set_entry(grain, end_));
  end_ += header_.grain;
  return part.size();
}

Result<void> VmdkImage::store_packed(std::uint64_t grain, ByteView packed) {
  CASSIA_TRY(file_->write(end_, packed));
  CASSIA_TRY(set_entry(grain, end_));
  end_ += packed.size();
  return {};
}

Result<Bytes> VmdkImage::pack(std::uint64_t offset, ByteView content) {
  if (!header_.compressed()) {
    return fail(ErrorKind::unsupported, "{}: only streamOptimized VMDKs are compressed", name());
  }
  CASSIA_TRY(check_write(offset, content.size()));
  const bool whole = content.size() == header_.grain ||
                     (content.size() < header_.grain && offset + content.size() == size_);
  if (offset % header_.grain != 0 || !whole) {
    return fail(ErrorKind::invalid_argument, "{}: only whole grains can be compressed", name());
  }
  if (content.size() == header_.grain) return pack_grain(offset, content);
  Bytes padded = to_bytes(content);
  padded.resize(header_.grain);
  return pack_grain(offset, padded);
}

Result<void> VmdkImage::write_packed(std::uint64_t offset, ByteView content, ByteView packed) {
  CASSIA_TRY(check_write(offset, content.size()));
  CASSIA_TRY(before_change());
  std::unique_lock lock(mutex_);
  const Run now = CASSIA_TRY(map(offset, 1));
  if (now.kind == RunKind::packed) {
    return fail(ErrorKind::unsupported, "{}: compressed grains are written once", name());
  }
  CASSIA_TRY(store_packed(offset / header_.grain, packed));
  return wants_commit() ? commit() : Result<void>{};
}

/// The first change gives the image another ID, so that its children notice.
Result<void> VmdkImage::before_change() {
  if (cid_changed_.exchange(true) || descriptor_.cid_at == 0) return {};
  const std::string digits = fmt::format("{:08x}", std::random_device{}() & 0xfffffffe);
  return file_->write(header_.descriptor_offset + descriptor_.cid_at, as_bytes(digits));
}

Result<void> VmdkImage::commit() {
  if (!metadata_.dirty()) return {};
  CASSIA_TRY(sync());
  return metadata_.flush();
}

ImageInfo VmdkImage::info() const {
  ImageInfo info;
  info.format = "vmdk";
  info.virtual_size = size();
  info.cluster_size = header_.grain;
  if (!descriptor_.parent.empty()) {
    info.backing_file = descriptor_.parent;
    info.backing_format = "vmdk";
  }
  info.facts.push_back({"cid", std::int64_t{descriptor_.cid}});
  info.facts.push_back({"parent-cid", std::int64_t{descriptor_.parent_cid}});
  info.facts.push_back({"create-type", descriptor_.create_type});
  FactGroup extent;
  if (header_.compressed()) extent.push_back({"compressed", true});
  extent.push_back({"virtual-size", static_cast<std::int64_t>(size())});
  extent.push_back({"filename", name()});
  extent.push_back({"cluster-size", static_cast<std::int64_t>(header_.grain)});
  extent.push_back({"format", std::string()});
  info.facts.push_back({"extents", std::vector<FactGroup>{std::move(extent)}});
  return info;
}

Result<void> VmdkImage::check_table(std::uint64_t table, CheckReport& report) {
  const auto say = [&](std::string line) {
    ++report.corruptions;
    if (report.messages.size() < CheckReport::kMaxMessages) {
      report.messages.push_back(std::move(line));
    }
  };
  const std::uint64_t first = table * header_.entries_per_table;
  const std::uint64_t grains = (size_ + header_.grain - 1) / header_.grain;
  const std::uint64_t count = std::min<std::uint64_t>(header_.entries_per_table, grains - first);
  const auto found = entries(first, count);
  if (!found) {
    say("ERROR: " + found.error().message());
    return {};
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    const auto kind = kind_of((*found)[i], first + i);
    if (!kind) say("ERROR: " + kind.error().message());
    if (!kind || *kind != RunKind::data) continue;
    const std::uint64_t host = (*found)[i] * kSector;
    if (host + header_.grain >
        (file_->size() + header_.grain - 1) / header_.grain * header_.grain) {
      say(fmt::format("ERROR: grain {} at {:#x} is cut off", first + i, host));
    }
  }
  return {};
}

Result<CheckReport> VmdkImage::check(Repair repair, Progress& progress) {
  if (repair != Repair::none) {
    return fail(ErrorKind::unsupported, "{}: VMDK images cannot be repaired; convert the image",
                name());
  }
  std::unique_lock lock(mutex_);
  if (writable()) CASSIA_TRY(commit());
  CheckReport report;
  progress.set_total(header_.tables());
  for (std::uint64_t table = 0; table < header_.tables(); ++table) {
    CASSIA_TRY(check_table(table, report));
    CASSIA_TRY(progress.advance(1));
  }
  return report;
}

}  // namespace cassia::storage::vmdk
