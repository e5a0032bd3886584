// SPDX-License-Identifier: Apache-2.0
#include "storage/format/vmdk/driver.h"

#include <algorithm>
#include <filesystem>
#include <random>

#include "storage/format/common/little_endian.h"
#include "storage/format/vmdk/image.h"

namespace cassia::storage::vmdk {
namespace {

constexpr std::string_view kTextStart = "# Disk DescriptorFile";

std::string option(const CreateSpec& spec, std::string_view name, std::string fallback = {}) {
  const auto found = spec.options.find(name);
  return found == spec.options.end() ? std::move(fallback) : found->second;
}

Result<bool> switched_on(const CreateSpec& spec, const char* name) {
  return parse_switch(name, option(spec, name, "off"));
}

/// What stands in the descriptor must not break out of its quotes.
Result<void> check_word(const char* name, const std::string& value) {
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (plain) return {};
  return fail(ErrorKind::invalid_argument, "Invalid {} '{}': letters and digits only", name, value);
}

Result<DescriptorChoices> descriptor_choices(const CreateSpec& spec) {
  DescriptorChoices choices;
  choices.create_type = option(spec, "subformat", "monolithicSparse");
  if (choices.create_type != "monolithicSparse" && choices.create_type != "streamOptimized") {
    return fail(ErrorKind::unsupported,
                "Invalid subformat '{}': Cassia makes monolithicSparse and streamOptimized",
                choices.create_type);
  }
  choices.adapter = option(spec, "adapter_type", "ide");
  if (choices.adapter != "ide" && choices.adapter != "lsilogic" && choices.adapter != "buslogic" &&
      choices.adapter != "legacyESX") {
    return fail(ErrorKind::invalid_argument,
                "Invalid adapter_type '{}': give ide, lsilogic, buslogic or legacyESX",
                choices.adapter);
  }
  const bool compat6 = CASSIA_TRY(switched_on(spec, "compat6"));
  choices.hardware_version = option(spec, "hwversion", compat6 ? "6" : "4");
  if (choices.hardware_version == "undefined") choices.hardware_version = compat6 ? "6" : "4";
  choices.tools_version = option(spec, "toolsversion", choices.tools_version);
  CASSIA_TRY(check_word("hwversion", choices.hardware_version));
  CASSIA_TRY(check_word("toolsversion", choices.tools_version));
  return choices;
}

std::uint64_t sector_up(std::uint64_t bytes) { return (bytes + kSector - 1) / kSector * kSector; }

Result<Header> new_header(const CreateSpec& spec) {
  const DescriptorChoices choices = CASSIA_TRY(descriptor_choices(spec));
  Header header;
  header.capacity = sector_up(spec.size);
  // A directory of more would make an empty image of gigabytes; QEMU's limits are near.
  constexpr std::uint64_t kMaxCapacity = std::uint64_t{64} << 40;
  if (header.capacity > kMaxCapacity) {
    return fail(ErrorKind::invalid_argument, "The image size is too large for file format 'vmdk'");
  }
  if (choices.create_type == "streamOptimized") {
    header.version = 3;
    header.flags |= kFlagCompressed | kFlagMarkers;
  } else if (CASSIA_TRY(switched_on(spec, "zeroed_grain"))) {
    header.version = 2;
    header.flags |= kFlagZeroGrain;
  }
  const std::uint64_t directory = sector_up(header.tables() * 4);
  const std::uint64_t tables = header.tables() * header.table_bytes();
  header.redundant = header.descriptor_offset + header.descriptor_bytes;
  header.directory = *header.redundant + directory + tables;
  header.data_offset =
      (header.directory + directory + tables + header.grain - 1) / header.grain * header.grain;
  return header;
}

/// A directory whose tables follow it; those are holes, which is what empty tables are.
Result<void> write_directory(BlockDevice& file, const Header& header, std::uint64_t offset) {
  constexpr std::uint64_t kStep = 16384;
  const std::uint64_t first_table = offset + sector_up(header.tables() * 4);
  Bytes raw;
  for (std::uint64_t first = 0; first < header.tables(); first += kStep) {
    const std::uint64_t count = std::min(kStep, header.tables() - first);
    raw.resize(count * 4);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t table = first_table + (first + i) * header.table_bytes();
      store_le32(&raw[i * 4], static_cast<std::uint32_t>(table / kSector));
    }
    CASSIA_TRY(file.write(offset + first * 4, raw));
  }
  return {};
}

bool is_se_sparse(ByteView head) {
  return head.size() >= 8 && load_le64(head.data()) == kSeSparseMagic;
}

}  // namespace

int Driver::probe(ByteView head) const {
  if (head.size() < 4) return 0;
  const std::uint32_t magic = load_le32(head.data());
  if (magic == kMagic || magic == kCowdMagic || is_se_sparse(head)) return 100;
  return as_text(head).starts_with(kTextStart) ? 100 : 0;
}

std::vector<CreateOption> Driver::create_options() const {
  return {{"subformat", "",
           "monolithicSparse (the default) or streamOptimized (compressed, "
           "written once)"},
          {"adapter_type", "", "ide (the default), lsilogic, buslogic or legacyESX"},
          {"compat6", "off", "on: for hardware version 6"},
          {"hwversion", "undefined", "hardware version in the descriptor"},
          {"toolsversion", "", "version of the guest's tools in the descriptor"},
          {"zeroed_grain", "", "on: grains may be marked as zeroes"}};
}

Result<std::unique_ptr<Image>> Driver::open(std::shared_ptr<BlockDevice> file,
                                            const DriverOpenOptions& options) const {
  Bytes head(std::min<std::uint64_t>(kTextStart.size(), file->size()));
  CASSIA_TRY(file->read(0, head));
  if (as_text(head) == kTextStart) {
    return fail(ErrorKind::unsupported,
                "{}: is the description of a VMDK in several files; Cassia opens VMDKs that are a "
                "single file, so convert it with qemu-img first",
                file->name());
  }
  if (head.size() >= 4 && load_le32(head.data()) == kCowdMagic) {
    return fail(ErrorKind::unsupported,
                "{}: is a sparse file of an old ESX server (COWD); convert it with qemu-img first",
                file->name());
  }
  if (is_se_sparse(head)) {
    return fail(ErrorKind::unsupported,
                "{}: is a part of a VMDK of an ESX server (SESparse); convert the VMDK that its "
                "description names with qemu-img first",
                file->name());
  }
  return VmdkImage::open(std::move(file), options);
}

Result<void> Driver::check_create(const CreateSpec& spec) const {
  CASSIA_TRY(check_option_names(*this, spec.options));
  if (!spec.backing_file.empty()) {
    return fail(ErrorKind::unsupported, "Cassia makes no VMDKs over a parent");
  }
  (void)CASSIA_TRY(new_header(spec));
  return {};
}

std::vector<std::pair<std::string, std::string>> Driver::describe_create(
    const CreateSpec& spec) const {
  std::vector<std::pair<std::string, std::string>> shown{{"size", std::to_string(spec.size)}};
  for (const CreateOption& each : create_options()) {
    const std::string value = option(spec, each.name, each.value);
    if (!value.empty() && each.name != "subformat") shown.emplace_back(each.name, value);
  }
  if (const std::string type = option(spec, "subformat"); !type.empty()) {
    shown.emplace_back("subformat", type);
  }
  return shown;
}

Result<void> Driver::create(const std::shared_ptr<BlockDevice>& file,
                            const CreateSpec& spec) const {
  CASSIA_TRY(check_create(spec));
  const Header header = CASSIA_TRY(new_header(spec));
  DescriptorChoices choices = CASSIA_TRY(descriptor_choices(spec));
  choices.file = std::filesystem::path(file->name()).filename().string();
  const std::string text =
      build_descriptor(choices, header.capacity, std::random_device{}() & 0xfffffffe);
  if (text.size() > header.descriptor_bytes) {
    return fail(ErrorKind::invalid_argument, "{}: too long a name for a VMDK", file->name());
  }
  if (file->growable()) {
    CASSIA_TRY(file->resize(0));
    CASSIA_TRY(file->resize(header.data_offset));
  } else {
    CASSIA_TRY(file->write_zeroes(0, header.data_offset, ZeroMode::unmap));
  }
  CASSIA_TRY(write_directory(*file, header, *header.redundant));
  CASSIA_TRY(write_directory(*file, header, header.directory));
  CASSIA_TRY(file->write(header.descriptor_offset, as_bytes(text)));
  return file->write(0, build_header(header));
}

}  // namespace cassia::storage::vmdk
