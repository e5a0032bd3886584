// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "storage/live/storage_service.h"

namespace cassia::test {

/// A StorageService on the calling thread's event loop, spoken to as a client on the port would.
class ServiceClient {
 public:
  static Result<std::unique_ptr<ServiceClient>> create(storage::StorageService::Options options);
  /// With a VM's QMP socket.
  static Result<std::unique_ptr<ServiceClient>> create(const std::filesystem::path& root,
                                                       const std::filesystem::path& qmp);
  ~ServiceClient();

  /// Runs the loop until the answer is there.
  Result<nlohmann::json> call(const std::string& verb,
                              const nlohmann::json& params = nlohmann::json::object());
  /// The raw answer to raw text.
  std::string raw(std::string request, storage::Right right = storage::Right::manage);

  /// Runs the loop until the job has ended; the job.
  Result<nlohmann::json> wait_job(const std::string& id);
  /// Runs the loop until `condition` holds; false after 30 s.
  bool run_until(const std::function<bool()>& condition);
  /// The entry of disk.list, or null.
  nlohmann::json disk(const std::string& id);

 private:
  ServiceClient() = default;

  boost::asio::io_context io_;
  SteadyClock clock_;
  std::shared_ptr<storage::StorageService> service_;
};

}  // namespace cassia::test
