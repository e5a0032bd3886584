// SPDX-License-Identifier: Apache-2.0
#pragma once

// A proxy between a SPICE client and a server that records what passes, untouched, into a file
// (protocol/recording). Only plain TCP and unix sockets: under TLS there is nothing to see.

#include <fstream>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "net/stream.h"
#include "protocol/recording/wire_tap.h"

namespace cassia::test {

/// The file: written as it comes, from one thread.
class RecordingFile {
 public:
  static Result<std::unique_ptr<RecordingFile>> create(const std::string& path, const Clock& clock);
  /// A number for a new connection, or an error after 255 of them.
  Result<std::uint8_t> new_connection();
  void add(recording::RecordKind kind, std::uint8_t connection, ByteView payload);
  /// An error if anything could not be written.
  Result<void> finish();

 private:
  RecordingFile(const std::string& path, const Clock& clock);

  std::string path_;
  std::ofstream out_;
  const Clock& clock_;
  TimePoint begin_;
  unsigned connections_ = 0;
};

struct RecorderOptions {
  net::Address server;
  bool client_messages = true;  ///< false: only what the server says, which is all a replay needs
};

/// Serves one accepted connection to its end. `file` must outlive the task.
net::Task<> record_connection(std::unique_ptr<net::Stream> client, RecorderOptions options,
                              RecordingFile& file);

}  // namespace cassia::test
