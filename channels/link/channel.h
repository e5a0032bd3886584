// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every channel shares, whichever role: messages with a type and a body, over a Connection.
// A typed channel (DisplayClient, InputsServer, ...) derives from Channel, parses the bodies and
// turns them into calls on its events interface; its own methods make messages and send them.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "protocol/spice/base_messages.h"
#include "protocol/spice/capabilities.h"
#include "protocol/spice/channel_id.h"

namespace cassia::channels {

/// Counters of one connection, for --stats and metrics.
struct TrafficStats {
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t messages_sent = 0;
};

/// The Connection as its channel sees it. Outlives the channel.
class MessageLink {
 public:
  virtual ~MessageLink() = default;

  /// Queues one message; the header is added here. Pieces are shared, not copied: an image body can
  /// be in the queues of many viewers at once. Messages go out in order.
  virtual void send(std::uint16_t type, std::vector<SharedBytes> pieces) = 0;

  /// True if file descriptors can travel along: a unix socket, without TLS or SASL's protection.
  virtual bool carries_descriptors() const { return false; }
  /// send(), and behind the message one byte that belongs to none and carries `descriptor`, which
  /// the peer gets a duplicate of (SPICE_MSG_DISPLAY_GL_SCANOUT_UNIX). Only on a link that carries
  /// descriptors.
  virtual void send_with_descriptor(std::uint16_t type, std::vector<SharedBytes> pieces,
                                    std::shared_ptr<const FileDescriptor> descriptor) {
    (void)descriptor;
    send(type, std::move(pieces));
  }
  /// Client role: the byte behind the message that is being handled belongs to none, and a
  /// descriptor comes with it. `then` gets it before any further message is handled; it is empty if
  /// the server has sent the byte without one.
  virtual void expect_descriptor(std::function<void(FileDescriptor)> then) { (void)then; }

  /// True while the peer's ack window is open and little output is pending: a well-behaved sender
  /// of bulk (display, port) sends only then, and is called back by Channel::on_writable().
  /// Messages sent regardless are still delivered.
  virtual bool writable() const = 0;
  /// Bytes queued and not yet taken by the socket.
  virtual std::size_t pending_output() const = 0;

  /// Stops and restarts reading from the peer (back pressure).
  virtual void pause_reading(bool paused) = 0;

  /// Flushes what is queued and closes.
  virtual void close() = 0;

  /// Client role: nothing more from this connection is handled before the other channels of the
  /// session have handled what `waits` names; then `then` runs. At once if they have, or if this
  /// connection knows nothing of the others.
  virtual void wait_for_channels(std::vector<spice::ChannelWait> waits,
                                 std::function<void()> then) = 0;

  /// What the peer offered in its link message or reply.
  virtual const spice::Capabilities& peer_capabilities() const = 0;
  virtual spice::ChannelId id() const = 0;
  virtual const TrafficStats& stats() const = 0;
};

/// All calls come from the connection's thread.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Channel capabilities this side offers (client role; the server's come from its LinkPolicy).
  virtual spice::Capabilities capabilities() const { return {}; }

  /// Client role: descriptors may come with some messages. Else the system drops what a server
  /// sends.
  virtual bool takes_descriptors() const { return false; }

  /// Server role: the largest message that this channel takes, where that is more than the
  /// connection's own limit for clients.
  virtual std::size_t largest_message() const { return 0; }

  /// The link is up: the handshake is done and messages may be sent.
  virtual void on_open() {}
  /// One message that is not of the base set (acks, pings, migration marks are handled below).
  /// `body` is borrowed for the call. An error ends the connection.
  virtual Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) = 0;
  /// Server role: every message that came in one piece has been handled. What a message right
  /// behind another may still change (the first picture: the compression a viewer prefers) is done
  /// here.
  virtual void on_input_handled() {}
  /// MessageLink::writable() has turned true; or, server role with reading paused, output has left.
  virtual void on_writable() {}
  /// SPICE_MSG_NOTIFY (client role): severity and text as the server sent them.
  virtual void on_notify(std::uint32_t severity, std::string_view text) {
    (void)severity, (void)text;
  }
  /// Server role: how long the client took to answer a ping.
  virtual void on_round_trip(Duration round_trip) { (void)round_trip; }
  /// Server role: the client has nothing more to say here: it goes on at the host that it migrates
  /// to (SPICE_MSGC_MIGRATE_FLUSH_MARK, asked for with send_migrate()).
  virtual void on_flush_mark() {}
  /// Server role: what the host that the client comes from has to tell this one.
  virtual Result<void> on_migrate_data(ByteView data) {
    (void)data;
    return {};
  }
  /// The connection is over; nothing can be sent any more. Called once, also when the link failed
  /// before on_open().
  virtual void on_closed(const Error& why) { (void)why; }

  /// Called by the Connection that takes this channel over.
  void attach(MessageLink* link) { link_ = link; }
  /// Null before attach().
  MessageLink* link() const { return link_; }

 protected:
  void send(std::uint16_t type, Bytes body) {
    std::vector<SharedBytes> pieces;
    pieces.emplace_back(std::move(body));
    link_->send(type, std::move(pieces));
  }

 private:
  MessageLink* link_ = nullptr;
};

}  // namespace cassia::channels
