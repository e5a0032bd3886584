// SPDX-License-Identifier: Apache-2.0
#include "tests/support/qemu_guest.h"

#include <gtest/gtest.h>

#include <regex>

#include "base/file.h"
#include "tests/support/paths.h"

namespace cassia::test {
namespace {

std::vector<std::string> command_line(const GuestOptions& options,
                                      const std::filesystem::path& folder) {
  std::vector<std::string> command = {source("scripts/guest/run-qemu"),
                                      "exec",
                                      folder,
                                      "--vga",
                                      options.vga,
                                      "--machine",
                                      options.machine,
                                      "--mode",
                                      options.mode};
  auto add = [&](std::initializer_list<std::string> words) {
    command.insert(command.end(), words);
  };
  if (options.text) add({"--text"});
  if (!options.vesa_mode.empty()) add({"--vga-mode", options.vesa_mode});
  if (options.scsi) add({"--scsi"});
  if (options.mouse) add({"--mouse"});
  if (options.port) add({"--port", std::to_string(options.port)});
  if (!options.spice.empty()) add({"--spice", options.spice});
  if (options.root_ports) add({"--root-ports", std::to_string(*options.root_ports)});
  add({"--"});
  command.insert(command.end(), options.qemu.begin(), options.qemu.end());
  return command;
}

/// Holds the shared guests of a test program and ends them with its last test.
class SharedGuests : public ::testing::Environment {
 public:
  static SharedGuests& get() {
    static auto* guests =
        static_cast<SharedGuests*>(::testing::AddGlobalTestEnvironment(new SharedGuests));
    return *guests;
  }

  Result<QemuGuest*> find_or_start(const GuestOptions& options) {
    for (auto& [key, guest] : guests_) {
      if (key == options && guest->qemu().running()) return guest.get();
    }
    auto guest = CASSIA_TRY(QemuGuest::start(options));
    guests_.emplace_back(options, std::move(guest));
    return guests_.back().second.get();
  }

  void TearDown() override { guests_.clear(); }

 private:
  std::vector<std::pair<GuestOptions, std::unique_ptr<QemuGuest>>> guests_;
};

// An environment must be known before the tests run for its end to be called.
[[maybe_unused]] SharedGuests& registered = SharedGuests::get();

}  // namespace

Result<std::unique_ptr<QemuGuest>> QemuGuest::start(GuestOptions options) {
  std::unique_ptr<QemuGuest> guest(new QemuGuest(std::move(options)));
  CASSIA_TRY(guest->boot());
  return guest;
}

Result<QemuGuest*> QemuGuest::shared(const GuestOptions& options) {
  return SharedGuests::get().find_or_start(options);
}

Result<void> QemuGuest::boot() {
  stop();
  // Not part of the boot: building the guest once, which may download the kernel.
  const Finished built =
      CASSIA_TRY(run({source("scripts/guest/build")}, {}, std::chrono::minutes(5)));
  if (built.status != 0) return fail(ErrorKind::not_found, "no guest: {}", built.errors);
  const Finished accelerator =
      CASSIA_TRY(run({source("scripts/guest/accelerator")}, {}, std::chrono::minutes(1)));
  if (accelerator.status != 0) return fail(ErrorKind::io, "no accelerator: {}", accelerator.errors);

  qemu_ = CASSIA_TRY(Process::start(command_line(options_, folder_.path())));
  CASSIA_TRY(wait_serial("CASSIA-READY", 0, std::chrono::minutes(2)));
  qmp_ = CASSIA_TRY(QmpClient::connect(folder_ / "qmp-test.sock"));
  return {};
}

void QemuGuest::stop() {
  qmp_.reset();
  qemu_.reset();
  std::error_code ignored;
  std::filesystem::remove(folder_ / "serial.log", ignored);
}

std::string QemuGuest::uri() const {
  if (options_.port) return "spice://127.0.0.1:" + std::to_string(options_.port);
  return "spice+unix://" + spice_socket().string();
}

std::string QemuGuest::serial() const {
  const auto log = read_file(folder_ / "serial.log");
  return log ? std::string(log->begin(), log->end()) : std::string();
}

Result<std::string> QemuGuest::wait_serial(const std::string& regex, std::size_t from,
                                           Timeout limit) {
  const std::regex wanted(regex);
  std::smatch match;
  std::string said;
  wait_until(
      [&] {
        const bool alive = qemu_ && qemu_->running();
        said = serial();
        if (said.size() < from) return !alive;
        said.erase(0, from);
        return std::regex_search(said, match, wanted) || !alive;
      },
      limit);
  if (!match.empty()) return match.str();
  return fail(ErrorKind::timeout, "the guest never said {}; it said \"{}\"; QEMU said \"{}\"",
              regex, said, qemu_ ? qemu_->errors() : "nothing");
}

}  // namespace cassia::test
