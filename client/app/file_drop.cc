// SPDX-License-Identifier: Apache-2.0
#include "client/app/file_drop.h"

namespace cassia::client {
namespace {

constexpr std::size_t most_lines = 8;

}  // namespace

void FileProgressText::on(const channels::FileProgress& progress) {
  if (!progress.finished) {
    if (running_.empty()) ended_.clear();
    running_[progress.id] = progress;
    return;
  }
  if (running_.erase(progress.id) == 0 && running_.empty()) ended_.clear();
  ended_.push_back(progress.error ? progress.error->message()
                                  : fmt::format("{} is in the guest", progress.name));
  if (ended_.size() > most_lines) ended_.erase(ended_.begin());
}

std::string FileProgressText::text() const {
  std::string out;
  std::size_t lines = 0;
  const auto add = [&](const std::string& line) {
    if (lines++ < most_lines) out += (out.empty() ? "" : "\n") + line;
  };
  for (const auto& [id, file] : running_) {
    const std::uint64_t percent = file.size == 0 ? 100 : file.sent * 100 / file.size;
    add(fmt::format("sending {}: {} %", file.name, percent));
  }
  for (const std::string& line : ended_) add(line);
  return out;
}

}  // namespace cassia::client
