// SPDX-License-Identifier: Apache-2.0
#pragma once

// The bulk-only transport of USB mass storage: commands wrapped in 31 bytes on the OUT endpoint,
// data, and a status of 13 bytes on the IN endpoint. Source: "Universal Serial Bus Mass Storage
// Class, Bulk-Only Transport", revision 1.0.

#include "client/usb/scsi_disk.h"

namespace cassia::client {

class BulkOnly {
 public:
  static constexpr std::size_t status_size = 13;

  explicit BulkOnly(ScsiDisk& disk) : disk_(disk) {}

  /// What the host wrote; false: the endpoint stalls.
  bool out(ByteView data);
  /// What the host reads, at most `size` bytes; none: the endpoint stalls.
  std::optional<Bytes> in(std::size_t size);

  /// Bulk-Only Mass Storage Reset, or a reset of the bus. After a bad wrapper both endpoints stall
  /// until then, whatever CLEAR_FEATURE says.
  void reset();

 private:
  enum class State : std::uint8_t { command, data_in, data_out, status, broken };

  bool command(ByteView wrapper);
  Bytes status();

  ScsiDisk& disk_;
  State state_ = State::command;
  std::uint32_t tag_ = 0;
  std::uint32_t residue_ = 0;  ///< of what the host wants to move, what has not been
  std::uint32_t taken_ = 0;    ///< of the data of a command that was refused
  bool failed_ = false;
  ScsiData data_;
};

}  // namespace cassia::client
