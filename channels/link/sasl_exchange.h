// SPDX-License-Identifier: Apache-2.0
#pragma once

// The SASL part of the link handshake, between the choice of the mechanism "SASL" and the results
// at its end. Numbers are little-endian u32; every length is checked before anything is kept.
//   server: length, mechanism list        client: length, mechanism; length, data
//   server: length, data, u8 complete     client: length, data           ... until complete
//   server: u32 result of SASL; then, protected if the mechanism does that, the link result
// Data on the wire has a zero behind it that counts in the length; length 0 is "no data".
// Source: spice-gtk's spice-channel.c and libspice-server's red-stream.cpp (read for the format).

#include <memory>

#include "channels/link/sasl.h"

namespace cassia::channels {

inline constexpr std::size_t max_sasl_mechanisms =
    1000;  ///< bytes of the list; peers stay below 300
inline constexpr std::size_t max_sasl_name = 100;
/// Of one message. A Kerberos ticket has 64 KiB at most.
inline constexpr std::size_t max_sasl_data = std::size_t{128} << 10;
inline constexpr int max_sasl_rounds = 16;

/// Collects blocks of a known size from a stream; shared by both roles.
class SaslBlocks {
 public:
  void expect(std::size_t bytes) { wanted_ = bytes; }
  /// Moves bytes over; true when the block is whole (at once if it is of size 0).
  bool take(ByteView& bytes);
  Bytes block() { return std::exchange(collected_, {}); }

 private:
  std::size_t wanted_ = 4;
  Bytes collected_;
};

class SaslServerExchange {
 public:
  explicit SaslServerExchange(std::unique_ptr<SaslServer> engine) : engine_(std::move(engine)) {}

  /// What the server says first.
  Bytes greeting() const;
  /// Takes what it needs from the front of `bytes` and adds answers to `out`. True: the client has
  /// proved who it is; the link result is next. After an error `out` holds what tells the client.
  Result<bool> receive(ByteView& bytes, Bytes& out);
  SaslServer& engine() { return *engine_; }

 private:
  enum class State { name_size, name, data_size, data };

  void expect(State state, std::size_t bytes);
  Result<bool> on_block(Bytes block, Bytes& out);
  Result<bool> on_data(const Bytes& block, Bytes& out);

  std::unique_ptr<SaslServer> engine_;
  SaslBlocks blocks_;
  State state_ = State::name_size;
  std::string mechanism_;
  bool started_ = false;
  int rounds_ = 0;
};

class SaslClientExchange {
 public:
  explicit SaslClientExchange(std::unique_ptr<SaslClient> engine) : engine_(std::move(engine)) {}

  /// As in the server. True: the server says that it is complete; the link result is next, and then
  /// proven() must hold.
  Result<bool> receive(ByteView& bytes, Bytes& out);
  /// The mechanism is satisfied with what the server said (it may have to prove itself, too).
  Result<void> proven() const;
  SaslClient& engine() { return *engine_; }

 private:
  enum class State { list_size, list, data_size, data };

  void expect(State state, std::size_t bytes);
  Result<bool> on_block(Bytes block, Bytes& out);
  Result<bool> on_reply(Bytes block, Bytes& out);

  std::unique_ptr<SaslClient> engine_;
  SaslBlocks blocks_;
  State state_ = State::list_size;
  bool done_ = false;
  std::optional<Error> doubt_;
  int rounds_ = 0;
};

}  // namespace cassia::channels
