// SPDX-License-Identifier: Apache-2.0
#include "channels/display/client_cache_model.h"

namespace cassia::channels {
namespace {
// Bounds our own memory, whatever budget the client states.
constexpr std::size_t max_entries = 8192;
}  // namespace

std::optional<ClientCacheModel::Known> ClientCacheModel::find(std::uint64_t identity) {
  const auto found = by_identity_.find(identity);
  if (found == by_identity_.end() || found->second->added_in == draw_) return std::nullopt;
  found->second->used_in = draw_;
  entries_.splice(entries_.begin(), entries_, found->second);
  return Known{found->second->number, found->second->lossy};
}

std::optional<std::uint64_t> ClientCacheModel::add(std::uint64_t identity, std::uint64_t pixels,
                                                   bool lossy) {
  if (by_identity_.count(identity) != 0 || pixels > budget_) return std::nullopt;
  while (used_ + pixels > budget_ || entries_.size() >= max_entries) {
    if (!evict_one()) return std::nullopt;
  }
  used_ += pixels;
  entries_.push_front({identity, fresh_number(), pixels, draw_, draw_, lossy});
  any_lossy_ = any_lossy_ || lossy;
  by_identity_[identity] = entries_.begin();
  return entries_.front().number;
}

bool ClientCacheModel::evict_one() {
  if (entries_.empty() || entries_.back().used_in == draw_) return false;
  used_ -= entries_.back().pixels;
  evicted_.push_back(entries_.back().number);
  by_identity_.erase(entries_.back().identity);
  entries_.pop_back();
  return true;
}

std::vector<std::uint64_t> ClientCacheModel::take_evicted() { return std::exchange(evicted_, {}); }

void ClientCacheModel::set_lossless(std::uint64_t identity) {
  const auto found = by_identity_.find(identity);
  if (found == by_identity_.end()) return;
  found->second->lossy = false;
  // Until the client has seen this draw's own image a reference would find the old one.
  found->second->added_in = draw_;
  replaced_.push_back(identity);
}

void ClientCacheModel::abandon_draw() {
  for (const std::uint64_t identity : std::exchange(replaced_, {})) {
    const auto found = by_identity_.find(identity);
    if (found == by_identity_.end()) continue;
    found->second->lossy = true;
    found->second->added_in = 0;
  }
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->added_in != draw_) {
      ++entry;
      continue;
    }
    used_ -= entry->pixels;
    by_identity_.erase(entry->identity);
    entry = entries_.erase(entry);
  }
}

void ClientCacheModel::clear() {
  entries_.clear();
  by_identity_.clear();
  evicted_.clear();
  used_ = 0;
}

}  // namespace cassia::channels
