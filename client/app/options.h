// SPDX-License-Identifier: Apache-2.0
#pragma once

// What cassia-viewer was asked to do.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "client/input/typing.h"
#include "client/session/session.h"

namespace cassia::client {

enum class RendererChoice { automatic, gl, cairo };

struct ViewerOptions {
  SessionOptions session;
  std::string title;  ///< of a .vv file; empty: the guest's name
  RendererChoice renderer = RendererChoice::automatic;
  bool headless = false;
  bool fullscreen = false;
  bool panel = false;        ///< the storage console is open from the start
  bool cursor = false;       ///< the guest's pointer is part of the screenshot
  bool resize_guest = true;  ///< the guest's screen follows the window's size
  bool hotkeys = true;       ///< F11 and F12 are the viewer's
  std::string screenshot;    ///< PNG file; empty: none
  std::string stats;         ///< JSON file; empty: none
  bool audio = true;         ///< devices, where no files are named; headless: files only
  std::string audio_file;    ///< WAV that gets the guest's sound; empty: none
  std::string record_file;   ///< WAV that is the microphone; empty: none
  std::optional<Duration> settle;
  std::optional<Duration> duration;
  Duration timeout = std::chrono::seconds(30);  ///< for the first picture
  std::vector<KeyStroke> type;
};

struct CommandLine {
  std::optional<ViewerOptions> options;
  /// Without options: --help or --version, to be printed on standard output.
  std::string text;
};

/// True if the arguments ask for a window, OpenGL, the panel or devices of this machine: for
/// cassia-viewer-full. Only looks at the arguments: what parse_command_line() reads may be a pipe,
/// or a file that is to be read once. False for arguments that are wrong.
bool needs_full_viewer(int argc, const char* const* argv);

/// Reads files that the options name (password, .vv). Errors are invalid_argument (usage) or say
/// which file could not be read.
Result<CommandLine> parse_command_line(int argc, const char* const* argv);

}  // namespace cassia::client
