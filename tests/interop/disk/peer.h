// SPDX-License-Identifier: Apache-2.0
#pragma once

// qemu-img, qemu-io and cassia-disk as the tests of disks call them.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "storage/format/open.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {

/// Runs `command` in a folder; a failure to start is a test failure and status -1.
Finished run_in(const std::filesystem::path& folder, std::vector<std::string> command);

class DiskTest : public ::testing::Test {
 protected:
  Finished qemu_img(std::vector<std::string> arguments);
  /// Writes with qemu-io: each command is one "-c".
  void qemu_io(const std::string& file, std::vector<std::string> commands,
               const std::string& format = "qcow2");
  Finished disk(std::vector<std::string> arguments);

  /// The program must succeed.
  std::string good(const Finished& finished);
  /// "qemu-img check" and "qemu-img compare" with `same_as` are both content.
  void expect_sound(const std::string& file);
  void expect_same(const std::string& file, const std::string& format, const std::string& same_as,
                   const std::string& same_format);

  storage::OpenedImage open(const std::string& file, bool writable, const std::string& format = "");

  TemporaryFolder folder_;
  storage::FormatRegistry formats_ = storage::FormatRegistry::standard();
  storage::FollowAll references_;
  storage::ImageEnvironment environment_{formats_, references_};
};

}  // namespace cassia::test
