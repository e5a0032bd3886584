// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/create.h"

#include "storage/block/temporary_file.h"

namespace cassia::storage {
namespace {

/// Opens the backing image as a check; returns its size.
Result<std::uint64_t> backing_size(const ImageEnvironment& environment,
                                   const CreateImageSpec& spec) {
  OpenSpec below;
  below.path = CASSIA_TRY(resolve_reference(spec.path, spec.backing_file));
  below.format = spec.backing_format;
  // Only its size matters now; somebody may be using it.
  below.force_share = true;
  CASSIA_TRY(environment.references.allow(spec.path, below.path));
  auto opened = open_image(environment, below);
  if (!opened) return fail(opened.error().in("Could not open backing image"));
  if (spec.backing_format.empty()) {
    return fail(ErrorKind::invalid_argument,
                "{}: Backing file specified without backing format (Detected format of {}.)",
                spec.path, opened->driver->name());
  }
  return opened->image->size();
}

}  // namespace

Result<CreatePlan> plan_create(const ImageEnvironment& environment, const CreateImageSpec& spec) {
  CreatePlan plan;
  plan.path = spec.path;
  plan.driver = CASSIA_TRY(environment.formats.find(spec.format));
  plan.spec.backing_file = spec.backing_file;
  plan.spec.backing_format = spec.backing_format;
  plan.spec.options = spec.options;
  std::optional<std::uint64_t> size = spec.size;
  if (!spec.backing_file.empty()) {
    if (!plan.driver->supports_backing()) {
      return fail(ErrorKind::unsupported, "{}: Backing file not supported for file format '{}'",
                  spec.path, spec.format);
    }
    if (!spec.backing_format.empty()) CASSIA_TRY(environment.formats.find(spec.backing_format));
    if (!spec.backing_unchecked) {
      const std::uint64_t below = CASSIA_TRY(backing_size(environment, spec));
      if (!size) size = below;
    }
  } else if (!spec.backing_format.empty()) {
    return fail(ErrorKind::invalid_argument,
                "{}: Backing format cannot be used without backing file", spec.path);
  }
  if (!size) {
    return fail(ErrorKind::invalid_argument, "{}: Image creation needs a size parameter",
                spec.path);
  }
  plan.spec.size = (*size + 511) / 512 * 512;
  if (auto ok = plan.driver->check_create(plan.spec); !ok) return fail(ok.error().in(spec.path));
  return plan;
}

Result<void> create_image(const CreatePlan& plan) {
  std::error_code ec;
  if (std::filesystem::is_block_file(plan.path, ec)) {
    auto device =
        CASSIA_TRY(FileDevice::open(plan.path, {.writable = true, .lock = LockMode::write}));
    CASSIA_TRY(plan.driver->create(device, plan.spec));
    return device->flush();
  }
  auto file = CASSIA_TRY(TemporaryFile::create(plan.path));
  CASSIA_TRY(plan.driver->create(file.device(), plan.spec));
  return file.commit();
}

}  // namespace cassia::storage
