// SPDX-License-Identifier: Apache-2.0
#pragma once

// A web server for one browser of a test: files of a folder, pages of the test's own, and what the
// browser sends with POST.

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/file.h"
#include "base/result.h"

namespace cassia::test {

class WebServer {
 public:
  /// Serves `folder` at "/"; `pages` (path to HTML) go before its files.
  static Result<std::unique_ptr<WebServer>> start(std::filesystem::path folder,
                                                  std::map<std::string, std::string> pages);
  ~WebServer();

  std::string url(const std::string& path) const;
  /// The body of the last POST to `path`.
  std::optional<std::string> posted(const std::string& path) const;

 private:
  WebServer() = default;
  void run();
  void serve(int connection);
  std::string answer_to(const std::string& path) const;

  std::filesystem::path folder_;
  std::map<std::string, std::string> pages_;
  FileDescriptor listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> posted_;
  std::thread thread_;
};

}  // namespace cassia::test
