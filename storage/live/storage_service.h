// SPDX-License-Identifier: Apache-2.0
#pragma once

// StorageService: takes one JSON-RPC request and answers it. It knows no channels: the gateway
// hands it what comes out of the port "org.cassia.storage.0" and sends back what it answers.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"
#include "net/task.h"
#include "protocol/storage/schema.h"
#include "storage/live/local_disks.h"

namespace cassia::storage {

/// Who asks.
struct Caller {
  std::string name;  ///< of the ticket or the peer, for the log and as owner of jobs
  Right right = Right::none;
};

/// One thread, that of the executor. Work on files runs on threads of its own.
class StorageService {
 public:
  struct Options {
    /// Where images may lie; empty: verbs that name images are refused.
    std::filesystem::path root;
    /// The VM's QMP socket, which the service then owns.
    std::optional<net::Address> qmp;
    /// Without a QMP socket: the disks of the guest, images below the root.
    std::vector<LocalDisk> local_disks;
    std::string vm_name;  ///< with local_disks
    Duration greeting_timeout = std::chrono::seconds(2);
    Duration retry = std::chrono::milliseconds(500);
  };

  /// Begins to connect if there is a QMP socket. `clock` must outlive it.
  static Result<std::shared_ptr<StorageService>> create(net::Executor executor, const Clock& clock,
                                                        Options options);
  virtual ~StorageService() = default;

  /// The answer to a request, without framing; empty for a notification. Never fails: a failure is
  /// an error answer.
  virtual net::Task<std::string> handle(std::string request, Caller caller) = 0;

  /// The same with a callback, on the executor.
  virtual void handle(std::string request, Caller caller,
                      std::function<void(std::string)> done) = 0;

  /// Why the VM cannot be reached, or empty.
  virtual std::string problem() const = 0;

  /// Closes the QMP socket. Copies that QEMU was making fail here, and the next gateway clears away
  /// what is left of them in QEMU; jobs on threads of ours are canceled when the service goes.
  /// Requests in flight are still answered.
  virtual void stop() = 0;
};

}  // namespace cassia::storage
