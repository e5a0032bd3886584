// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/convert.h"

#include "storage/block/temporary_file.h"
#include "storage/ops/copier.h"
#include "storage/ops/create.h"

namespace cassia::storage {
namespace {

CreateImageSpec target_spec(const ConvertSpec& spec, std::uint64_t size) {
  CreateImageSpec target;
  target.path = spec.target;
  target.format = spec.target_format;
  target.size = size;
  target.backing_file = spec.backing_file;
  target.backing_format = spec.backing_format;
  target.options = spec.options;
  return target;
}

Result<void> check_space(Image& source, const ConvertSpec& spec, const TemporaryFile& file,
                         Progress& progress) {
  const auto mode = spec.options.find("preallocation");
  const bool all = spec.sparse_size == 0 || (mode != spec.options.end() &&
                                             (mode->second == "falloc" || mode->second == "full"));
  // Nobody knows beforehand what compression or a backing image will save.
  if (!all && (spec.compress || !spec.backing_file.empty())) return {};
  const std::uint64_t needed =
      all ? source.size() : CASSIA_TRY(Copier::data_bytes(source, progress));
  const std::uint64_t free = CASSIA_TRY(file.free_space());
  if (needed <= free) return {};
  return fail(ErrorKind::no_space, "{}: needs {} MiB, and {} MiB are free there", spec.target,
              (needed >> 20) + 1, free >> 20);
}

Result<void> copy_into(Image& source, Image& target, const ConvertSpec& spec, bool fresh,
                       Progress& progress) {
  if (target.size() < source.size()) {
    return fail(ErrorKind::invalid_argument, "{}: is smaller than {}", spec.target, spec.source);
  }
  CopyOptions options;
  options.compress = spec.compress || target.always_compresses();
  options.sparse_size = spec.sparse_size;
  options.target_zeroed = fresh && target.starts_zeroed();
  options.target_backed = target.backing() != nullptr;
  CASSIA_TRY(Copier(source, target, options, progress).run());
  return target.close();
}

Result<void> convert_in_place(const ImageEnvironment& environment, const ConvertSpec& spec,
                              Image& source, Progress& progress) {
  if (!spec.into_existing) {
    CASSIA_TRY(
        create_image(CASSIA_TRY(plan_create(environment, target_spec(spec, source.size())))));
  }
  OpenSpec open;
  open.path = spec.target;
  open.format = spec.target_format;
  open.writable = true;
  const OpenedImage target = CASSIA_TRY(open_image(environment, open));
  return copy_into(source, *target.image, spec, false, progress);
}

Result<void> convert_to_new(const ImageEnvironment& environment, const ConvertSpec& spec,
                            Image& source, Progress& progress) {
  const CreatePlan plan = CASSIA_TRY(plan_create(environment, target_spec(spec, source.size())));
  TemporaryFile file = CASSIA_TRY(TemporaryFile::create(spec.target));
  if (spec.only_new && file.replaces()) {
    return fail(ErrorKind::exists, "{}: exists already", spec.target);
  }
  CASSIA_TRY(check_space(source, spec, file, progress));
  CASSIA_TRY(plan.driver->create(file.device(), plan.spec));
  DriverOpenOptions options;
  options.writable = true;
  options.relaxed_sync = true;  // nobody sees the file before it is complete
  options.open_backing = backing_opener(environment, spec.target, spec.force_share);
  {
    const auto target = CASSIA_TRY(plan.driver->open(file.device(), options));
    CASSIA_TRY(copy_into(source, *target, spec, true, progress));
  }
  CASSIA_TRY(progress.advance(0));  // the last moment to cancel
  return file.commit();
}

}  // namespace

Result<void> check_convert(const ImageEnvironment& environment, const ConvertSpec& spec) {
  const FormatDriver* driver = CASSIA_TRY(environment.formats.find(spec.target_format));
  if (!spec.source_format.empty()) CASSIA_TRY(environment.formats.find(spec.source_format));
  if (spec.compress && !driver->supports_compression()) {
    return fail(ErrorKind::unsupported, "Compression not supported for format '{}'",
                spec.target_format);
  }
  if (spec.sparse_size % 512 != 0) {
    return fail(ErrorKind::invalid_argument,
                "Invalid buffer size for sparse output: {} is not a multiple of 512",
                spec.sparse_size);
  }
  std::error_code ec;
  if (std::filesystem::equivalent(spec.source, spec.target, ec)) {
    return fail(ErrorKind::invalid_argument, "{}: source and target are the same file",
                spec.source);
  }
  return {};
}

Result<void> convert_image(const ImageEnvironment& environment, const ConvertSpec& spec,
                           Progress& progress) {
  CASSIA_TRY(check_convert(environment, spec));
  OpenSpec open;
  open.path = spec.source;
  open.format = spec.source_format;
  open.force_share = spec.force_share;
  const OpenedImage opened = CASSIA_TRY(open_image(environment, open));
  std::unique_ptr<Image> snapshot;
  if (!spec.snapshot.empty()) snapshot = CASSIA_TRY(opened.image->open_snapshot(spec.snapshot));
  Image& source = snapshot ? *snapshot : *opened.image;
  std::error_code ec;
  const bool in_place = spec.into_existing || std::filesystem::is_block_file(spec.target, ec);
  return in_place ? convert_in_place(environment, spec, source, progress)
                  : convert_to_new(environment, spec, source, progress);
}

}  // namespace cassia::storage
