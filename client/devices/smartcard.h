// SPDX-License-Identifier: Apache-2.0
#pragma once

// The smartcard channel of a session, with a CardHost's readers behind it.

#include "client/devices/device_set.h"

namespace cassia::client {

class CardHost;

std::unique_ptr<ClientDevice> make_smartcard(std::shared_ptr<CardHost> host);

}  // namespace cassia::client
