// SPDX-License-Identifier: Apache-2.0
#pragma once

// A recorded SPICE session: every message of every connection, as it was on the wire, with its
// time. The file (".sprec", little endian) is the eight bytes "SPREC001" and then records:
//
//   u8 kind, u8 connection, u16 zero, u64 nanoseconds since the recording began, u32 size, payload
//
// A connection begins with an `open` record, whose payload is a JSON object (OpenInfo), and ends
// with `close`. The payload of `server` and `client` is exactly one whole message, header and body.
// A `meta` record, if there is one, comes first and is free-form JSON.

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "protocol/spice/capabilities.h"
#include "protocol/spice/channel_id.h"

namespace cassia::recording {

enum class RecordKind : std::uint8_t { open = 1, server, client, close, meta };

struct Record {
  RecordKind kind = RecordKind::meta;
  std::uint8_t connection = 0;
  std::chrono::nanoseconds time{};
  ByteView payload;  ///< borrowed from the file
};

/// What was agreed on when a connection was made.
struct OpenInfo {
  spice::ChannelId channel;
  std::uint32_t connection_id = 0;
  spice::Capabilities client_common, client_caps;
  spice::Capabilities server_common, server_caps;
  bool mini = true;  ///< its messages have mini headers

  /// The payload of an `open` record.
  static Result<OpenInfo> parse(ByteView json);
  Bytes encode() const;
};

/// Reads a file in memory, record by record. Allocates nothing.
class Reader {
 public:
  /// An error if `file` is no recording. `file` must outlive the reader.
  static Result<Reader> create(ByteView file);

  /// The next record; nothing at the end. An error where the file breaks its format, which a
  /// recording that was cut off does in its last record.
  Result<std::optional<Record>> next();

 private:
  explicit Reader(ByteView rest) : rest_(rest) {}
  ByteView rest_;
};

/// The first bytes of a file.
ByteView file_magic();
/// One record, ready to be appended to a file.
Bytes encode(const Record& record);

}  // namespace cassia::recording
