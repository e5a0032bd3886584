// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files from a client into the guest, several at once: the sender (client) and the receiver
// (agent). The agent answers an offer; data then goes as fast as the peer's tokens let it.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "channels/agent/agent_peer.h"
#include "protocol/spice/agent_text.h"

namespace cassia::channels {

/// Where a file's bytes come from.
class FileSource {
 public:
  virtual ~FileSource() = default;
  /// The next bytes, at most `most`; empty at the end.
  virtual Result<Bytes> read(std::size_t most) = 0;
};

struct FileProgress {
  std::uint32_t id = 0;
  std::string name;
  std::uint64_t size = 0;  ///< bytes
  std::uint64_t sent = 0;
  bool finished = false;       ///< nothing more comes of this id
  std::optional<Error> error;  ///< finished without success
};

class AgentFileSenderEvents {
 public:
  virtual ~AgentFileSenderEvents() = default;
  /// Something has changed. Do not call the sender from here.
  virtual void file_progress(const FileProgress& progress) = 0;
};

class AgentFileSender {
 public:
  static constexpr std::size_t chunk = 64u << 10;

  AgentFileSender(AgentPeer& peer, AgentFileSenderEvents& events) : peer_(peer), events_(events) {}

  /// Offers a file; its id. `source` is read when the agent wants the data, up to `file.size`.
  Result<std::uint32_t> start(spice::FileMetadata file, std::unique_ptr<FileSource> source);
  void cancel(std::uint32_t id);
  /// True if the message was of a file transfer.
  bool take(const spice::AgentMessage& message);
  /// The pipe is writable: sends on, a chunk of each file in turn.
  void pump();
  /// The agent is gone: everything fails.
  void reset();
  std::size_t running() const { return transfers_.size(); }

 private:
  struct Transfer {
    FileProgress progress;
    std::unique_ptr<FileSource> source;
    bool wanted = false;  ///< the agent has said that data may come
    bool all_sent = false;
  };
  using Transfers = std::map<std::uint32_t, Transfer>;

  bool send_chunk(Transfer& transfer);
  void finish(Transfers::iterator which, std::optional<Error> error);

  AgentPeer& peer_;
  AgentFileSenderEvents& events_;
  Transfers transfers_;
  std::uint32_t next_id_ = 1;
  std::uint32_t turn_ = 0;  ///< the id that was served last
};

/// The sentence for a result that is not success.
Error file_error(const spice::FileStatus& status, const std::string& name);

/// Where a received file goes. Destroyed without finish(): what was written is to vanish.
class FileSink {
 public:
  virtual ~FileSink() = default;
  virtual Result<void> write(ByteView data) = 0;
  virtual Result<void> finish() = 0;
};

class AgentFileReceiverEvents {
 public:
  virtual ~AgentFileReceiverEvents() = default;
  /// A client offers a file: a place for it, or why not (the id is filled in).
  virtual tl::expected<std::unique_ptr<FileSink>, spice::FileStatus> file_offered(
      const spice::FileMetadata& file) = 0;
  /// What the client is to be told.
  virtual void file_status(const spice::FileStatus& status) = 0;
};

class AgentFileReceiver {
 public:
  static constexpr std::size_t most_files = 64;  ///< at the same time

  explicit AgentFileReceiver(AgentFileReceiverEvents& events) : events_(events) {}

  bool take(const spice::AgentMessage& message);
  /// The client is gone: files that are not complete vanish.
  void reset() { files_.clear(); }
  std::size_t running() const { return files_.size(); }

 private:
  struct File {
    std::unique_ptr<FileSink> sink;
    std::uint64_t missing = 0;
  };
  void on_start(const spice::FileStart& start);
  void on_data(const spice::FileData& data);
  void end(std::uint32_t id, spice::FileResult result);

  AgentFileReceiverEvents& events_;
  std::map<std::uint32_t, File> files_;
};

}  // namespace cassia::channels
