// SPDX-License-Identifier: Apache-2.0
#pragma once

// The seam between protocol state machines and sockets: an Endpoint takes the bytes that arrived
// and a time, and holds the bytes that should leave. It never sees a socket, a thread or a
// clock. net/pump.h moves bytes between an Endpoint and a Stream; tests move them by hand.

#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace cassia {

/// A file descriptor that leaves together with a piece of output: on a unix socket its first byte
/// carries it (unix(7), SCM_RIGHTS). The peer gets a duplicate.
struct PassedDescriptor {
  std::size_t piece = 0;  ///< index among the pieces that take_output() gave
  std::shared_ptr<const FileDescriptor> descriptor;
};

/// All calls come from one thread (the one that runs the endpoint's event loop).
class Endpoint {
 public:
  virtual ~Endpoint() = default;

  /// Takes what arrived, whole messages or any part of one. `bytes` is borrowed for the call.
  /// An error ends the connection: the pump flushes the output, closes, and calls closed().
  virtual Result<void> receive(ByteView bytes, TimePoint now) = 0;

  /// The connection is over (peer closed, socket error, receive() failed). Called once at most.
  virtual void closed(const Error& why) = 0;

  /// Moves out everything that waits to be written, in order; empty if nothing does.
  virtual std::vector<SharedBytes> take_output() = 0;

  /// Moves out the descriptors that go with the output just taken, in the order of their pieces.
  virtual std::vector<PassedDescriptor> take_descriptors() { return {}; }

  /// True if descriptors of the peer are wanted. Of an endpoint that wants none the system closes
  /// what a peer sends.
  virtual bool takes_descriptors() const { return false; }
  /// Descriptors that came with bytes of the next receive(). Not wanted ones are just let go.
  virtual void receive_descriptors(std::vector<FileDescriptor> descriptors) { (void)descriptors; }

  /// The pump has written `bytes` more bytes to the socket. Lets a sender keep its backlog bounded:
  /// it produces more only when earlier output has left.
  virtual void written(std::size_t bytes) { (void)bytes; }

  /// While true the pump does not read: back pressure towards the peer. When it turns false again
  /// the endpoint calls its wake callback.
  virtual bool reading_paused() const { return false; }

  /// True once the endpoint wants the connection closed after its output is flushed.
  virtual bool finished() const { return false; }

  /// Set by the pump: called when take_output(), reading_paused() or finished() may have changed.
  /// May be called from inside receive(); the pump only takes a note.
  void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }

 protected:
  void wake() const {
    if (wake_) wake_();
  }

 private:
  std::function<void()> wake_;
};

}  // namespace cassia
