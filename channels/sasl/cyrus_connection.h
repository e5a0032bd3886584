// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to channels/sasl: one sasl_conn_t and what both roles do with it.

#include <sasl/sasl.h>

#include <array>
#include <string>

#include "channels/sasl/cyrus.h"

namespace cassia::channels {

/// A callback of the library, whose types are all written as this one.
using AnySaslCallback = int (*)();
template <class Function>
sasl_callback_t sasl_callback(unsigned long id, Function function, void* context) {
  // By way of void (*)(), which stands for any function, so that no compiler doubts it.
  return {id, reinterpret_cast<AnySaslCallback>(reinterpret_cast<void (*)()>(function)), context};
}

class CyrusConnection {
 public:
  CyrusConnection() = default;
  ~CyrusConnection() { sasl_dispose(&connection_); }
  CyrusConnection(const CyrusConnection&) = delete;
  CyrusConnection& operator=(const CyrusConnection&) = delete;

  sasl_conn_t* get() const { return connection_; }
  sasl_conn_t** place() { return &connection_; }

  /// What is asked of mechanisms on such a transport.
  Result<void> secure(const SaslTransport& transport);

  unsigned layer_bits() const;
  Result<Bytes> encode(ByteView plain);
  Result<Bytes> decode(ByteView wire);

  /// The library's code as an error: auth for what a wrong password gives.
  Error error(int code, std::string_view what) const;

 private:
  sasl_conn_t* connection_ = nullptr;
};

/// Of what start and step give out: null and empty differ.
inline std::optional<Bytes> sasl_data(const char* data, unsigned size) {
  if (data == nullptr) return std::nullopt;
  return to_bytes(std::string_view(data, size));
}

}  // namespace cassia::channels
