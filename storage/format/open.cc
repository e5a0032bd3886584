// SPDX-License-Identifier: Apache-2.0
#include "storage/format/open.h"

#include <set>

namespace cassia::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxChain = 200;

using Chain = std::set<std::pair<std::uint64_t, std::uint64_t>>;

LockMode lock_for(const OpenSpec& spec, const FormatDriver& driver) {
  if (spec.writable) return LockMode::write;
  if (spec.force_share) return LockMode::none;
  return driver.has_metadata() ? LockMode::stable_read : LockMode::shared_read;
}

Result<OpenedImage> open_link(const ImageEnvironment& environment, const OpenSpec& spec,
                              Chain chain);

BackingOpener opener_for(const ImageEnvironment& environment, const fs::path& referrer,
                         bool force_share, Chain chain) {
  return [environment, referrer, force_share, chain](
             const std::string& file, const std::string& format) -> Result<std::unique_ptr<Image>> {
    OpenSpec below;
    below.path = CASSIA_TRY(resolve_reference(referrer, file));
    below.format = format;
    below.force_share = force_share;
    CASSIA_TRY(environment.references.allow(referrer, below.path));
    auto opened = open_link(environment, below, chain);
    if (!opened) {
      return fail(opened.error().in(fmt::format("{}: backing image", referrer.string())));
    }
    return std::move(opened->image);
  };
}

Result<OpenedImage> open_link(const ImageEnvironment& environment, const OpenSpec& spec,
                              Chain chain) {
  OpenedImage opened;
  opened.file = CASSIA_TRY(FileDevice::open(spec.path, {.writable = spec.writable}));
  if (!chain.insert(opened.file->identity()).second) {
    return fail(ErrorKind::malformed, "{}: the chain of backing images loops back to this file",
                spec.path.string());
  }
  if (chain.size() > kMaxChain) {
    return fail(ErrorKind::unsupported, "{}: more than {} backing images in a chain",
                spec.path.string(), kMaxChain);
  }
  opened.driver = CASSIA_TRY(spec.format.empty() ? environment.formats.probe(*opened.file)
                                                 : environment.formats.find(spec.format));
  CASSIA_TRY(opened.file->lock(lock_for(spec, *opened.driver)));
  DriverOpenOptions options;
  options.writable = spec.writable;
  options.for_check = spec.for_check;
  if (spec.with_backing) {
    options.open_backing = opener_for(environment, spec.path, spec.force_share, std::move(chain));
  }
  opened.image = CASSIA_TRY(opened.driver->open(opened.file, options));
  return opened;
}

}  // namespace

Result<void> FollowNone::allow(const fs::path& referrer, const fs::path& target) const {
  return fail(ErrorKind::permission,
              "{}: refers to {}, and following references is not allowed here", referrer.string(),
              target.string());
}

Result<void> FollowInside::allow(const fs::path& referrer, const fs::path& target) const {
  std::error_code ec;
  const fs::path inside = fs::weakly_canonical(folder_, ec);
  const fs::path real = fs::weakly_canonical(target, ec);
  const auto relative = real.lexically_relative(inside);
  if (!ec && !relative.empty() && *relative.begin() != "..") return {};
  return fail(ErrorKind::permission, "{}: refers to {}, which is outside {}", referrer.string(),
              target.string(), folder_.string());
}

Result<fs::path> resolve_reference(const fs::path& referrer, const std::string& reference) {
  std::string plain = reference;
  if (plain.rfind("file:", 0) == 0) {
    plain.erase(0, 5);
  } else {
    const std::size_t colon = plain.find(':');
    const std::size_t slash = plain.find('/');
    if (colon != std::string::npos && (slash == std::string::npos || colon < slash)) {
      return fail(ErrorKind::unsupported, "{}: refers to '{}', which is not a file name",
                  referrer.string(), reference);
    }
  }
  if (plain.empty()) {
    return fail(ErrorKind::malformed, "{}: refers to an image without a name", referrer.string());
  }
  return referrer.parent_path() / plain;
}

BackingOpener backing_opener(const ImageEnvironment& environment, const fs::path& referrer,
                             bool force_share) {
  return opener_for(environment, referrer, force_share, {});
}

Result<OpenedImage> open_image(const ImageEnvironment& environment, const OpenSpec& spec) {
  if (spec.writable && spec.force_share) {
    return fail(ErrorKind::invalid_argument,
                "{}: an image that others may use can only be read, not written",
                spec.path.string());
  }
  return open_link(environment, spec, {});
}

}  // namespace cassia::storage
