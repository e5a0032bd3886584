// SPDX-License-Identifier: Apache-2.0
#pragma once

// The shared folder on a webdav channel: the hub's connections are sockets to a FolderServer.

#include <boost/asio/io_context.hpp>
#include <functional>

#include "client/devices/device_set.h"

namespace cassia::client {

class FolderServer;

/// Network thread only; `io` must outlive it. `opened` is told when the guest opens or closes its
/// end.
std::unique_ptr<ClientDevice> make_webdav_share(boost::asio::io_context& io,
                                                std::shared_ptr<FolderServer> server,
                                                std::function<void(bool)> opened);

}  // namespace cassia::client
