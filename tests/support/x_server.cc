// SPDX-License-Identifier: Apache-2.0
#include "tests/support/x_server.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/file.h"

namespace cassia::test {
namespace {

/// An Xorg configuration for the spiceqxl driver. Without the three buffer sizes the driver of
/// Debian 12 gives its memory the size 0, and Xorg aborts.
constexpr const char* xspice_configuration = R"(
Section "Device"
  Identifier "device"
  Driver "spiceqxl"
  Option "SpiceAddr" "127.0.0.1"
  Option "SpiceIPV4Only" "True"
  Option "NumHeads" "1"
  Option "SurfaceBufferSize" "128"
  Option "CommandBufferSize" "128"
  Option "FrameBufferSize" "16"
EndSection
Section "InputDevice"
  Identifier "pointer"
  Driver "xspice pointer"
EndSection
Section "InputDevice"
  Identifier "keyboard"
  Driver "xspice keyboard"
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 20-300
  VertRefresh 20-200
EndSection
Section "Screen"
  Identifier "screen"
  Monitor "monitor"
  Device "device"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "{0}x{1}"
    Virtual {0} {1}
  EndSubSection
EndSection
Section "ServerLayout"
  Identifier "layout"
  Screen "screen"
  InputDevice "keyboard"
  InputDevice "pointer"
EndSection
Section "ServerFlags"
  Option "AutoAddDevices" "False"
EndSection
)";

/// The display number that an X server writes to its -displayfd once it is ready.
Result<std::string> read_display(int fd, const Process& server) {
  std::string number;
  pollfd readable{fd, POLLIN, 0};
  while (number.find('\n') == std::string::npos) {
    char chunk[32];
    if (::poll(&readable, 1, 30000) <= 0) break;
    const ssize_t n = ::read(fd, chunk, sizeof chunk);
    if (n <= 0) break;
    number.append(chunk, static_cast<std::size_t>(n));
  }
  if (number.empty() || number.back() != '\n') {
    return fail(ErrorKind::closed, "the X server did not start: {}{}", server.output(),
                server.errors());
  }
  number.pop_back();
  return ":" + number;
}

}  // namespace

Result<void> XServer::launch(std::vector<std::string> command,
                             std::vector<std::string> environment) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_errno(errno, "pipe");
  FileDescriptor reader(ends[0]), writer(ends[1]);
  command.insert(command.end(),
                 {"-displayfd", std::to_string(writer.get()), "-nolisten", "tcp", "-noreset"});
  process_ = CASSIA_TRY(Process::start(
      std::move(command), {.environment = std::move(environment), .inherit = {writer.get()}}));
  writer.reset();
  display_ = CASSIA_TRY(read_display(reader.get(), *process_));
  return {};
}

Result<std::unique_ptr<XServer>> XServer::start_xvfb(int width, int height) {
  std::unique_ptr<XServer> server(new XServer);
  CASSIA_TRY(server->launch({"Xvfb", "-screen", "0", fmt::format("{}x{}x24", width, height)}, {}));
  return server;
}

Result<std::unique_ptr<XServer>> XServer::start_xspice(int width, int height,
                                                       std::vector<std::string> environment) {
  std::unique_ptr<XServer> server(new XServer);
  server->spice_port_ = CASSIA_TRY(free_port());
  const auto configuration = server->folder_ / "xorg.conf";
  CASSIA_TRY(write_file_atomically(
      configuration, as_bytes(fmt::format(fmt::runtime(xspice_configuration), width, height))));
  // What the Xspice script does: options become variables, then it becomes Xorg.
  environment.push_back("XSPICE_PORT=" + std::to_string(server->spice_port_));
  environment.push_back("XSPICE_DISABLE_TICKETING=1");
  CASSIA_TRY(server->launch(
      // No pointer: the driver paints monochrome ones into the frame buffer, where xwd hides them.
      {"/usr/lib/xorg/Xorg", "-config", configuration, "-logfile", server->folder_ / "xorg.log",
       "-nocursor"},
      std::move(environment)));
  return server;
}

Result<Picture> XServer::screen() const {
  std::string dump = CASSIA_TRY(ask({"xwd", "-root", "-silent"}));
  return parse_picture(std::move(dump), "xwd of " + display_);
}

Result<Picture> XServer::steady_screen(Timeout limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  Picture seen = CASSIA_TRY(screen());
  for (int same = 0; same < 10;) {
    if (std::chrono::steady_clock::now() > deadline) {
      return fail(ErrorKind::timeout, "{} still changes after {} ms", display_, limit.count());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    Picture now = CASSIA_TRY(screen());
    same = now == seen ? same + 1 : 0;
    seen = std::move(now);
  }
  return seen;
}

Result<Process> XServer::client(std::vector<std::string> command) const {
  return Process::start(std::move(command), {.environment = {environment()}});
}

Result<std::string> XServer::ask(std::vector<std::string> command, Timeout limit) const {
  const std::string name = command.empty() ? "" : command[0];
  Finished finished = CASSIA_TRY(run(std::move(command), {.environment = {environment()}}, limit));
  if (finished.status != 0) {
    return fail(ErrorKind::io, "{} ended with {}: {}", name, finished.status, finished.errors);
  }
  return std::move(finished.output);
}

}  // namespace cassia::test
