// SPDX-License-Identifier: Apache-2.0
#include "client/clipboard/uri_list.h"

#include <gtest/gtest.h>

namespace cassia::client {
namespace {

using spice::FileList;

TEST(UriList, PathsBecomeUrisAndBack) {
  for (const std::string path : {"/a", "/a b/\u00fc#?%.txt", "/x'(1),&=+@:;~!*$"}) {
    EXPECT_EQ(path_of_uri(uri_of_path(path)), path);
  }
  EXPECT_EQ(uri_of_path("/a b/\u00fc#"), "file:///a%20b/%C3%BC%23");
  EXPECT_EQ(path_of_uri("file:///folder/"), "/folder");
  EXPECT_EQ(path_of_uri("file://localhost/a"), "/a");
  EXPECT_EQ(path_of_uri("file:/a"), "/a");
  for (const std::string uri :
       {"", "/a", "http://h/a", "file://elsewhere/a", "file:///a/../b", "file:///a%2", "file:///%zz",
        "file:///a%00b", "file:///a?b", "file:///a#b", "file:///", "file:a", "file:///a%2f..%2fb"}) {
    EXPECT_EQ(path_of_uri(uri), "") << uri;
  }
}

TEST(UriList, TakesWhatProgramsWrite) {
  const FileList both{false, {"/a", "/b c"}};
  EXPECT_EQ(*read_uri_list("# comment\r\nfile:///a\r\nfile:///b%20c\r\n"), both);
  EXPECT_EQ(*read_uri_list("file:///a\nhttp://x/y\nfile:///b%20c"), both);
  EXPECT_EQ(*read_uri_list(std::string_view("file:///a\r\n\0", 12)), (FileList{false, {"/a"}}));
  EXPECT_EQ(*read_copied_files("copy\nfile:///a\nfile:///b%20c"), both);
  EXPECT_EQ(*read_copied_files("cut\nfile:///a\n"), (FileList{true, {"/a"}}));
  EXPECT_FALSE(read_uri_list(""));
  EXPECT_FALSE(read_uri_list("http://x/y\r\n"));
  EXPECT_FALSE(read_copied_files("file:///a\n"));
  EXPECT_FALSE(read_copied_files("copy"));
  std::string many;
  for (std::size_t i = 0; i <= spice::most_listed_files; ++i) many += "file:/a\n";
  EXPECT_FALSE(read_uri_list(many));
}

TEST(UriList, IsWrittenAsProgramsRead) {
  const FileList list{true, {"/a", "/b c"}};
  EXPECT_EQ(write_uri_list(list), "file:///a\r\nfile:///b%20c\r\n");
  EXPECT_EQ(write_copied_files(list), "cut\nfile:///a\nfile:///b%20c");
}

}  // namespace
}  // namespace cassia::client
