// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vdi/driver.h"

#include <algorithm>

#include "storage/format/common/little_endian.h"
#include "storage/format/vdi/image.h"

namespace cassia::storage::vdi {
namespace {

Result<bool> is_static(const CreateSpec& spec) {
  const auto found = spec.options.find("static");
  if (found == spec.options.end()) return false;
  return parse_switch("static", found->second);
}

/// The data begins at a page of the host, after the table.
constexpr std::uint64_t kDataAlignment = 4096;

Result<Header> new_header(const CreateSpec& spec) {
  Header header;
  if (spec.size > std::uint64_t{kMaxBlocks} * kBlockSize) {
    return fail(ErrorKind::invalid_argument,
                "Unsupported VDI image size (size is {:#x}, max {:#x})", spec.size,
                std::uint64_t{kMaxBlocks} * kBlockSize);
  }
  header.kind = CASSIA_TRY(is_static(spec)) ? Kind::fixed : Kind::dynamic;
  header.disk_size = spec.size;
  header.blocks = static_cast<std::uint32_t>((spec.size + kBlockSize - 1) / kBlockSize);
  header.allocated = header.kind == Kind::fixed ? header.blocks : 0;
  const std::uint64_t table_end = kHeaderBytes + header.table_bytes();
  header.data_offset = static_cast<std::uint32_t>((table_end + kDataAlignment - 1) /
                                                  kDataAlignment * kDataAlignment);
  return header;
}

/// The table: no blocks, or each in its place.
Result<void> write_table(BlockDevice& file, const Header& header) {
  constexpr std::uint32_t kStep = 65536;
  Bytes raw;
  for (std::uint32_t first = 0; first < header.blocks; first += kStep) {
    const std::uint32_t count = std::min(kStep, header.blocks - first);
    raw.assign(std::size_t{count} * 4, 0xff);
    if (header.kind == Kind::fixed) {
      for (std::uint32_t i = 0; i < count; ++i) store_le32(&raw[std::size_t{i} * 4], first + i);
    }
    CASSIA_TRY(file.write(header.table_offset + std::uint64_t{first} * 4, raw));
  }
  return {};
}

}  // namespace

int Driver::probe(ByteView head) const {
  return head.size() >= kSignatureAt + 4 && load_le32(&head[kSignatureAt]) == kSignature ? 100 : 0;
}

std::vector<CreateOption> Driver::create_options() const {
  return {{"static", "off", "on: every block has its place from the start"}};
}

Result<std::unique_ptr<Image>> Driver::open(std::shared_ptr<BlockDevice> file,
                                            const DriverOpenOptions& options) const {
  return VdiImage::open(std::move(file), options);
}

Result<void> Driver::check_create(const CreateSpec& spec) const {
  CASSIA_TRY(check_option_names(*this, spec.options));
  if (!spec.backing_file.empty()) {
    return fail(ErrorKind::unsupported, "Backing file not supported for file format 'vdi'");
  }
  (void)CASSIA_TRY(new_header(spec));
  return {};
}

std::vector<std::pair<std::string, std::string>> Driver::describe_create(
    const CreateSpec& spec) const {
  return {{"size", std::to_string(spec.size)},
          {"static", is_static(spec).value_or(false) ? "on" : "off"}};
}

Result<void> Driver::create(const std::shared_ptr<BlockDevice>& file,
                            const CreateSpec& spec) const {
  CASSIA_TRY(check_create(spec));
  const Header header = CASSIA_TRY(new_header(spec));
  const std::uint64_t blocks = header.kind == Kind::fixed ? header.blocks : 0;
  const std::uint64_t end = header.data_offset + blocks * kBlockSize;
  if (file->growable()) {
    CASSIA_TRY(file->resize(0));
    CASSIA_TRY(file->resize(end));
  } else if (file->size() < end) {
    return fail(ErrorKind::no_space, "{}: holds {} bytes, not {}", file->name(), file->size(), end);
  } else if (blocks > 0) {
    CASSIA_TRY(file->write_zeroes(header.data_offset, blocks * kBlockSize, ZeroMode::unmap));
  }
  CASSIA_TRY(write_table(*file, header));
  return file->write(0, build_header(header));
}

}  // namespace cassia::storage::vdi
