// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/dbus/dbus_machine.h"

#include <algorithm>

#include "base/file.h"

namespace cassia::test {

namespace {

std::size_t lit_bytes(const Result<Picture>& screen) {
  if (!screen) return 0;
  const auto& rgb = screen->rgb;
  return rgb.size() - static_cast<std::size_t>(std::count(rgb.begin(), rgb.end(), 0));
}

}  // namespace

Result<std::unique_ptr<DbusMachine>> DbusMachine::start(std::vector<std::string> more,
                                                        const std::string& boot) {
  auto machine = std::make_unique<DbusMachine>();
  const TemporaryFolder& folder = machine->folder_;
  auto& command = machine->command_;
  command = {"qemu-system-x86_64",
             "-nodefaults",
             "-machine",
             "pc,accel=tcg",
             "-m",
             "64",
             "-name",
             "dbus-machine",
             "-uuid",
             "00112233-4455-6677-8899-aabbccddeeff"};
  command.insert(command.end(), more.begin(), more.end());
  for (const char* socket : {"qmp.sock", "qmp-test.sock"}) {
    command.push_back("-qmp");
    command.push_back("unix:" + (folder / socket).string() + ",server=on,wait=off");
  }
  command.insert(command.end(), {"-D", folder / "trace"});
  command.insert(command.end(), {"-debugcon", "file:" + (folder / "debug").string()});
  if (!boot.empty()) {
    CASSIA_TRY(write_file_atomically(folder / "boot", to_bytes(boot)));
    command.push_back("-drive");
    command.push_back("format=raw,file=" + (folder / "boot").string());
  }
  CASSIA_TRY(machine->restart());
  return machine;
}

Result<void> DbusMachine::restart() {
  qemu_ = CASSIA_TRY(Process::start(command_));
  qmp_ = CASSIA_TRY(QmpClient::connect(folder_ / "qmp-test.sock"));
  return {};
}

void DbusMachine::stop() {
  qmp_.reset();
  qemu_.reset();
}

std::string DbusMachine::trace() const {
  const auto text = read_file(folder_ / "trace");
  return text ? std::string(as_text(*text)) : std::string();
}

bool DbusMachine::listens_to_keys() const {
  const auto text = read_file(folder_ / "debug");
  return text && as_text(*text) == "R";
}

Result<std::string> DbusMachine::monitor(const std::string& line) {
  const auto answer = CASSIA_TRY(qmp_->execute("human-monitor-command", {{"command-line", line}}));
  return answer.get<std::string>();
}

Result<Picture> DbusMachine::freeze() {
  constexpr std::size_t cursor = 300;  // the blinking one, which is no news
  std::size_t before = 0;
  int calm = 0;
  const bool ended = wait_until([&] {
    const std::size_t now = lit_bytes(qmp_->screendump());
    const bool same = now > 3000 && now + cursor > before && now < before + cursor;
    calm = same ? calm + 1 : 0;
    before = now;
    return calm >= 20;
  });
  if (!ended) return fail(ErrorKind::timeout, "the screen does not come to rest");
  CASSIA_TRY(qmp_->execute("stop"));
  return qmp_->steady_screen();
}

std::string typewriter() {
  // Hide the cursor, which blinks: mov ah, 1; mov cx, 2607h; int 10h
  std::string code = {'\xb4', '\x01', '\xb9', '\x07', '\x26', '\xcd', '\x10',
                      // Say that we are here: mov al, 'R'; out 0xe9, al
                      '\xb0', 'R', '\xe6', '\xe9'};
  // Wait for a key, show it: mov ah, 0; int 16h; mov ah, 0eh; int 10h; again
  for (const char byte : {'\xb4', '\x00', '\xcd', '\x16', '\xb4', '\x0e', '\xcd', '\x10'}) {
    code += byte;
  }
  code += "\xeb\xf6";
  code.resize(510);
  code += "\x55\xaa";
  code.resize(1 << 20);
  return code;
}

}  // namespace cassia::test
