// SPDX-License-Identifier: Apache-2.0
#pragma once

// A connected, reliable byte stream: TCP, unix socket, TLS, WebSocket, and what is reached through
// a proxy.

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "base/result.h"
#include "net/address.h"
#include "net/http_connect.h"
#include "net/task.h"

namespace cassia::net {

/// One thread (its executor's) uses a Stream; one read and one write may wait at the same time.
class Stream {
 public:
  virtual ~Stream() = default;

  /// At least one byte; 0 when the peer has closed its side.
  virtual Task<Result<std::size_t>> read_some(MutableByteView buffer) = 0;

  /// All of `pieces`, in order, gathered into as few system calls as possible. They are borrowed
  /// until the task ends.
  virtual Task<Result<void>> write(std::span<const SharedBytes> pieces) = 0;

  /// True if file descriptors can travel along: a unix socket, nothing above it.
  virtual bool carries_descriptors() const { return false; }
  /// As read_some(), adding the descriptors that came with these bytes. A descriptor belongs to the
  /// last of them: what follows it is never read in the same call.
  virtual Task<Result<std::size_t>> receive(MutableByteView buffer,
                                            std::vector<FileDescriptor>& descriptors) {
    (void)descriptors;
    return read_some(buffer);
  }
  /// As write(), with descriptors in the order of their pieces; unsupported where none can travel.
  virtual Task<Result<void>> send(std::span<const SharedBytes> pieces,
                                  std::span<const PassedDescriptor> descriptors);

  /// Ends waiting reads and writes with ErrorKind::canceled and closes the socket. Idempotent.
  virtual void close() = 0;
  /// False after close().
  virtual bool is_open() const = 0;

  /// "127.0.0.1:40112", "unix (pid 812, uid 1000)": for logs and audit.
  virtual std::string peer() const = 0;
  virtual bool is_local() const = 0;  ///< unix socket or loopback
  virtual bool is_unix() const { return false; }
  /// Strength of the TLS cipher; 0 without TLS.
  virtual unsigned tls_bits() const { return 0; }
  virtual Executor executor() const = 0;
};

/// Server side TLS: a certificate chain and key in PEM files, read once at start.
struct TlsServerFiles {
  std::string certificate;
  std::string key;
};

/// Client side TLS. Without `ca_file` and `ca_pem` the system's trust store is used.
struct TlsClientOptions {
  std::string ca_file;
  std::string ca_pem;        ///< the certificates themselves; `ca_file` goes first
  std::string host_subject;  ///< SPICE's "host-subject": if set, compared instead of the host name
  bool verify = true;
};

struct ConnectOptions {
  Duration timeout = std::chrono::seconds(10);
  TlsClientOptions tls;
  std::optional<Proxy> proxy;  ///< of tcp and tls; a unix socket needs none
};

/// Errors name the address: "127.0.0.1:5999: Connection refused".
Task<Result<std::unique_ptr<Stream>>> connect(Address address, ConnectOptions options);
/// Two functions, not a default argument: g++ 12 destroys a defaulted aggregate of a co_await
/// twice.
Task<Result<std::unique_ptr<Stream>>> connect(Address address);

/// A bound, listening socket. A unix socket's stale file is replaced, a live one is refused; the
/// file is removed when the Listener goes. Accepting TLS does the handshake inside accept_tls so
/// that a slow peer never delays the next: accept() returns the raw stream at once.
class Listener {
 public:
  virtual ~Listener() = default;
  /// The next connection, or ErrorKind::canceled after close().
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  /// The address really bound (with the port the system chose).
  virtual Address address() const = 0;
  virtual void close() = 0;

  static Result<std::unique_ptr<Listener>> create(Executor executor, const Address& address);
};

/// The TLS side of a server: made once from files, used for every connection.
class TlsServer {
 public:
  virtual ~TlsServer() = default;
  /// Takes an accepted TCP stream through the handshake (at most `timeout`).
  virtual Task<Result<std::unique_ptr<Stream>>> handshake(std::unique_ptr<Stream> tcp,
                                                          Duration timeout) = 0;
  static Result<std::unique_ptr<TlsServer>> create(const TlsServerFiles& files);
};

}  // namespace cassia::net
