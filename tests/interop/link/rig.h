// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of this folder run: the gateway with its demo guest, and QEMU stopped before its
// first instruction, both reachable in more ways than one.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/gtk_client.h"
#include "tests/support/programs.h"
#include "tests/support/qmp_client.h"

namespace cassia::test {

/// Certificate and key for 127.0.0.1 with the subject "CN=127.0.0.1", and SASL users.
class Credentials {
 public:
  Credentials();

  std::string certificate() const { return folder_ / "server-cert.pem"; }
  std::string key() const { return folder_ / "server-key.pem"; }
  /// As QEMU's x509-dir wants it.
  const std::string& folder() const { return path_; }
  /// User "alice", password "pencil". `realm` empty: as saslpasswd2 chooses, which is what a server
  /// without a realm looks for.
  std::string users(const std::string& realm);
  /// A file with this line.
  std::string file(const std::string& name, const std::string& line);

 private:
  TemporaryFolder folder_;
  std::string path_;
};

/// cassia-gateway --demo on a plain port, a TLS port and a unix socket.
class DemoServer {
 public:
  /// `arguments` come on top; without --password-file and --sasl-db among them it gets --no-auth.
  static Result<std::unique_ptr<DemoServer>> start(const Credentials& credentials,
                                                   std::vector<std::string> arguments = {});

  std::string plain() const { return "spice://127.0.0.1:" + std::to_string(port_); }
  std::string tls() const { return "spice+tls://127.0.0.1:" + std::to_string(tls_port_); }
  /// Both ports, in the form that spice-gtk takes too.
  std::string both() const;
  std::string unix_socket() const { return "spice+unix://" + (folder_ / "gw.sock").string(); }
  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }

  Process& process() { return *process_; }
  /// The guest's picture, as the gateway holds it.
  Result<Picture> authoritative();

 private:
  TemporaryFolder folder_;
  std::optional<Process> process_;
  std::uint16_t port_ = 0, tls_port_ = 0;
};

/// QEMU with -S: its SPICE server has a display, and nothing has been drawn yet.
class StoppedQemu {
 public:
  /// `spice` are suboptions besides the ports. With `sasl` its configuration names the database and
  /// these mechanisms.
  struct Options {
    std::string spice = "disable-ticketing=on";
    bool tls = false;
    std::string sasl_users, sasl_mechanisms;
  };
  static Result<std::unique_ptr<StoppedQemu>> start(const Credentials& credentials,
                                                    const Options& options);

  std::string plain() const { return "spice://127.0.0.1:" + std::to_string(port_); }
  std::string tls() const { return "spice+tls://127.0.0.1:" + std::to_string(tls_port_); }
  std::string both() const;
  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }
  /// What the stock client sees there. (QEMU's screendump has a sentence of its own besides.)
  Result<Picture> screen(std::vector<std::string> arguments = {}) const;
  Process& process() { return *process_; }

 private:
  TemporaryFolder folder_;
  std::optional<Process> process_;
  std::optional<QmpClient> qmp_;
  std::string screen_uri_;
  std::uint16_t port_ = 0, tls_port_ = 0;
};

/// Runs cassia-viewer --headless and expects it to fail with one line, which is returned.
std::string viewer_failure(const std::string& uri, std::vector<std::string> arguments);

}  // namespace cassia::test
