// SPDX-License-Identifier: Apache-2.0
#include "storage/format/raw/raw_driver.h"

#include "storage/block/file_device.h"
#include "storage/format/raw/raw_image.h"

namespace cassia::storage {
namespace {

Result<std::string> preallocation_of(const CreateSpec& spec) {
  const auto found = spec.options.find("preallocation");
  const std::string mode = found == spec.options.end() ? "off" : found->second;
  if (mode == "off" || mode == "falloc" || mode == "full") return mode;
  return fail(ErrorKind::invalid_argument,
              "Invalid preallocation '{}' for raw: give off, falloc or full", mode);
}

}  // namespace

/// Anything can be raw; 1 means "if nobody else wants it".
int RawDriver::probe(ByteView) const { return 1; }

std::vector<CreateOption> RawDriver::create_options() const {
  return {{"preallocation", "", "off, falloc (reserve the space) or full (write zeroes)"}};
}

Result<std::unique_ptr<Image>> RawDriver::open(std::shared_ptr<BlockDevice> file,
                                               const DriverOpenOptions& options) const {
  return std::unique_ptr<Image>(std::make_unique<RawImage>(std::move(file), options.writable));
}

Result<void> RawDriver::check_create(const CreateSpec& spec) const {
  CASSIA_TRY(check_option_names(*this, spec.options));
  if (!spec.backing_file.empty()) {
    return fail(ErrorKind::unsupported, "Backing file not supported for file format 'raw'");
  }
  (void)CASSIA_TRY(preallocation_of(spec));
  return {};
}

std::vector<std::pair<std::string, std::string>> RawDriver::describe_create(
    const CreateSpec& spec) const {
  std::vector<std::pair<std::string, std::string>> shown{{"size", std::to_string(spec.size)}};
  if (const auto mode = spec.options.find("preallocation"); mode != spec.options.end()) {
    shown.emplace_back("preallocation", mode->second);
  }
  return shown;
}

Result<void> RawDriver::create(const std::shared_ptr<BlockDevice>& file,
                               const CreateSpec& spec) const {
  CASSIA_TRY(check_create(spec));
  const std::uint64_t size = (spec.size + 511) / 512 * 512;
  if (!file->growable()) {
    if (file->size() >= size) return {};
    return fail(ErrorKind::no_space, "{}: holds {} bytes, not {}", file->name(), file->size(),
                size);
  }
  CASSIA_TRY(file->resize(size));
  const std::string mode = CASSIA_TRY(preallocation_of(spec));
  if (mode == "off") return {};
  if (auto* real = dynamic_cast<FileDevice*>(file.get())) CASSIA_TRY(real->allocate(size));
  if (mode == "full") CASSIA_TRY(file->write_zeroes(0, size, ZeroMode::keep));
  return {};
}

}  // namespace cassia::storage
