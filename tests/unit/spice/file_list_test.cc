// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/file_list.h"

#include <gtest/gtest.h>

namespace cassia::spice {
namespace {

Result<FileList> read(std::string_view text) { return read_file_list(as_bytes(text)); }
std::string zeroed(std::string text) {
  for (char& c : text) c = c == '|' ? '\0' : c;
  return text;
}

TEST(FileList, IsReadAsItIsWritten) {
  const FileList list{true, {"/a b/c", "/\u00fc"}};
  const Bytes written = write_file_list(list);
  EXPECT_EQ(as_text(written), zeroed("cut|/a b/c|/\u00fc|"));
  const auto back = read_file_list(written);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(*back, list);
  EXPECT_EQ(*read(zeroed("copy|/a")), (FileList{false, {"/a"}}));  // the last zero is missing
}

TEST(FileList, OfAHostilePeerIsRefused) {
  for (const std::string text :
       {"", "|", "copy", "copy|", "move|/a|", "copy|a|", "copy|/|", "copy|/a/../b|", "copy|/a//b|",
        "copy|/a/|", "copy|/.|", "copy|/a\nb|", "copy||/a|", "/a|/b|"}) {
    EXPECT_FALSE(read(zeroed(text))) << text;
  }
  EXPECT_FALSE(read(zeroed("copy|/" + std::string(5000, 'x') + "|")));
  std::string many = "copy|";
  for (std::size_t i = 0; i <= most_listed_files; ++i) many += "/a|";
  EXPECT_FALSE(read(zeroed(many)));
  many.resize(many.size() - 3);
  EXPECT_TRUE(read(zeroed(many)));
}

}  // namespace
}  // namespace cassia::spice
