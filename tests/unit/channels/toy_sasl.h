// SPDX-License-Identifier: Apache-2.0
#pragma once

// A mechanism that is no secret, to drive the SASL exchange: the client says "hello", the server
// nothing, the client empty data, the server "proof".

#include "channels/link/sasl.h"

namespace cassia::channels {

struct ToySasl {
  struct Behaviour {
    bool server_lies = false;  ///< it is complete without having given its proof
    bool endless = false;      ///< it is never complete
    bool layer = false;        ///< every byte after the handshake is XORed
  };

  static Bytes twisted(ByteView bytes) {
    Bytes out = to_bytes(bytes);
    for (auto& byte : out) byte ^= 0x55;
    return out;
  }
};

class ToySaslServer final : public SaslServer {
 public:
  explicit ToySaslServer(ToySasl::Behaviour behaviour) : behaviour_(behaviour) {}

  std::string mechanisms() const override { return ",TOY,"; }
  Result<SaslReply> start(const std::string&, std::optional<ByteView> data) override {
    if (behaviour_.server_lies) return SaslReply{std::nullopt, true};
    if (!data || as_text(*data) != "hello") return fail(ErrorKind::auth, "no hello");
    return SaslReply{std::nullopt, false};
  }
  Result<SaslReply> step(std::optional<ByteView> data) override {
    if (behaviour_.endless) return SaslReply{std::nullopt, false};
    if (!data || !data->empty()) return fail(ErrorKind::auth, "data should be there, and empty");
    return SaslReply{to_bytes(std::string_view("proof")), true};
  }
  std::string user() const override { return "toy"; }
  unsigned layer_bits() const override { return behaviour_.layer ? 1 : 0; }
  Result<Bytes> encode(ByteView plain) override { return ToySasl::twisted(plain); }
  Result<Bytes> decode(ByteView wire) override { return ToySasl::twisted(wire); }

 private:
  ToySasl::Behaviour behaviour_;
};

class ToySaslClient final : public SaslClient {
 public:
  explicit ToySaslClient(ToySasl::Behaviour behaviour) : behaviour_(behaviour) {}

  Result<Start> start(const std::string& mechanisms) override {
    if (mechanisms.find(",TOY,") == std::string::npos) {
      return fail(ErrorKind::unsupported, "no toy");
    }
    return Start{"TOY", {to_bytes(std::string_view("hello")), false}};
  }
  Result<SaslReply> step(std::optional<ByteView> data) override {
    if (data && as_text(*data) == "proof") return SaslReply{std::nullopt, true};
    if (data) return fail(ErrorKind::auth, "that is no proof");
    return SaslReply{Bytes(), false};
  }
  unsigned layer_bits() const override { return behaviour_.layer ? 1 : 0; }
  Result<Bytes> encode(ByteView plain) override { return ToySasl::twisted(plain); }
  Result<Bytes> decode(ByteView wire) override { return ToySasl::twisted(wire); }

 private:
  ToySasl::Behaviour behaviour_;
};

}  // namespace cassia::channels
