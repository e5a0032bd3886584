// SPDX-License-Identifier: Apache-2.0
#pragma once

// Draws a Progress while an operation runs: a bar on a terminal, qemu-img's "    (12.34/100%)"
// lines (ended by carriage returns) elsewhere.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "client/disk/console.h"
#include "storage/block/progress.h"

namespace cassia::client {

class ProgressPrinter {
 public:
  /// Does nothing unless `enabled`. Both references outlive it.
  ProgressPrinter(Console& console, const storage::Progress& progress, bool enabled);
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;
  /// Draws the last state and ends the line.
  ~ProgressPrinter();

  /// The operation succeeded: what is left to draw is 100 %.
  void complete() { complete_ = true; }

 private:
  void draw(double fraction);
  void loop();

  Console& console_;
  const storage::Progress& progress_;
  bool complete_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace cassia::client
