// SPDX-License-Identifier: Apache-2.0
#include "channels/sasl/cyrus_connection.h"

#include <algorithm>

namespace cassia::channels {
namespace {

constexpr unsigned weakest_layer = 56;  // what both stock peers insist on
constexpr unsigned any_layer = 100000;  // likewise the most they ask for
constexpr unsigned receive_buffer = 8192;
// The library refuses more than the negotiated buffer at a time.
constexpr std::size_t decode_at_once = 4096;
constexpr std::size_t encode_at_most = 4096;

}  // namespace

Result<void> CyrusConnection::secure(const SaslTransport& transport) {
  const bool tls = transport.tls_bits > 0;
  if (tls) {
    const sasl_ssf_t bits = transport.tls_bits;
    if (const int code = sasl_setprop(connection_, SASL_SSF_EXTERNAL, &bits); code != SASL_OK) {
      return fail(error(code, "TLS as outer protection"));
    }
  }
  sasl_security_properties_t wanted{};
  wanted.min_ssf = tls || transport.is_local ? 0 : weakest_layer;
  wanted.max_ssf = tls ? 0 : any_layer;
  wanted.maxbufsize = receive_buffer;
  wanted.security_flags = SASL_SEC_NOANONYMOUS;
  if (!tls) wanted.security_flags |= SASL_SEC_NOPLAINTEXT;
  if (const int code = sasl_setprop(connection_, SASL_SEC_PROPS, &wanted); code != SASL_OK) {
    return fail(error(code, "security properties"));
  }
  return {};
}

unsigned CyrusConnection::layer_bits() const {
  const void* value = nullptr;
  if (sasl_getprop(connection_, SASL_SSF, &value) != SASL_OK || value == nullptr) return 0;
  return *static_cast<const sasl_ssf_t*>(value);
}

Result<Bytes> CyrusConnection::encode(ByteView plain) {
  const void* value = nullptr;
  std::size_t most = encode_at_most;
  if (sasl_getprop(connection_, SASL_MAXOUTBUF, &value) == SASL_OK && value != nullptr) {
    const unsigned limit = *static_cast<const unsigned*>(value);
    if (limit > 0) most = std::min<std::size_t>(most, limit);
  }
  Bytes out;
  while (!plain.empty()) {
    const std::size_t now = std::min(most, plain.size());
    const char* data = nullptr;
    unsigned size = 0;
    const int code = sasl_encode(connection_, reinterpret_cast<const char*>(plain.data()),
                                 static_cast<unsigned>(now), &data, &size);
    if (code != SASL_OK) return fail(error(code, "protecting data"));
    out.insert(out.end(), data, data + size);
    plain = plain.subspan(now);
  }
  return out;
}

Result<Bytes> CyrusConnection::decode(ByteView wire) {
  Bytes out;
  while (!wire.empty()) {
    const std::size_t now = std::min(decode_at_once, wire.size());
    const char* data = nullptr;
    unsigned size = 0;
    const int code = sasl_decode(connection_, reinterpret_cast<const char*>(wire.data()),
                                 static_cast<unsigned>(now), &data, &size);
    if (code != SASL_OK) {
      return fail(ErrorKind::malformed, "protected data: {}", sasl_errdetail(connection_));
    }
    if (data != nullptr) out.insert(out.end(), data, data + size);
    wire = wire.subspan(now);
  }
  return out;
}

Error CyrusConnection::error(int code, std::string_view what) const {
  const char* detail =
      connection_ != nullptr ? sasl_errdetail(connection_) : sasl_errstring(code, nullptr, nullptr);
  ErrorKind kind = ErrorKind::internal;
  switch (code) {
    case SASL_BADAUTH:
    case SASL_NOUSER:
    case SASL_NOAUTHZ:
    case SASL_BADSERV:
    case SASL_EXPIRED:
    case SASL_DISABLED:
    case SASL_NOVERIFY:
    case SASL_BADPARAM:  // an empty password
      kind = ErrorKind::auth;
      break;
    case SASL_NOMECH:
    case SASL_TOOWEAK:
    case SASL_ENCRYPT:
      kind = ErrorKind::unsupported;
      break;
    case SASL_BADPROT:
    case SASL_BADMAC:
      kind = ErrorKind::malformed;
      break;
    default:
      break;
  }
  return {kind, fmt::format("SASL, {}: {}", what, detail ? detail : "no detail")};
}

}  // namespace cassia::channels
