// SPDX-License-Identifier: Apache-2.0
#include "client/usb/bulk_only.h"

#include <algorithm>

namespace cassia::client {
namespace {

constexpr std::uint32_t command_signature = 0x43425355;  // "USBC"
constexpr std::uint32_t status_signature = 0x53425355;   // "USBS"
constexpr std::size_t command_size = 31;
constexpr std::size_t longest_cdb = 16;
constexpr std::uint8_t direction_in = 0x80;

std::uint32_t little_endian(ByteView data, std::size_t at) {
  return static_cast<std::uint32_t>(data[at]) | static_cast<std::uint32_t>(data[at + 1]) << 8 |
         static_cast<std::uint32_t>(data[at + 2]) << 16 |
         static_cast<std::uint32_t>(data[at + 3]) << 24;
}

void put32(Bytes& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

void BulkOnly::reset() {
  state_ = State::command;
  data_ = {};
}

bool BulkOnly::out(ByteView data) {
  if (state_ == State::command) return command(data);
  if (state_ != State::data_out) return false;
  // Of a command that was refused: the host sends it all the same. It counts as not taken.
  const auto moved = static_cast<std::uint32_t>(std::min<std::size_t>(data.size(), residue_));
  taken_ += moved;
  if (taken_ >= residue_) state_ = State::status;
  return true;
}

bool BulkOnly::command(ByteView w) {
  const bool good = w.size() == command_size && little_endian(w, 0) == command_signature &&
                    (w[13] & 0x0f) == 0 && w[14] >= 1 && w[14] <= longest_cdb;
  if (!good) {
    state_ = State::broken;
    return false;
  }
  tag_ = little_endian(w, 4);
  residue_ = little_endian(w, 8);
  taken_ = 0;
  const bool to_host = (w[12] & direction_in) != 0;
  auto outcome = disk_.execute(w.subspan(15, w[14]));
  failed_ = !outcome.good;
  data_ = std::move(outcome.data);
  data_.limit(residue_);
  if (residue_ == 0) {
    state_ = State::status;
  } else if (to_host) {
    state_ = State::data_in;
  } else {
    state_ = State::data_out;
  }
  return true;
}

std::optional<Bytes> BulkOnly::in(std::size_t size) {
  switch (state_) {
    case State::status:
      return size < status_size ? std::nullopt : std::optional<Bytes>(status());
    case State::data_in: {
      auto bytes = disk_.data(data_, size);
      if (!bytes) {
        failed_ = true;
        data_ = {};
        bytes = Bytes();
      }
      residue_ -= static_cast<std::uint32_t>(bytes->size());
      // A short answer ends the data; so does the last byte that the host asked for.
      if (bytes->size() < size || residue_ == 0) state_ = State::status;
      return std::move(*bytes);
    }
    default:
      return std::nullopt;
  }
}

Bytes BulkOnly::status() {
  state_ = State::command;
  Bytes out;
  put32(out, status_signature);
  put32(out, tag_);
  put32(out, residue_);
  out.push_back(failed_ ? 1 : 0);
  return out;
}

}  // namespace cassia::client
