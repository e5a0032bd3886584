// SPDX-License-Identifier: Apache-2.0
#pragma once

// The device channels of a session: which of those that the server lists are wanted, and what
// stands behind each. A channel that ends is tried again: the guest may restart, or another viewer
// let go.

#include <boost/asio/io_context.hpp>
#include <memory>

#include "channels/link/channel.h"
#include "client/devices/device_options.h"
#include "client/devices/file_publisher.h"

namespace cassia::client {

class CardHost;
class SharedFolder;

/// What stands behind one device channel. Must outlive the channel that it made.
class ClientDevice {
 public:
  virtual ~ClientDevice() = default;
  virtual std::unique_ptr<channels::Channel> make_channel() = 0;
};

/// Network thread only.
class DeviceSet {
 public:
  DeviceSet(boost::asio::io_context& io, const DeviceOptions& options);
  ~DeviceSet();

  /// True for a channel that there is something for here.
  bool wants(spice::ChannelId id) const;
  /// For a wanted channel; an error says what is wrong with the folder or the image.
  Result<std::unique_ptr<ClientDevice>> make(spice::ChannelId id);
  /// The files of the shared folder; null where there is none.
  FilePublisher* files() const { return files_; }
  /// Ends what runs on other threads: nothing reaches the event loop after it. Any thread, once the
  /// network thread has ended.
  void stop();

 private:
  boost::asio::io_context& io_;
  const DeviceOptions& options_;
  std::shared_ptr<SharedFolder> folder_;
  FilePublisher* files_ = nullptr;
  std::shared_ptr<CardHost> cards_;  ///< made when first wanted
};

/// True for the channel types that a DeviceSet deals with.
inline bool is_device(spice::ChannelType type) {
  return type == spice::ChannelType::usbredir || type == spice::ChannelType::webdav ||
         type == spice::ChannelType::smartcard;
}

}  // namespace cassia::client
