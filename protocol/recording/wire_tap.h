// SPDX-License-Identifier: Apache-2.0
#pragma once

// Understands one SPICE connection from the outside: gets copies of the bytes of both directions
// and finds the handshake's outcome and the whole messages in them. What a recorder needs.

#include <functional>

#include "protocol/recording/recording.h"
#include "protocol/spice/header.h"
#include "protocol/spice/link.h"

namespace cassia::recording {

/// Feed it what the server sent before the client gets to see it: what a client sends next depends
/// on it. Holds at most one message of each direction.
class WireTap {
 public:
  struct Events {
    std::function<void(const OpenInfo&)> opened;
    std::function<void(ByteView message)> server_message;  ///< header and body, borrowed
    std::function<void(ByteView message)> client_message;
  };

  explicit WireTap(Events events) : events_(std::move(events)) {}

  /// Errors: malformed; unsupported for SASL, whose bytes may be encrypted.
  Result<void> from_client(ByteView bytes);
  Result<void> from_server(ByteView bytes);

 private:
  enum class Stage { header, body, mechanism, ticket, result, messages };
  /// One direction.
  struct Side {
    Stage stage = Stage::header;
    Bytes held;
    std::size_t need = spice::link_header_size;
  };

  Result<void> feed(Side& side, ByteView bytes, bool client);
  /// A complete unit of the handshake.
  Result<void> take_client(ByteView unit);
  Result<void> take_server(ByteView unit);
  Result<std::size_t> body_after(ByteView header) const;
  spice::HeaderKind kind() const {
    return info_.mini ? spice::HeaderKind::mini : spice::HeaderKind::full;
  }

  Events events_;
  OpenInfo info_;
  Side client_, server_;
};

}  // namespace cassia::recording
