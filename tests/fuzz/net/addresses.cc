// SPDX-License-Identifier: Apache-2.0
// Addresses as users, connection files and environment variables give them.

#include "net/address.h"
#include "net/http_connect.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto uri = cassia::net::parse_spice_uris(text)) {
    if (!uri->plain && !uri->tls) __builtin_trap();
    for (const auto& address : {uri->plain, uri->tls}) {
      // What goes into an HTTP request must not be able to end its line.
      if (address && !address->path.empty() && address->websocket &&
          address->path.find('\n') != std::string::npos) {
        __builtin_trap();
      }
    }
  }
  if (const auto proxy = cassia::net::parse_proxy(text)) {
    if (proxy->host.find('\n') != std::string::npos) __builtin_trap();
    (void)cassia::net::to_string(*proxy);
  }
  (void)cassia::net::parse_socket_address(text);
  return 0;
}
