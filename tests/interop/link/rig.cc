// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/link/rig.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>

#include "base/file.h"
#include "net/self_signed.h"
#include "tests/support/paths.h"

namespace cassia::test {

Credentials::Credentials() : path_(folder_.path().string()) {
  const auto pair = net::make_self_signed("127.0.0.1");
  if (!pair) return;  // what needs it fails by name
  for (const char* name : {"server-cert.pem", "ca-cert.pem"}) {
    (void)write_file_atomically(folder_ / name, as_bytes(pair->certificate));
  }
  (void)write_file_atomically(folder_ / "server-key.pem", as_bytes(pair->key), 0600);
}

std::string Credentials::users(const std::string& realm) {
  const std::string file = folder_ / ("users-" + realm + ".db");
  std::vector<std::string> command = {"/usr/sbin/saslpasswd2", "-p", "-c", "-f", file};
  if (!realm.empty()) command.insert(command.end(), {"-u", realm});
  command.emplace_back("alice");
  ProcessOptions options;
  options.input = "pencil";
  const auto made = run(std::move(command), options);
  EXPECT_TRUE(made && made->status == 0) << (made ? made->errors : made.error().message());
  return file;
}

std::string Credentials::file(const std::string& name, const std::string& line) {
  const std::string path = folder_ / name;
  std::ofstream(path) << line << "\n";
  return path;
}

Result<std::unique_ptr<DemoServer>> DemoServer::start(const Credentials& credentials,
                                                      std::vector<std::string> arguments) {
  auto server = std::make_unique<DemoServer>();
  const auto& folder = server->folder_;
  std::vector<std::string> command = {program("cassia-gateway"),
                                      "--demo",
                                      "--listen",
                                      "127.0.0.1:0",
                                      "--tls-listen",
                                      "127.0.0.1:0",
                                      "--listen",
                                      "unix:" + (folder / "gw.sock").string(),
                                      "--tls-cert",
                                      credentials.certificate(),
                                      "--tls-key",
                                      credentials.key(),
                                      "--print-ready",
                                      "--demo-clock",
                                      "12:34:56",
                                      "--debug-picture",
                                      folder / "picture.ppm"};
  const auto has = [&](const char* flag) {
    return std::find(arguments.begin(), arguments.end(), flag) != arguments.end();
  };
  if (!has("--password-file") && !has("--sasl-db")) command.emplace_back("--no-auth");
  command.insert(command.end(), arguments.begin(), arguments.end());
  server->process_ = CASSIA_TRY(Process::start(std::move(command)));
  // Plain listeners come first, in the order of the command line.
  CASSIA_TRY(server->process_->wait_for_text("READY unix:"));
  const std::regex line("READY 127\\.0\\.0\\.1:([0-9]+)\n");
  const auto ports = [&] {
    const std::string said = server->process_->output();
    std::vector<std::uint16_t> out;
    for (std::sregex_iterator at(said.begin(), said.end(), line), end; at != end; ++at) {
      out.push_back(static_cast<std::uint16_t>(std::stoi((*at)[1].str())));
    }
    return out;
  };
  if (!wait_until([&] { return ports().size() == 2; })) {
    return fail(ErrorKind::io, "the gateway names no two ports: {}", server->process_->output());
  }
  server->port_ = ports()[0];
  server->tls_port_ = ports()[1];
  return server;
}

std::string DemoServer::both() const {
  return fmt::format("spice://127.0.0.1?port={}&tls-port={}", port_, tls_port_);
}

Result<Picture> DemoServer::authoritative() {
  const std::filesystem::path file = folder_ / "picture.ppm";
  std::filesystem::remove(file);
  process_->signal(SIGUSR1);
  if (!wait_until([&] { return std::filesystem::exists(file); })) {
    return fail(ErrorKind::timeout, "the gateway writes no picture");
  }
  return load_picture(file);
}

Result<std::unique_ptr<StoppedQemu>> StoppedQemu::start(const Credentials& credentials,
                                                        const Options& options) {
  auto qemu = std::make_unique<StoppedQemu>();
  qemu->port_ = CASSIA_TRY(free_port());
  std::string spice = fmt::format("addr=127.0.0.1,port={}", qemu->port_);
  if (!options.spice.empty()) spice += "," + options.spice;
  if (options.tls) {
    qemu->tls_port_ = CASSIA_TRY(free_port());
    spice += fmt::format(",tls-port={},x509-dir={}", qemu->tls_port_, credentials.folder());
    // The stock client begins at the plain port if it knows one, and gives up where SASL has
    // nothing to offer there.
    qemu->screen_uri_ = options.sasl_users.empty() ? qemu->both() : qemu->tls();
  }
  ProcessOptions how;
  if (!options.sasl_users.empty()) {
    std::ofstream(qemu->folder_ / "qemu.conf")
        << "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: " << options.sasl_users
        << "\nmech_list: " << options.sasl_mechanisms << "\n";
    how.environment = {"SASL_CONF_PATH=" + qemu->folder_.path().string()};
    spice += ",sasl=on";
  }
  const std::string qmp = qemu->folder_ / "qmp.sock";
  qemu->process_ =
      CASSIA_TRY(Process::start({"qemu-system-x86_64", "-nodefaults", "-machine", "pc,accel=tcg",
                                 "-m", "16", "-S", "-display", "none", "-vga", "std", "-spice",
                                 spice, "-qmp", "unix:" + qmp + ",server=on,wait=off"},
                                how));
  qemu->qmp_ = CASSIA_TRY(QmpClient::connect(qmp));
  return qemu;
}

Result<Picture> StoppedQemu::screen(std::vector<std::string> arguments) const {
  GtkClientResult seen =
      CASSIA_TRY(gtk_client(screen_uri_.empty() ? plain() : screen_uri_, std::move(arguments)));
  if (seen.status == GtkStatus::complete) return std::move(seen.picture);
  return fail(ErrorKind::io, "the stock client sees nothing: {}{}", seen.output, seen.errors);
}

std::string StoppedQemu::both() const {
  return fmt::format("spice://127.0.0.1?port={}&tls-port={}", port_, tls_port_);
}

std::string viewer_failure(const std::string& uri, std::vector<std::string> arguments) {
  std::vector<std::string> command = {
      program("cassia-viewer"), "--headless", "--settle", "100", "--timeout", "20"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.push_back(uri);
  const auto finished = run(std::move(command));
  EXPECT_TRUE(finished) << finished.error().message();
  if (!finished) return {};
  EXPECT_EQ(finished->status, 1) << finished->errors;
  return finished->errors;
}

}  // namespace cassia::test
