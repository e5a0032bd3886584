// SPDX-License-Identifier: Apache-2.0
#pragma once

// The readers of a viewer, as the guest is told of them: a smartcard device takes one request at a
// time and numbers the readers in its answers, so requests wait for their turn here, and a card
// that is put in before its reader has a number is told of once it has one.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "channels/smartcard/smartcard_channel.h"

namespace cassia::channels {

/// A reader of this side; the owner chooses the key.
using ReaderKey = std::uint32_t;

class CardReaders {
 public:
  /// `send` gets the messages for the channel, `apdu` what the guest asks of the card in a reader;
  /// answer it with answer() or fail(), at once or later. `problem` gets what went wrong, for
  /// people.
  struct Out {
    std::function<void(const CardMessage&)> send;
    std::function<void(ReaderKey, ByteView apdu)> apdu;
    std::function<void(const std::string&)> problem;
  };
  explicit CardReaders(Out out) : out_(std::move(out)) {}

  void add(ReaderKey key, const std::string& name);
  void remove(ReaderKey key);
  void insert(ReaderKey key, Bytes atr);
  void take_out(ReaderKey key);

  void answer(ReaderKey key, ByteView response);
  /// The card did not answer.
  void fail(ReaderKey key);

  /// A message of the server.
  void receive(const CardMessage& message);
  /// The channel is a new one: nothing is under way and no reader has a number.
  void reset();

  /// The number that the guest gave; none before.
  std::optional<std::uint32_t> number(ReaderKey key) const;

 private:
  struct Reader {
    std::optional<std::uint32_t> number;
    std::optional<Bytes> atr;  ///< of the card that is in it
    std::size_t outstanding = 0;
  };
  struct Request {
    CardMessageType type;
    ReaderKey key;
    Bytes data;
  };

  void ask(Request request);
  void send_next();
  void answered(const CardMessage& message);
  void added(const Request& request, const CardMessage& message);
  void on_apdu(const CardMessage& message);
  void finished_one(ReaderKey key);
  void maybe_flushed();

  Out out_;
  std::map<ReaderKey, Reader> readers_;
  std::deque<Request> waiting_;
  std::optional<Request> under_way_;
  std::optional<std::uint32_t> flush_;  ///< the reader number of a flush that waits
};

}  // namespace cassia::channels
