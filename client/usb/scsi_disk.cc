// SPDX-License-Identifier: Apache-2.0
#include "client/usb/scsi_disk.h"

#include <algorithm>

#include "base/log.h"

namespace cassia::client {
namespace {

enum Operation : std::uint8_t {
  test_unit_ready = 0x00,
  request_sense_op = 0x03,
  write6 = 0x0a,
  inquiry_op = 0x12,
  mode_sense6 = 0x1a,
  start_stop = 0x1b,
  prevent_removal = 0x1e,
  read_format_capacities = 0x23,
  read_capacity10 = 0x25,
  read10 = 0x28,
  write10 = 0x2a,
  verify10 = 0x2f,
  synchronize_cache = 0x35,
  mode_sense10 = 0x5a,
  read16 = 0x88,
  write16 = 0x8a,
  service_action_in = 0x9e,
  report_luns_op = 0xa0,
  read12 = 0xa8,
  write12 = 0xaa,
};

constexpr std::uint8_t illegal_request = 5;
constexpr std::uint8_t medium_error = 3;
constexpr std::uint8_t data_protect = 7;

std::uint8_t byte_at(ByteView data, std::size_t at) { return at < data.size() ? data[at] : 0; }

std::uint64_t big_endian(ByteView data, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | byte_at(data, at + i);
  return value;
}

void put(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// Text of a fixed width, filled with spaces.
void put_text(Bytes& out, std::string_view text, std::size_t width) {
  text = text.substr(0, width);
  out.insert(out.end(), text.begin(), text.end());
  out.insert(out.end(), width - text.size(), ' ');
}

/// No longer than the host has room for.
ScsiData cut(Bytes data, std::uint64_t allocation) {
  ScsiData out(std::move(data));
  out.limit(allocation);
  return out;
}

}  // namespace

Result<Bytes> ScsiData::next(storage::BlockDevice& disk, std::size_t size) {
  const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
  Bytes out(now);
  if (from_disk_) {
    // Beyond the end (of the last block) there are zeroes.
    const std::uint64_t there = offset_ < disk.size() ? disk.size() - offset_ : 0;
    const auto stored = static_cast<std::size_t>(std::min<std::uint64_t>(now, there));
    if (stored > 0) CASSIA_TRY(disk.read(offset_, MutableByteView(out).first(stored)));
  } else {
    std::copy_n(bytes_.begin() + static_cast<long>(offset_), now, out.begin());
  }
  offset_ += now;
  left_ -= now;
  return out;
}

ScsiDisk::ScsiDisk(storage::BlockDevice& disk)
    : disk_(disk), blocks_((disk.size() + scsi_block - 1) / scsi_block) {}

ScsiDisk::Outcome ScsiDisk::check(Sense sense) {
  sense_ = sense;
  return {false, {}};
}

Result<Bytes> ScsiDisk::data(ScsiData& from, std::size_t size) {
  auto bytes = from.next(disk_, size);
  if (bytes) return bytes;
  log_warn("usb", "{}", bytes.error().message());
  sense_ = {medium_error, 0x11, 0};  // unrecovered read error
  return bytes;
}

ScsiDisk::Outcome ScsiDisk::execute(ByteView command) {
  switch (byte_at(command, 0)) {
    case test_unit_ready:
    case start_stop:
    case prevent_removal:
    case verify10:
    case synchronize_cache:
      return {};
    case request_sense_op:
      return request_sense(command);
    case inquiry_op:
      return inquiry(command);
    case mode_sense6:
    case mode_sense10:
      return mode_sense(command);
    case read_format_capacities:
      return format_capacities(command);
    case read_capacity10:
      return capacity10();
    case service_action_in:
      return capacity16(command);
    case report_luns_op:
      return report_luns(command);
    case read10:
      return read(big_endian(command, 2, 4), big_endian(command, 7, 2));
    case read12:
      return read(big_endian(command, 2, 4), big_endian(command, 6, 4));
    case read16:
      return read(big_endian(command, 2, 8), big_endian(command, 10, 4));
    case write6:
    case write10:
    case write12:
    case write16:
      return check({data_protect, 0x27, 0});  // write protected
    default:
      return check({illegal_request, 0x20, 0});  // no such command
  }
}

ScsiDisk::Outcome ScsiDisk::request_sense(ByteView command) {
  const Sense sense = std::exchange(sense_, {});
  Bytes out = {0x70, 0, sense.key, 0, 0, 0, 0, 10, 0, 0, 0, 0, sense.code, sense.qualifier};
  out.resize(18);
  return {true, cut(std::move(out), byte_at(command, 4))};
}

ScsiDisk::Outcome ScsiDisk::inquiry(ByteView command) {
  const std::uint64_t allocation = big_endian(command, 3, 2);
  if ((byte_at(command, 1) & 1) == 0) {
    Bytes out = {0, 0x80, 5, 2, 31, 0, 0, 0};  // a disk, removable, SPC-3
    put_text(out, "Cassia", 8);
    put_text(out, "Image", 16);
    put_text(out, "1", 4);
    return {true, cut(std::move(out), allocation)};
  }
  switch (byte_at(command, 2)) {
    case 0x00:
      return {true, cut({0, 0x00, 0, 2, 0x00, 0x80}, allocation)};
    case 0x80: {
      Bytes out = {0, 0x80, 0, 12};
      put_text(out, "CASSIA000001", 12);
      return {true, cut(std::move(out), allocation)};
    }
    default:
      return check({illegal_request, 0x24, 0});  // invalid field
  }
}

ScsiDisk::Outcome ScsiDisk::mode_sense(ByteView command) {
  constexpr std::uint8_t write_protected = 0x80;
  if (byte_at(command, 0) == mode_sense6) {
    return {true, cut({3, 0, write_protected, 0}, byte_at(command, 4))};
  }
  return {true, cut({0, 6, 0, write_protected, 0, 0, 0, 0}, big_endian(command, 7, 2))};
}

ScsiDisk::Outcome ScsiDisk::format_capacities(ByteView command) {
  Bytes out = {0, 0, 0, 8};
  put(out, std::min<std::uint64_t>(blocks_, 0xffffffff), 4);
  put(out, 0x02000000 | scsi_block, 4);  // formatted
  return {true, cut(std::move(out), big_endian(command, 7, 2))};
}

ScsiDisk::Outcome ScsiDisk::capacity10() {
  Bytes out;
  put(out, std::min<std::uint64_t>(blocks_ == 0 ? 0 : blocks_ - 1, 0xffffffff), 4);
  put(out, scsi_block, 4);
  return {true, ScsiData(std::move(out))};
}

ScsiDisk::Outcome ScsiDisk::capacity16(ByteView command) {
  constexpr std::uint8_t read_capacity = 0x10;
  if ((byte_at(command, 1) & 0x1f) != read_capacity) return check({illegal_request, 0x24, 0});
  Bytes out;
  put(out, blocks_ == 0 ? 0 : blocks_ - 1, 8);
  put(out, scsi_block, 4);
  out.resize(32);
  return {true, cut(std::move(out), big_endian(command, 10, 4))};
}

ScsiDisk::Outcome ScsiDisk::report_luns(ByteView command) {
  return {true, cut({0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, big_endian(command, 6, 4))};
}

ScsiDisk::Outcome ScsiDisk::read(std::uint64_t block, std::uint64_t count) {
  if (block > blocks_ || count > blocks_ - block) {
    return check({illegal_request, 0x21, 0});  // beyond the end
  }
  return {true, ScsiData(block * scsi_block, count * scsi_block)};
}

}  // namespace cassia::client
