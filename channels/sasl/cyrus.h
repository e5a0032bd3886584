// SPDX-License-Identifier: Apache-2.0
#pragma once

// SASL by cyrus-sasl: what channels/link/sasl.h asks for, in both roles. Mechanisms are the
// plug-ins that Debian's libsasl2-modules installs. No system file is needed or changed: the
// server's settings are the members below. (The library also reads /usr/lib/sasl2/cassia.conf if an
// administrator has made one, for what is not set here.)
//
// Threads: any, one connection on one thread at a time. start() and step() of the server may read
// the database, a small local file.

#include <memory>
#include <string>

#include "channels/link/sasl.h"

namespace cassia::channels {

/// How well the connection itself is protected.
struct SaslTransport {
  /// Strength of its TLS cipher in bits; 0 without TLS.
  unsigned tls_bits = 0;
  /// A unix socket: nobody else can listen in, so no layer is asked for. Passwords in plain text
  /// are refused there too.
  bool is_local = false;
};

struct SaslServerSettings {
  /// Berkeley DB file as saslpasswd2(8) writes it.
  std::string database;
  /// Of the names in the database: `alice` is looked up as alice@realm. Empty: the host's name.
  std::string realm;
  /// Names that may be offered, separated by blanks; empty: all that are installed and safe.
  std::string mechanisms;
};

/// Without TLS on TCP only mechanisms that protect what follows, as spice-gtk and libspice-server
/// have it (56 bits at least): DIGEST-MD5, GSSAPI. With TLS no layer is asked for, and PLAIN is
/// good. ErrorKind::unsupported if that leaves none.
Result<std::unique_ptr<SaslServer>> make_cyrus_server(const SaslServerSettings& settings,
                                                      const SaslTransport& transport);

struct SaslCredentials {
  std::string user;
  std::string password;
};

/// `host` is the server's name as the user wrote it (Kerberos and DIGEST-MD5 use it). The same
/// rules.
Result<std::unique_ptr<SaslClient>> make_cyrus_client(SaslCredentials credentials,
                                                      const std::string& host,
                                                      const SaslTransport& transport);

}  // namespace cassia::channels
