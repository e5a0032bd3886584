// SPDX-License-Identifier: Apache-2.0
#include "channels/usbredir/usbredir_channel.h"

namespace cassia::channels {

std::unique_ptr<PortClient> make_usbredir_client(PortEvents& events, bool compress) {
  return PortClient::create(events, {.named = false, .compress = compress});
}

std::unique_ptr<PortServer> make_usbredir_server(PortEvents& events, bool compress) {
  return PortServer::create(events, {.named = false, .compress = compress});
}

}  // namespace cassia::channels
