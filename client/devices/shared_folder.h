// SPDX-License-Identifier: Apache-2.0
#pragma once

// What of this machine's files the guest can name: those of the shared folder by their places in it,
// and others that the user copies, each in a folder of its own, "/.spice-clipboard/UUID/NAME", as
// spice-gtk has it.

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <mutex>

#include "client/devices/device_options.h"
#include "client/devices/file_publisher.h"
#include "client/devices/folder_server.h"

namespace cassia::client {

/// Network thread only.
class SharedFolder final : public FilePublisher {
 public:
  /// Of one session: what is published stays until its end.
  static constexpr std::size_t most_published = 10000;

  SharedFolder(boost::asio::io_context& io, const DeviceOptions& options);
  ~SharedFolder() override { stop(); }
  /// Nothing reaches the event loop after it. Any thread, once the network thread has ended.
  void stop();

  /// Started when first asked for.
  Result<std::shared_ptr<FolderServer>> server();
  /// The guest has opened its end of the webdav channel, or closed it.
  void set_open(bool open) { open_ = open; }

  bool publishes() const override { return open_ && server_ != nullptr; }
  void publish(const std::vector<std::string>& paths, Done done) override;
  std::optional<std::string> local_path(const std::string& name) const override;

 private:
  /// The way back from the server's thread, as long as there is somebody to tell.
  struct Way {
    std::mutex mutex;
    boost::asio::io_context* io;
  };
  /// The guest's name for a file; new ones are added to `fresh`.
  std::string name_of(const std::string& path, std::vector<PublishedFile>& fresh);

  const DeviceOptions& options_;
  const std::shared_ptr<Way> way_;
  const std::string root_;  ///< the shared folder, absolute and without links
  std::shared_ptr<FolderServer> server_;
  bool open_ = false;
  std::map<std::string, std::string> published_;  ///< by path
  std::map<std::string, std::string> paths_;      ///< by name
};

}  // namespace cassia::client
