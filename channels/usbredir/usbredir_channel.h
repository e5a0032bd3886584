// SPDX-License-Identifier: Apache-2.0
#pragma once

// The usbredir channel, both roles: one redirected USB device, whose usbredir protocol (see
// usbredirproto.h) the channel carries as a byte stream. It is the port channel's stream without a
// name and without events: each connection is one plugged-in device, so opening and closing the
// channel is all the state there is.

#include "channels/port/port_channel.h"

namespace cassia::channels {

/// port_opened("", true) comes when the link is up; port_event() never.
std::unique_ptr<PortClient> make_usbredir_client(PortEvents& events, bool compress = true);
std::unique_ptr<PortServer> make_usbredir_server(PortEvents& events, bool compress = true);

}  // namespace cassia::channels
