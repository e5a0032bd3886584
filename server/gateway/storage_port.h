// SPDX-License-Identifier: Apache-2.0
#pragma once

// One viewer's port channel "org.cassia.storage.0": frames of JSON-RPC to the StorageService and
// its answers back. A viewer that asks much and reads nothing is not read from any more.

#include <memory>

#include "channels/port/port_channel.h"
#include "protocol/storage/framer.h"
#include "storage/live/storage_service.h"

namespace cassia::server {

class StoragePort final : public channels::PortEvents,
                          public std::enable_shared_from_this<StoragePort> {
 public:
  StoragePort(std::shared_ptr<storage::StorageService> service, storage::Caller caller)
      : service_(std::move(service)), caller_(std::move(caller)) {}

  std::unique_ptr<channels::Channel> make_channel();

 private:
  void port_opened(const std::string& name, bool opened) override;
  void port_data(ByteView data) override;
  void port_event(channels::PortEvent event) override;
  void port_writable() override { balance(); }
  void port_closed(const Error& why) override;

  Result<void> request(std::string_view message);
  void answered(const std::string& answer);
  void balance();

  std::shared_ptr<storage::StorageService> service_;
  storage::Caller caller_;
  channels::PortServer* channel_ = nullptr;  ///< null once closed
  storage::StorageFramer framer_;
  std::size_t waiting_ = 0;  ///< requests without an answer yet
};

}  // namespace cassia::server
