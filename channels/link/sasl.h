// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the link needs of a SASL library, as two interfaces: the exchange itself (lengths, order,
// bounds) is in sasl_exchange.h, the mechanisms are behind these. channels/sasl implements them
// with cyrus-sasl; a test has its own. Source: RFC 4422; the wire form is that of spice-gtk and
// libspice-server.

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::channels {

/// What one step gives to be sent. No data and empty data are different things in SASL.
struct SaslReply {
  std::optional<Bytes> data;
  bool done = false;  ///< this side is satisfied
};

/// What both roles have in common once the exchange is over.
class SaslEngine {
 public:
  virtual ~SaslEngine() = default;
  /// Strength in bits of the protection that the mechanism gives to what follows; 0: none.
  virtual unsigned layer_bits() const = 0;
  /// Only with a layer. Any size; the other side's decode() takes it in any pieces.
  virtual Result<Bytes> encode(ByteView plain) = 0;
  virtual Result<Bytes> decode(ByteView wire) = 0;
};

/// One connection's authentication, server role. Errors are of kind auth (wrong user or password)
/// or malformed.
class SaslServer : public SaslEngine {
 public:
  /// Names separated by commas, and one before and behind: ",SCRAM-SHA-256,PLAIN,".
  virtual std::string mechanisms() const = 0;
  virtual Result<SaslReply> start(const std::string& mechanism, std::optional<ByteView> data) = 0;
  virtual Result<SaslReply> step(std::optional<ByteView> data) = 0;
  /// Who it is, after a step that is done.
  virtual std::string user() const = 0;
};

class SaslClient : public SaslEngine {
 public:
  struct Start {
    std::string mechanism;
    SaslReply reply;
  };
  /// Chooses among the server's; unsupported if none is good enough, auth without credentials.
  virtual Result<Start> start(const std::string& mechanisms) = 0;
  virtual Result<SaslReply> step(std::optional<ByteView> data) = 0;
};

}  // namespace cassia::channels
