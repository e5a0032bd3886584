// SPDX-License-Identifier: Apache-2.0
// The clipboards of a desktop and of the demo guest, joined by cassia-viewer's window: what xclip
// puts in on one side is what it gets out again after the guest has had it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/interop/window/desk.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Bytes noise(std::size_t size, std::uint32_t state) {
  Bytes data(size);
  for (auto& byte : data)
    byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return data;
}

class ClipboardWindow : public ::testing::Test {
 protected:
  void open(const std::vector<std::string>& viewer_options = {}) {
    auto gateway = Gateway::start({"--demo", "--demo-clock", "12:00:00"});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
    auto desk = Desk::open(gateway_->uri(), 1024, 768, viewer_options);
    ASSERT_TRUE(desk) << desk.error().message();
    desk_ = std::move(*desk);
  }
  std::string file(const std::string& name, ByteView contents) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, contents));
    return folder_ / name;
  }
  /// The demo's terminal: its `copy` offers again what the guest's clipboard holds.
  void guest_types(const std::string& line) {
    ASSERT_TRUE(desk_->type(line));
    ASSERT_TRUE(desk_->press("Return"));
  }
  bool guest_holds(const std::string& what) {
    return gateway_->process().wait_for_text("the clipboard holds " + what).has_value();
  }
  std::string said() { return gateway_->process().errors() + desk_->viewer().errors(); }

  TemporaryFolder folder_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Desk> desk_;
};

TEST_F(ClipboardWindow, PicturesGoBothWays) {
  ASSERT_NO_FATAL_FAILURE(open());
  const struct {
    std::string target, kind;
    std::size_t size;
  } pictures[] = {{"image/png", "a PNG picture", 3000001},  // in pieces, both ways
                  {"image/bmp", "a BMP picture", 300},
                  {"image/tiff", "a TIFF picture", 70000},
                  {"image/jpeg", "a JPEG picture", 1200000}};
  for (const auto& picture : pictures) {
    const Bytes pixels = noise(picture.size, static_cast<std::uint32_t>(picture.size));
    ASSERT_TRUE(desk_->copy_file("clipboard", picture.target, file("picture", pixels)));
    ASSERT_TRUE(guest_holds(fmt::format("{}, {} bytes", picture.kind, picture.size))) << said();
    guest_types("copy");
    for (const std::string selection : {"primary", "clipboard"}) {
      ASSERT_TRUE(wait_until([&] {
        return desk_->paste(selection, "TARGETS").find(picture.target) != std::string::npos &&
               desk_->paste(selection, "TARGETS").find("TIMESTAMP") != std::string::npos;
      })) << said();
      EXPECT_EQ(desk_->paste(selection, picture.target), as_text(pixels)) << picture.target;
      EXPECT_THAT(desk_->paste(selection, "TARGETS"), Not(HasSubstr("STRING")));
    }
  }
  EXPECT_TRUE(desk_->viewer().running());
}

TEST_F(ClipboardWindow, TextComesInTheFormThatAProgramAsksFor) {
  ASSERT_NO_FATAL_FAILURE(open());
  ASSERT_TRUE(desk_->copy("clipboard", "na\u00efve"));
  ASSERT_TRUE(guest_holds("text, 6 bytes")) << said();
  guest_types("copy");
  ASSERT_TRUE(wait_until([&] { return desk_->paste("primary") == "na\u00efve"; })) << said();
  EXPECT_EQ(desk_->paste("primary", "text/plain;charset=utf-8"), "na\u00efve");
  EXPECT_EQ(desk_->paste("primary", "STRING"), "na\xefve");  // Latin-1
  EXPECT_EQ(desk_->paste("primary", "image/png"), "");
}

TEST_F(ClipboardWindow, FilesGoBothWays) {
  std::filesystem::create_directory(folder_ / "shared");
  const std::string inside = file("shared/in side.txt", as_bytes("inside")),
                    outside = file("out.txt", as_bytes("outside"));
  ASSERT_NO_FATAL_FAILURE(open({"--share-folder", folder_ / "shared"}));
  ASSERT_TRUE(gateway_->process().wait_for_text("the viewer shares")) << said();
  const std::string escaped = folder_.path().string() + "/shared/in%20side.txt";
  const std::string uris = "file://" + escaped + "\r\nfile://" + outside + "\r\n";
  ASSERT_TRUE(desk_->copy_file("clipboard", "text/uri-list", file("list", as_bytes(uris))));
  // By their places in the folder: /in side.txt, and one of a folder with a name of 36 letters.
  const std::size_t size = std::string("copy|/in side.txt|/.spice-clipboard/").size() + 36 +
                           std::string("/out.txt|").size();
  ASSERT_TRUE(guest_holds(fmt::format("a list of files, {} bytes", size))) << said();
  guest_types("copy");
  ASSERT_TRUE(wait_until([&] { return desk_->paste("primary", "text/uri-list") == uris; }))
      << desk_->paste("primary", "text/uri-list") << said();
  EXPECT_EQ(desk_->paste("clipboard", "x-special/gnome-copied-files"),
            "copy\nfile://" + escaped + "\nfile://" + outside);
  // Files that are cut are to be moved.
  ASSERT_TRUE(desk_->copy_file("clipboard", "x-special/gnome-copied-files",
                               file("list", as_bytes("cut\nfile://" + escaped))));
  ASSERT_TRUE(guest_holds("a list of files, 17 bytes")) << said();
  guest_types("copy");
  ASSERT_TRUE(wait_until([&] {
    return desk_->paste("primary", "x-special/gnome-copied-files") == "cut\nfile://" + escaped;
  })) << said();
}

TEST_F(ClipboardWindow, WhatIsTooLargeStaysHere) {
  ASSERT_NO_FATAL_FAILURE(open());
  ASSERT_TRUE(desk_->copy_file("clipboard", "image/png", file("large", Bytes((32u << 20) + 1))));
  ASSERT_TRUE(desk_->viewer().wait_for_text("too large for the guest's clipboard")) << said();
  ASSERT_TRUE(desk_->copy("clipboard", "small"));
  EXPECT_TRUE(guest_holds("text, 5 bytes")) << said();
}

TEST_F(ClipboardWindow, NothingIsSharedIfNotWanted) {
  ASSERT_NO_FATAL_FAILURE(open({"--no-clipboard"}));
  ASSERT_TRUE(desk_->copy("clipboard", "private"));
  guest_types("copy of the guest");
  // The guest has taken the clipboard when another viewer hears of it.
  const auto other = run({program("spice_gtk_agent"), gateway_->uri(), "wait=grab 0 1"});
  ASSERT_TRUE(other && other->status == 0) << said();
  guest_types("help");
  EXPECT_EQ(desk_->paste("clipboard"), "private");
  EXPECT_THAT(gateway_->process().errors(), Not(HasSubstr("the clipboard holds")));
}

}  // namespace
}  // namespace cassia::test
