// SPDX-License-Identifier: Apache-2.0
#include "client/disk/progress_printer.h"

#include <chrono>
#include <ostream>

namespace cassia::client {

ProgressPrinter::ProgressPrinter(Console& console, const storage::Progress& progress, bool enabled)
    : console_(console), progress_(progress) {
  if (enabled) thread_ = std::thread([this] { loop(); });
}

ProgressPrinter::~ProgressPrinter() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  draw(complete_ ? 1.0 : progress_.fraction());
  console_.out << '\n' << std::flush;
}

void ProgressPrinter::loop() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    draw(progress_.fraction());
    wake_.wait_for(lock, std::chrono::milliseconds(100), [this] { return stop_; });
  }
}

void ProgressPrinter::draw(double fraction) {
  const double percent = fraction * 100.0;
  if (!console_.out_is_terminal) {
    console_.out << fmt::format("    ({:3.2f}/100%)\r", percent) << std::flush;
    return;
  }
  constexpr std::size_t kWidth = 40;
  const auto filled = static_cast<std::size_t>(fraction * kWidth);
  console_.out << fmt::format("\r[{}{}] {:6.2f}%", std::string(filled, '#'),
                              std::string(kWidth - filled, '.'), percent)
               << std::flush;
}

}  // namespace cassia::client
