// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vpc/driver.h"

#include <algorithm>

#include "storage/format/vpc/image.h"

namespace cassia::storage::vpc {
namespace {

std::string option(const CreateSpec& spec, std::string_view name) {
  const auto found = spec.options.find(name);
  return found == spec.options.end() ? std::string() : found->second;
}

Result<Kind> kind_of(const CreateSpec& spec) {
  const std::string subformat = option(spec, "subformat");
  if (subformat.empty() || subformat == "dynamic") return Kind::dynamic;
  if (subformat == "fixed") return Kind::fixed;
  return fail(ErrorKind::invalid_argument, "Invalid subformat '{}': give dynamic or fixed",
              subformat);
}

Result<Header> new_header(const CreateSpec& spec) {
  Header header;
  header.kind = CASSIA_TRY(kind_of(spec));
  const std::string force = option(spec, "force_size");
  header.exact_size = !force.empty() && CASSIA_TRY(parse_switch("force_size", force));
  const std::uint64_t sectors = (spec.size + kSector - 1) / kSector;
  if (sectors > kMaxSectors) {
    return fail(ErrorKind::invalid_argument,
                "The image size is too large for file format 'vpc' (at most 2040 GiB)");
  }
  header.geometry = header.exact_size ? kMaxGeometry : geometry_holding(sectors);
  const bool by_geometry = header.geometry.total() != kMaxGeometry.total();
  header.disk_size = (by_geometry ? header.geometry.total() : sectors) * kSector;
  header.blocks =
      static_cast<std::uint32_t>((header.disk_size + header.block_size - 1) / header.block_size);
  header.table_offset = kFooterBytes + kDynamicHeaderBytes;
  return header;
}

Result<void> create_fixed(BlockDevice& file, const Header& header) {
  CASSIA_TRY(file.resize(header.disk_size));
  return file.write(header.disk_size, build_footer(header));
}

Result<void> create_dynamic(BlockDevice& file, const Header& header) {
  constexpr std::uint64_t kStep = 65536;
  const Bytes footer = build_footer(header);
  CASSIA_TRY(file.write(0, footer));
  CASSIA_TRY(file.write(kFooterBytes, build_dynamic_header(header)));
  const std::uint64_t table = (header.table_bytes() + kSector - 1) / kSector * kSector;
  for (std::uint64_t at = 0; at < table; at += kStep) {
    const Bytes part(std::min(kStep, table - at), 0xff);
    CASSIA_TRY(file.write(header.table_offset + at, part));
  }
  return file.write(header.table_offset + table, footer);
}

}  // namespace

/// A fixed image begins with what its guest wrote, so it is known by being told only.
int Driver::probe(ByteView head) const { return is_footer(head) ? 100 : 0; }

std::vector<CreateOption> Driver::create_options() const {
  return {{"subformat", "", "dynamic (the default) or fixed"},
          {"force_size", "",
           "on: exactly this size; off: rounded up to a cylinder, as Virtual PC "
           "wants it"}};
}

Result<std::unique_ptr<Image>> Driver::open(std::shared_ptr<BlockDevice> file,
                                            const DriverOpenOptions& options) const {
  return VpcImage::open(std::move(file), options);
}

Result<void> Driver::check_create(const CreateSpec& spec) const {
  CASSIA_TRY(check_option_names(*this, spec.options));
  if (!spec.backing_file.empty()) {
    return fail(ErrorKind::unsupported, "Backing file not supported for file format 'vpc'");
  }
  (void)CASSIA_TRY(new_header(spec));
  return {};
}

std::vector<std::pair<std::string, std::string>> Driver::describe_create(
    const CreateSpec& spec) const {
  std::vector<std::pair<std::string, std::string>> shown{{"size", std::to_string(spec.size)}};
  for (const char* name : {"subformat", "force_size"}) {
    if (const std::string value = option(spec, name); !value.empty()) {
      shown.emplace_back(name, value);
    }
  }
  return shown;
}

Result<void> Driver::create(const std::shared_ptr<BlockDevice>& file,
                            const CreateSpec& spec) const {
  CASSIA_TRY(check_create(spec));
  Header header = CASSIA_TRY(new_header(spec));
  header.uuid = random_uuid();
  if (!file->growable()) {
    return fail(ErrorKind::unsupported,
                "{}: a VHD ends with a footer, which a device of fixed size has no place for",
                file->name());
  }
  CASSIA_TRY(file->resize(0));
  return header.kind == Kind::fixed ? create_fixed(*file, header) : create_dynamic(*file, header);
}

}  // namespace cassia::storage::vpc
