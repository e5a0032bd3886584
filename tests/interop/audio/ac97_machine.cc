// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/audio/ac97_machine.h"

#include <regex>

#include "base/file.h"
#include "channels/audio/audio_format.h"
#include "protocol/wire/writer.h"

namespace cassia::test {
namespace {

// Where things lie in the machine's 64 MiB; its firmware uses none of this.
constexpr unsigned play_list = 0x0ff0000, record_list = 0x0ff1000;
constexpr unsigned play_samples = 0x1000000, record_samples = 0x2000000;
constexpr unsigned buffer_frames = 24000;  // half a second each
constexpr unsigned record_buffers = 16;

// Registers of the card.
constexpr unsigned master_volume = 0x02, pcm_volume = 0x18, record_gain = 0x1c;  // mixer
constexpr unsigned pcm_in = 0x00, pcm_out = 0x10;  // bus master, one box each
constexpr unsigned list_base = 0x00, last_valid = 0x05, control = 0x0b;

Bytes buffer_list(unsigned samples, unsigned count) {
  wire::Writer writer;
  for (unsigned i = 0; i < count; ++i) {
    writer.u32(samples + i * buffer_frames * 4);
    writer.u32(buffer_frames * 2);  // samples, not frames
  }
  return writer.take();
}

std::string loader(const std::filesystem::path& file, unsigned address) {
  return fmt::format("loader,file={},addr={:#x},force-raw=on", file.string(), address);
}

}  // namespace

Result<std::unique_ptr<Ac97Machine>> Ac97Machine::start(const Sound& sound, bool opus, bool dbus) {
  auto machine = std::make_unique<Ac97Machine>();
  const TemporaryFolder& folder = machine->folder_;
  machine->buffers_ = static_cast<unsigned>(sound.size() / 2 / buffer_frames);
  CASSIA_TRY(write_raw(folder / "sound", sound));
  CASSIA_TRY(write_file_atomically(folder / "play", buffer_list(play_samples, machine->buffers_)));
  CASSIA_TRY(write_file_atomically(folder / "record", buffer_list(record_samples, record_buffers)));
  const std::string qmp = folder / "qmp.sock";
  std::vector<std::string> command = {
      "qemu-system-x86_64",
      "-nodefaults",
      "-machine",
      "pc,accel=tcg",
      "-m",
      "64",
      "-vga",
      "std",
      "-qmp",
      "unix:" + qmp + ",server=on,wait=off",
      "-device",
      "AC97,audiodev=sound",
      "-chardev",
      fmt::format("file,id=firmware,path={}", (folder / "firmware").string()),
      "-device",
      "isa-debugcon,iobase=0x402,chardev=firmware",
      "-device",
      loader(folder / "sound", play_samples),
      "-device",
      loader(folder / "play", play_list),
      "-device",
      loader(folder / "record", record_list)};
  const std::vector<std::string> spice = {
      "-display",
      "none",
      "-audiodev",
      "spice,id=sound",
      "-spice",
      fmt::format("unix=on,addr={},disable-ticketing=on,playback-compression={}",
                  (folder / "spice.sock").string(), opus ? "on" : "off")};
  const std::vector<std::string> over_dbus = {
      "-display",  "dbus,p2p=on,audiodev=sound",
      "-audiodev", "dbus,id=sound,out.frequency=48000,in.frequency=48000",
      "-qmp",      "unix:" + machine->gateway_qmp() + ",server=on,wait=off"};
  const auto& more = dbus ? over_dbus : spice;
  command.insert(command.end(), more.begin(), more.end());
  machine->qemu_ = CASSIA_TRY(Process::start(std::move(command)));
  machine->qmp_ = CASSIA_TRY(QmpClient::connect(qmp));
  CASSIA_TRY(machine->find_card());
  return machine;
}

Result<std::string> Ac97Machine::monitor(const std::string& line) {
  const auto answer = CASSIA_TRY(qmp_->execute("human-monitor-command", {{"command-line", line}}));
  return answer.get<std::string>();
}

Result<void> Ac97Machine::out(int bits, unsigned port, unsigned value) {
  const char* size = bits == 8 ? "b" : bits == 16 ? "h" : "w";
  CASSIA_TRY(monitor(fmt::format("o /{} {:#x} {:#x}", size, port, value)));
  return {};
}

Result<void> Ac97Machine::find_card() {
  static const std::regex card(
      R"(device +(\d+), function 0:\s+Audio controller[^!]*?BAR0: I/O at 0x(\w+)[^!]*?BAR1: I/O at 0x(\w+))");
  std::smatch found;
  // The firmware gives it its ports. Only once it has given up to boot is it sure not to be in the
  // middle of a configuration cycle of its own, which ours would spoil.
  const bool idle = wait_until([&] {
    const auto said = read_file(folder_ / "firmware");
    return said && as_text(*said).find("No bootable device") != std::string_view::npos;
  });
  if (!idle) return fail(ErrorKind::timeout, "the firmware never came to its end");
  const std::string pci = CASSIA_TRY(monitor("info pci"));
  if (!std::regex_search(pci, found, card)) {
    return fail(ErrorKind::not_found, "no sound card: {}", pci);
  }
  const auto device = static_cast<unsigned>(std::stoul(found[1].str()));
  mixer_ = static_cast<unsigned>(std::stoul(found[2].str(), nullptr, 16));
  bus_master_ = static_cast<unsigned>(std::stoul(found[3].str(), nullptr, 16));
  // PCI command register: I/O, memory, bus master.
  CASSIA_TRY(out(32, 0xcf8, 0x80000004u | device << 11));
  CASSIA_TRY(out(16, 0xcfc, 7));
  CASSIA_TRY(out(16, mixer_ + master_volume, 0));
  CASSIA_TRY(out(16, mixer_ + record_gain, 0x0f0f));  // muted at reset
  return set_volume(0);
}

Result<void> Ac97Machine::set_volume(unsigned steps) {
  return out(16, mixer_ + pcm_volume, steps << 8 | steps);
}

Result<void> Ac97Machine::play() {
  CASSIA_TRY(out(32, bus_master_ + pcm_out + list_base, play_list));
  CASSIA_TRY(out(8, bus_master_ + pcm_out + last_valid, buffers_ - 1));
  return out(8, bus_master_ + pcm_out + control, 1);
}

Result<void> Ac97Machine::record() {
  CASSIA_TRY(out(32, bus_master_ + pcm_in + list_base, record_list));
  CASSIA_TRY(out(8, bus_master_ + pcm_in + last_valid, record_buffers - 1));
  return out(8, bus_master_ + pcm_in + control, 1);
}

Result<Sound> Ac97Machine::recorded() {
  const std::string file = folder_ / "recorded";
  CASSIA_TRY(qmp_->execute(
      "pmemsave",
      {{"val", record_samples}, {"size", record_buffers * buffer_frames * 4}, {"filename", file}}));
  return read_raw(file);
}

}  // namespace cassia::test
