// SPDX-License-Identifier: Apache-2.0
#pragma once

// Opening images by path: probing, locks, and the images below.

#include <filesystem>
#include <memory>
#include <optional>

#include "storage/block/file_device.h"
#include "storage/format/registry.h"

namespace cassia::storage {

/// Says which files an image may refer to. An image's header is somebody else's data: a server that
/// opens images of its users must not follow it to /etc/shadow.
class ReferencePolicy {
 public:
  virtual ~ReferencePolicy() = default;
  /// `referrer` names `target` (already resolved) as the image below it.
  virtual Result<void> allow(const std::filesystem::path& referrer,
                             const std::filesystem::path& target) const = 0;
};

/// For a user at a shell, who could open the files anyway.
class FollowAll final : public ReferencePolicy {
 public:
  Result<void> allow(const std::filesystem::path&, const std::filesystem::path&) const override {
    return {};
  }
};

/// An image that needs another one is refused.
class FollowNone final : public ReferencePolicy {
 public:
  Result<void> allow(const std::filesystem::path& referrer,
                     const std::filesystem::path& target) const override;
};

/// Only images inside one folder (symbolic links resolved).
class FollowInside final : public ReferencePolicy {
 public:
  explicit FollowInside(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<void> allow(const std::filesystem::path& referrer,
                     const std::filesystem::path& target) const override;

 private:
  std::filesystem::path folder_;
};

/// What every operation on images is given. Both outlive all images opened through them.
struct ImageEnvironment {
  const FormatRegistry& formats;
  const ReferencePolicy& references;
};

struct OpenSpec {
  std::filesystem::path path;
  std::string format;  ///< empty: probe
  bool writable = false;
  bool force_share = false;  ///< read although somebody else may be writing; not with writable
  bool with_backing = true;  ///< open the images below too
  bool for_check = false;
};

/// An image and the file it lies in.
struct OpenedImage {
  // Destroyed in reverse order: the image first, it still writes to the file.
  std::shared_ptr<FileDevice> file;
  std::unique_ptr<Image> image;
  const FormatDriver* driver = nullptr;
};

Result<OpenedImage> open_image(const ImageEnvironment& environment, const OpenSpec& spec);

/// Where `reference`, as it stands in the header of `referrer`, points; refuses what is not a plain
/// path ("json:{...}", "nbd://...").
Result<std::filesystem::path> resolve_reference(const std::filesystem::path& referrer,
                                                const std::string& reference);

/// The opener to create or fill an image that has `referrer`'s place but lies elsewhere for now.
BackingOpener backing_opener(const ImageEnvironment& environment,
                             const std::filesystem::path& referrer, bool force_share);

}  // namespace cassia::storage
