// SPDX-License-Identifier: Apache-2.0
#pragma once

// While one exists, SIGINT and SIGTERM cancel a Progress instead of killing the process, so that an
// operation ends tidily. Make it before starting threads (they inherit the blocked signals).

#include <thread>

#include "base/file.h"
#include "storage/block/progress.h"

namespace cassia::client {

class InterruptGuard {
 public:
  explicit InterruptGuard(storage::Progress& progress);
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

 private:
  void watch(storage::Progress& progress) const;

  FileDescriptor signals_;
  FileDescriptor stop_;
  std::thread thread_;
};

}  // namespace cassia::client
