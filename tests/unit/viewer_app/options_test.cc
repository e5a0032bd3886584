// SPDX-License-Identifier: Apache-2.0
#include "client/app/options.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cassia::client {
namespace {

using namespace std::chrono_literals;

Result<CommandLine> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "cassia-viewer");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

std::string error_of(const std::vector<const char*>& arguments) {
  const auto line = parse(arguments);
  return line ? std::string() : line.error().message();
}

TEST(ViewerOptions, Sound) {
  EXPECT_TRUE(parse({"spice://h:1"})->options->audio);
  EXPECT_FALSE(parse({"--no-audio", "spice://h:1"})->options->audio);
  const auto files = parse({"--audio-file", "a.wav", "--record-file", "b.wav", "spice://h:1"});
  ASSERT_TRUE(files) << files.error().message();
  EXPECT_EQ(files->options->audio_file, "a.wav");
  EXPECT_EQ(files->options->record_file, "b.wav");
  EXPECT_NE(error_of({"--no-audio", "--audio-file", "a.wav", "spice://h:1"}).find("--no-audio"),
            std::string::npos);
}

TEST(ViewerOptions, Volumes) {
  using channels::AudioVolume;
  const auto none = parse({"spice://h:1"});
  EXPECT_FALSE(none->options->session.playback_volume);
  EXPECT_FALSE(none->options->session.record_volume);
  const auto both = parse({"--volume", "50", "--mic-volume", "mute", "spice://h:1"});
  ASSERT_TRUE(both) << both.error().message();
  EXPECT_EQ(both->options->session.playback_volume, (AudioVolume{{32767, 32767}, false}));
  EXPECT_EQ(both->options->session.record_volume, (AudioVolume{{65535, 65535}, true}));
  for (const char* bad : {"101", "-1", "loud", "50%", "4294967297"}) {
    EXPECT_NE(error_of({"--volume", bad, "spice://h:1"}).find("--volume"), std::string::npos)
        << bad;
  }
}

TEST(ViewerOptions, WhatTheGuestShallLeaveOut) {
  EXPECT_EQ(parse({"spice://h:1"})->options->session.guest_look, spice::AgentDisplayConfig{});
  const auto all = parse({"--disable-effects", "all", "--color-depth", "16", "spice://h:1"});
  ASSERT_TRUE(all) << all.error().message();
  EXPECT_EQ(all->options->session.guest_look, (spice::AgentDisplayConfig{15, 16}));
  const auto two = parse({"--disable-effects", "wallpaper,animation", "spice://h:1"});
  ASSERT_TRUE(two) << two.error().message();
  EXPECT_EQ(two->options->session.guest_look, (spice::AgentDisplayConfig{5, 0}));
  EXPECT_NE(error_of({"--disable-effects", "glass", "spice://h:1"}).find("glass"),
            std::string::npos);
  EXPECT_NE(error_of({"--color-depth", "24", "spice://h:1"}).find("--color-depth"),
            std::string::npos);
}

TEST(ViewerOptions, HeadlessWithEverything) {
  const auto line =
      parse({"--headless", "--settle", "250", "--duration", "1.5", "--type", "ls\\n", "--renderer",
             "gl", "--screenshot", "a.png", "--stats", "a.json", "spice+unix:///run/vm.sock"});
  ASSERT_TRUE(line) << line.error().message();
  const ViewerOptions& options = *line->options;
  EXPECT_TRUE(options.headless);
  EXPECT_EQ(options.settle, Duration(250ms));
  EXPECT_EQ(options.duration, Duration(1500ms));
  EXPECT_EQ(options.type.size(), 3u);
  EXPECT_EQ(options.renderer, RendererChoice::gl);
  EXPECT_EQ(options.session.address.path, "/run/vm.sock");
  EXPECT_FALSE(options.session.reconnect);
  EXPECT_FALSE(options.session.storage);
}

TEST(ViewerOptions, AWindowReconnectsAndLooksForTheStorageChannel) {
  const auto line = parse({"spice://127.0.0.1:5999"});
  ASSERT_TRUE(line) << line.error().message();
  EXPECT_TRUE(line->options->session.reconnect);
  EXPECT_TRUE(line->options->session.storage);
  EXPECT_EQ(line->options->renderer, RendererChoice::automatic);
}

TEST(ViewerOptions, DecodingThreadsAreCounted) {
  EXPECT_FALSE(parse({"spice://h:1"})->options->session.decode_threads);
  EXPECT_EQ(parse({"--decode-threads", "0", "spice://h:1"})->options->session.decode_threads, 0u);
  EXPECT_EQ(parse({"--decode-threads", "3", "spice://h:1"})->options->session.decode_threads, 3u);
  EXPECT_NE(error_of({"--decode-threads", "257", "spice://h:1"}), "");
}

TEST(ViewerOptions, WhichProgramIsNeededIsSaidByTheArgumentsAlone) {
  const auto full = [](std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "cassia-viewer");
    return needs_full_viewer(static_cast<int>(arguments.size()), arguments.data());
  };
  const auto path = std::filesystem::temp_directory_path() /
                    ("cassia-once-" + std::to_string(::getpid()) + ".vv");
  std::ofstream(path) << "[virt-viewer]\ntype=spice\nhost=h\nport=1\ndelete-this-file=1\n";
  EXPECT_TRUE(full({path.c_str()}));
  EXPECT_FALSE(full({"--headless", path.c_str()}));
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(parse({path.c_str()}));
  EXPECT_FALSE(std::filesystem::exists(path));  // the program that stays reads it, once
  for (const char* option : {"--panel", "--smartcard"}) {
    EXPECT_TRUE(full({"--headless", option, "spice://h:1"})) << option;
  }
  EXPECT_TRUE(full({"--headless", "--renderer", "gl", "spice://h:1"}));
  EXPECT_TRUE(full({"--headless", "--share-folder", "/", "spice://h:1"}));
  EXPECT_FALSE(full({"--help"}));
  EXPECT_FALSE(full({"--nonsense"}));
}

TEST(ViewerOptions, ThePasswordIsTheFilesFirstLine) {
  const auto path =
      std::filesystem::temp_directory_path() / ("cassia-password-" + std::to_string(::getpid()));
  std::ofstream(path) << "secret word\r\nmore\n";
  const auto line = parse({"--password-file", path.c_str(), "spice://h:1"});
  std::filesystem::remove(path);
  ASSERT_TRUE(line) << line.error().message();
  EXPECT_EQ(line->options->session.password, "secret word");
  EXPECT_NE(error_of({"--password-file", path.c_str(), "spice://h:1"}).find(path.string()),
            std::string::npos);
}

TEST(ViewerOptions, SaysWhatIsWrong) {
  EXPECT_NE(error_of({}).find("URI"), std::string::npos);
  EXPECT_NE(error_of({"http://h"}).find("http"), std::string::npos);
  EXPECT_NE(error_of({"--renderer", "vulkan", "spice://h"}).find("vulkan"), std::string::npos);
  EXPECT_EQ(error_of({"--settle", "5", "spice://h"}), "--settle needs --headless");
  EXPECT_NE(error_of({"--headless", "--type", "\xc3\xa9", "spice://h"}).find("US keyboard"),
            std::string::npos);
  for (const auto& arguments :
       std::vector<std::vector<const char*>>{{}, {"--nonsense", "spice://h"}}) {
    EXPECT_EQ(exit_code(parse(arguments).error()), 2);
  }
}

TEST(ViewerOptions, HelpAndVersionAreTexts) {
  const auto help = parse({"--help"});
  ASSERT_TRUE(help);
  EXPECT_FALSE(help->options);
  EXPECT_NE(help->text.find("--screenshot"), std::string::npos);
  const auto version = parse({"--version"});
  ASSERT_TRUE(version);
  EXPECT_EQ(version->text.find("cassia-viewer "), 0u);
}

}  // namespace
}  // namespace cassia::client
