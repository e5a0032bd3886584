// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/viewer/bios_machine.h"

namespace cassia::test {

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
    std::size_t lit = 0;
    for (const std::uint8_t byte : screen->rgb) lit += byte != 0;
    return lit > 3000;
  };
  if (!wait_until(wrote)) return fail(ErrorKind::timeout, "the firmware shows nothing");
  return machine;
}

Result<Picture> BiosMachine::freeze() {
  CASSIA_TRY(qmp_->execute("stop"));
  return qmp_->steady_screen();
}

}  // namespace cassia::test
