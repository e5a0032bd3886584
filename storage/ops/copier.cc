// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/copier.h"

#include <algorithm>
#include <thread>
#include <vector>

namespace cassia::storage {
namespace {

constexpr std::uint64_t kPlainGrain = 4096;
constexpr std::uint64_t kChunk = 2u << 20;
constexpr unsigned kMaxThreads = 8;
/// Chunks that wait for their turn. With clusters of 2 MiB that is 32 MiB at the very most.
constexpr std::size_t kMaxReady = 16;

}  // namespace

Copier::Copier(Image& source, Image& target, const CopyOptions& options, Progress& progress)
    : source_(source), target_(target), options_(options), progress_(progress) {
  const std::uint64_t cluster = target.info().cluster_size;
  grain_ = cluster != 0 ? cluster : std::max(kPlainGrain, options.sparse_size);
  chunk_size_ = options.compress ? grain_ : std::max(grain_, kChunk / grain_ * grain_);
}

Result<std::uint64_t> Copier::data_bytes(Image& source, Progress& progress) {
  std::uint64_t bytes = 0;
  for (std::uint64_t at = 0; at < source.size();) {
    const Extent found = CASSIA_TRY(source.extent(at, source.size() - at));
    if (!found.zero) bytes += found.length;
    at += found.length;
    CASSIA_TRY(progress.advance(0));
  }
  return bytes;
}

/// The next piece of work; length 0 at the end.
Result<Copier::Chunk> Copier::next_chunk() {
  std::lock_guard lock(mutex_);
  const std::uint64_t end = source_.size();
  if (stopped_ || position_ >= end) return Chunk{};
  const Extent found = CASSIA_TRY(source_.extent(position_, end - position_));
  Chunk chunk;
  chunk.offset = position_;
  chunk.zero = found.zero;
  chunk.below = found.depth > 0 || !found.allocated;
  chunk.length = found.length;
  if (found.end() < end) chunk.length -= chunk.length % grain_;
  if (chunk.length == 0) {  // the extent ends inside the grain: what follows in it may differ
    chunk.length = std::min(grain_, end - position_);
    chunk.zero = false;
  }
  if (!chunk.zero) chunk.length = std::min(chunk.length, chunk_size_);
  position_ += chunk.length;
  chunk.turn = next_turn_++;
  return chunk;
}

void Copier::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  turn_passed_.notify_all();
}

bool Copier::is_hole(ByteView data) const { return options_.sparse_size != 0 && all_zero(data); }

Result<void> Copier::work() {
  while (true) {
    const Chunk chunk = CASSIA_TRY(next_chunk());
    if (chunk.length == 0) return {};
    CASSIA_TRY(copy(chunk));
    CASSIA_TRY(progress_.advance(chunk.length));
  }
}

Result<bool> Copier::target_matches(std::uint64_t offset, ByteView data) {
  Bytes now(data.size());
  CASSIA_TRY(target_.read(offset, now));
  return std::equal(now.begin(), now.end(), data.begin());
}

Result<void> Copier::copy_zeroes(const Chunk& chunk) {
  if (options_.sparse_size == 0) {
    const Bytes buffer(std::min(chunk.length, chunk_size_));
    for (std::uint64_t at = 0; at < chunk.length; at += buffer.size()) {
      const std::uint64_t step = std::min<std::uint64_t>(buffer.size(), chunk.length - at);
      CASSIA_TRY(target_.write(chunk.offset + at, ByteView(buffer).first(step)));
    }
    return {};
  }
  if (options_.target_zeroed && !options_.target_backed) return {};
  std::uint64_t at = chunk.offset;
  const std::uint64_t end = chunk.offset + chunk.length;
  while (at < end) {
    const Extent now = CASSIA_TRY(target_.extent(at, end - at));
    if (!now.zero) CASSIA_TRY(target_.write_zeroes(at, now.length, ZeroMode::unmap));
    at += now.length;
  }
  return {};
}

/// Reads and packs one chunk.
Result<void> Copier::copy(const Chunk& chunk) {
  Ready ready{chunk, {}, {}};
  if (!chunk.zero) {
    ready.data.resize(chunk.length);
    CASSIA_TRY(source_.read(chunk.offset, ready.data));
    if (options_.compress && !is_hole(ready.data)) {
      ready.packed = CASSIA_TRY(target_.pack(chunk.offset, ready.data));
    }
  }
  return hand_in(std::move(ready));
}

/// Leaves a chunk to whoever is storing, or stores it and all that are ready behind it. A thread
/// that is far ahead waits, but only after it has handed in its own chunk, so the one that all wait
/// for is always on its way.
Result<void> Copier::hand_in(Ready ready) {
  std::unique_lock lock(mutex_);
  const std::uint64_t turn = ready.chunk.turn;
  ready_.emplace(turn, std::move(ready));
  if (storing_ || turn != turn_) {
    turn_passed_.wait(lock, [this] { return stopped_ || ready_.size() < kMaxReady; });
    return {};
  }
  storing_ = true;
  for (auto next = ready_.find(turn_); next != ready_.end() && !stopped_;
       next = ready_.find(turn_)) {
    const Ready now = std::move(next->second);
    ready_.erase(next);
    lock.unlock();
    CASSIA_TRY(store(now));  // on failure work() ends and stop() wakes the others
    lock.lock();
    ++turn_;
    turn_passed_.notify_all();
  }
  storing_ = false;
  return {};
}

Result<void> Copier::store(const Ready& ready) {
  const Chunk& chunk = ready.chunk;
  if (chunk.zero) return copy_zeroes(chunk);
  if (options_.target_backed && chunk.below &&
      CASSIA_TRY(target_matches(chunk.offset, ready.data))) {
    return {};
  }
  if (options_.compress && !is_hole(ready.data)) {
    return target_.write_packed(chunk.offset, ready.data, ready.packed);
  }
  return copy_data(chunk.offset, ready.data);
}

/// Stores `data`, leaving out zeroes grain by grain.
Result<void> Copier::copy_data(std::uint64_t offset, ByteView data) {
  const auto hole_at = [&](std::uint64_t at) {
    return is_hole(data.subspan(at, std::min<std::uint64_t>(grain_, data.size() - at)));
  };
  for (std::uint64_t at = 0; at < data.size();) {
    const bool hole = hole_at(at);
    std::uint64_t end = at;
    do {
      end = std::min<std::uint64_t>(end + grain_, data.size());
    } while (end < data.size() && hole_at(end) == hole);
    const ByteView part = data.subspan(at, end - at);
    if (!hole) {
      CASSIA_TRY(target_.write(offset + at, part));
    } else if (!options_.target_zeroed || options_.target_backed) {
      CASSIA_TRY(target_.write_zeroes(offset + at, part.size(), ZeroMode::unmap));
    }
    at = end;
  }
  return {};
}

/// True if the source has compressed data among its first extents.
Result<bool> Copier::source_is_packed() {
  constexpr int kLooks = 1000;
  std::uint64_t at = 0;
  for (int i = 0; i < kLooks && at < source_.size(); ++i) {
    const Extent found = CASSIA_TRY(source_.extent(at, source_.size() - at));
    if (found.compressed) return true;
    at += found.length;
  }
  return false;
}

Result<void> Copier::run() {
  progress_.set_total(source_.size());
  const bool many = options_.compress || CASSIA_TRY(source_is_packed());
  const unsigned count =
      many ? std::clamp(std::thread::hardware_concurrency(), 1u, kMaxThreads) : 1;
  if (count == 1) return work();
  std::vector<Result<void>> results(count);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([this, &results, i] {
      results[i] = work();
      if (!results[i]) stop();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (Result<void>& result : results) {
    if (!result) return result;
  }
  return {};
}

}  // namespace cassia::storage
