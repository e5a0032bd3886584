// SPDX-License-Identifier: Apache-2.0
#pragma once

// A SCSI disk that reads a block device: what a USB stick has inside. Write-protected. Source:
// SPC-4 (INQUIRY, sense data), SBC-3 (READ, READ CAPACITY), MMC's READ FORMAT CAPACITIES, which
// stick-like devices are asked for.

#include <optional>

#include "storage/block/block_device.h"

namespace cassia::client {

/// The data that a command is to send, made as it is asked for: a READ can name far more than is
/// ever held.
class ScsiData {
 public:
  ScsiData() = default;
  explicit ScsiData(Bytes bytes) : bytes_(std::move(bytes)), left_(bytes_.size()) {}
  ScsiData(std::uint64_t offset, std::uint64_t length)
      : from_disk_(true), offset_(offset), left_(length) {}

  std::uint64_t left() const { return left_; }
  /// No more than this is sent.
  void limit(std::uint64_t most) { left_ = std::min(left_, most); }
  /// The next min(size, left()) bytes.
  Result<Bytes> next(storage::BlockDevice& disk, std::size_t size);

 private:
  Bytes bytes_;
  bool from_disk_ = false;
  std::uint64_t offset_ = 0;
  std::uint64_t left_ = 0;
};

class ScsiDisk {
 public:
  /// `disk` must outlive it. A last block that is not full reads as if zeroes followed.
  explicit ScsiDisk(storage::BlockDevice& disk);

  /// A command's outcome: data for the host, or CHECK CONDITION, whose sense is kept for REQUEST
  /// SENSE. `command` is any bytes.
  struct Outcome {
    bool good = true;
    ScsiData data;
  };
  Outcome execute(ByteView command);
  /// Data of a good outcome; a disk that cannot be read makes the command fail after all.
  Result<Bytes> data(ScsiData& from, std::size_t size);

  std::uint64_t blocks() const { return blocks_; }

 private:
  struct Sense {
    std::uint8_t key = 0, code = 0, qualifier = 0;
  };
  Outcome check(Sense sense);
  Outcome inquiry(ByteView command);
  Outcome mode_sense(ByteView command);
  Outcome request_sense(ByteView command);
  Outcome format_capacities(ByteView command);
  Outcome capacity10();
  Outcome capacity16(ByteView command);
  Outcome report_luns(ByteView command);
  Outcome read(std::uint64_t block, std::uint64_t count);

  storage::BlockDevice& disk_;
  std::uint64_t blocks_;
  Sense sense_;
};

inline constexpr std::uint32_t scsi_block = 512;

}  // namespace cassia::client
