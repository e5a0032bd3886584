// SPDX-License-Identifier: Apache-2.0
#pragma once

// The two disks of the demo guest: demo-a.qcow2 and demo-b.raw, 64 MiB each.

#include <filesystem>
#include <memory>
#include <vector>

#include "storage/live/local_disks.h"

namespace cassia::server {

class DemoDisks {
 public:
  /// In `folder` (images that are there are kept), or in a temporary one that goes with this object
  /// if `folder` is empty.
  static Result<std::unique_ptr<DemoDisks>> create(const std::filesystem::path& folder);
  ~DemoDisks();
  DemoDisks(const DemoDisks&) = delete;
  DemoDisks& operator=(const DemoDisks&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::vector<storage::LocalDisk> disks() const;

 private:
  DemoDisks(std::filesystem::path folder, bool temporary)
      : folder_(std::move(folder)), temporary_(temporary) {}

  std::filesystem::path folder_;
  bool temporary_;
};

}  // namespace cassia::server
