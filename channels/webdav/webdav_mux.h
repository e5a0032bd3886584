// SPDX-License-Identifier: Apache-2.0
#pragma once

// What travels inside a webdav channel (a port of type WEBDAV, named org.spice-space.webdav.0):
// many HTTP connections of the guest, multiplexed. Each frame is the connection's number (int64,
// little-endian), a size (uint16) and that many bytes; size 0 closes the connection. Source: the
// behaviour of spice-webdavd, the guest's daemon (package spice-webdavd).

#include <cstdint>
#include <functional>

#include "base/bytes.h"

namespace cassia::channels {

inline constexpr const char* webdav_port_name = "org.spice-space.webdav.0";

using MuxId = std::int64_t;
inline constexpr std::size_t mux_header = 10;
inline constexpr std::size_t mux_largest = 65535;

/// Takes the stream in any pieces and gives the parts of frames as they come: nothing but a header
/// is ever kept.
class MuxReader {
 public:
  /// `data` is a part of a frame of connection `id`, borrowed; empty: the connection is closed.
  using OnData = std::function<void(MuxId id, ByteView data)>;

  explicit MuxReader(OnData on_data) : on_data_(std::move(on_data)) {}

  void feed(ByteView bytes);
  void reset() { have_ = left_ = 0; }

 private:
  OnData on_data_;
  std::uint8_t header_[mux_header] = {};
  std::size_t have_ = 0;  ///< bytes of the header
  std::size_t left_ = 0;  ///< bytes of the frame to come
  MuxId id_ = 0;
};

/// `data` in as many frames as it takes; empty data is the frame that closes.
Bytes mux_frames(MuxId id, ByteView data);

}  // namespace cassia::channels
