// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/viewer/bios_machine.h"

#include <algorithm>

namespace cassia::test {
namespace {
std::size_t lit_bytes(const Result<Picture>& screen) {
  if (!screen) return 0;
  const auto& rgb = screen->rgb;
  return rgb.size() - static_cast<std::size_t>(std::count(rgb.begin(), rgb.end(), 0));
}
}  // namespace

Result<std::unique_ptr<BiosMachine>> BiosMachine::start(const std::string& vga,
                                                        const std::string& spice) {
  auto machine = std::make_unique<BiosMachine>();
  const std::string qmp = machine->folder_ / "qmp.sock";
  machine->qemu_ = CASSIA_TRY(
      Process::start({"qemu-system-x86_64", "-nodefaults", "-machine", "pc,accel=tcg", "-m", "64",
                      "-name", "bios-machine", "-display", "none", "-vga", vga, "-spice",
                      "unix=on,addr=" + (machine->folder_ / "spice.sock").string() + "," + spice,
                      "-qmp", "unix:" + qmp + ",server=on,wait=off"}));
  machine->qmp_ = CASSIA_TRY(QmpClient::connect(qmp));
  // The firmware has written its lines once the picture holds something besides the cursor.
  const auto wrote = [&] {
    const auto screen = machine->qmp_->screendump();
    if (!screen || screen->colours() < 2) return false;
    // Before that QEMU shows a sentence of its own, on 640x480; text mode is 720x400.
    if (screen->width != 720 || screen->height != 400) return false;
    return lit_bytes(screen) > 3000;
  };
  if (!wait_until(wrote)) return fail(ErrorKind::timeout, "the firmware shows nothing");
  return machine;
}

Result<Picture> BiosMachine::freeze() {
  // First let the firmware come to its end: what it writes in the instant of the stop reaches the
  // screendump, but QEMU sends no more of it to SPICE. The blinking cursor is not writing.
  constexpr std::size_t cursor = 300;
  std::size_t before = 0;
  int calm = 0;
  const bool ended = wait_until([&] {
    const std::size_t now = lit_bytes(qmp_->screendump());
    calm = now + cursor > before && now < before + cursor ? calm + 1 : 0;
    before = now;
    return calm >= 20;
  });
  if (!ended) return fail(ErrorKind::timeout, "the firmware does not come to an end");
  CASSIA_TRY(qmp_->execute("stop"));
  return qmp_->steady_screen();
}

}  // namespace cassia::test
