// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cassia {
namespace {

std::filesystem::path fresh_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "cassia-file-XXXXXX").string();
  return mkdtemp(name.data());
}

TEST(File, WritesWholeOrNothing) {
  const auto folder = fresh_folder();
  const auto path = folder / "settings";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("one")));
  ASSERT_TRUE(write_file_atomically(path, as_bytes("two")));
  EXPECT_EQ(as_text(read_file(path).value()), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  EXPECT_FALSE(write_file_atomically(folder / "missing" / "x", as_bytes("x")));
  std::filesystem::remove_all(folder);
}

TEST(File, ReadNamesTheMissingFileAndHonoursTheCap) {
  const auto missing = read_file("/nonexistent/file");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind(), ErrorKind::not_found);
  EXPECT_NE(missing.error().message().find("/nonexistent/file"), std::string::npos);
  EXPECT_FALSE(read_file("/dev/zero", 4096));
}

}  // namespace
}  // namespace cassia
