// SPDX-License-Identifier: Apache-2.0
#pragma once

// Copies what one image shows into another, walking extents so that holes cost nothing. Where there
// is compressing or decompressing to do, several threads do it, but what they made is stored in the
// order of the disk: the target does not depend on who was faster, and lies on disk as it is read.

#include <condition_variable>
#include <map>
#include <mutex>

#include "storage/format/image.h"

namespace cassia::storage {

struct CopyOptions {
  bool compress = false;
  /// Runs of zeroes at least this long are not stored; 0: everything is stored.
  std::uint64_t sparse_size = 4096;
  /// The target reads as zeroes wherever it has not been written.
  bool target_zeroed = true;
  /// The target has a backing image: what already reads right is left to it.
  bool target_backed = false;
};

class Copier {
 public:
  /// All outlive the copier. `source` is not larger than `target`.
  Copier(Image& source, Image& target, const CopyOptions& options, Progress& progress);

  /// Copies everything; several threads if that helps.
  Result<void> run();

  /// Bytes of the source that are stored data, as an estimate of what a copy needs.
  static Result<std::uint64_t> data_bytes(Image& source, Progress& progress);

 private:
  struct Chunk {
    std::uint64_t turn = 0;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    bool zero = false;   ///< the source says it is zero
    bool below = false;  ///< the source's own backing image supplies it
  };
  Result<Chunk> next_chunk();
  Result<void> work();
  Result<void> copy(const Chunk& chunk);
  /// A chunk that is read and packed, and waits for those before it.
  struct Ready {
    Chunk chunk;
    Bytes data;
    Bytes packed;
  };
  Result<void> hand_in(Ready ready);
  Result<void> store(const Ready& ready);
  Result<void> copy_data(std::uint64_t offset, ByteView data);
  Result<bool> source_is_packed();
  bool is_hole(ByteView data) const;
  void stop();
  Result<void> copy_zeroes(const Chunk& chunk);
  Result<bool> target_matches(std::uint64_t offset, ByteView data);

  Image& source_;
  Image& target_;
  CopyOptions options_;
  Progress& progress_;
  std::uint64_t grain_;       ///< chunks start at multiples of this
  std::uint64_t chunk_size_;  ///< and are at most this long
  std::mutex mutex_;          ///< guards all below
  std::condition_variable turn_passed_;
  std::uint64_t next_turn_ = 0;           ///< for the next chunk
  std::uint64_t turn_ = 0;                ///< of the chunk that may be stored now
  std::map<std::uint64_t, Ready> ready_;  ///< by turn
  bool storing_ = false;                  ///< some thread is at it
  std::uint64_t position_ = 0;
  bool stopped_ = false;
};

}  // namespace cassia::storage
