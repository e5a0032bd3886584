// SPDX-License-Identifier: Apache-2.0
#include "channels/agent/agent_files.h"

namespace cassia::channels {

using spice::FileResult;

Error file_error(const spice::FileStatus& status, const std::string& name) {
  const auto error = [&](ErrorKind kind, std::string_view why) {
    return Error(kind, fmt::format("{}: {}", name, why));
  };
  switch (status.result) {
    case FileResult::cancelled:
      return error(ErrorKind::canceled, "the guest cancelled the transfer");
    case FileResult::not_enough_space:
      if (status.free_space) {
        return error(ErrorKind::no_space,
                     fmt::format("the guest has only {} bytes free", *status.free_space));
      }
      return error(ErrorKind::no_space, "the guest has not enough space");
    case FileResult::session_locked:
      return error(ErrorKind::permission, "the guest's session is locked; unlock it first");
    case FileResult::agent_not_connected:
      return error(ErrorKind::closed, "nobody is logged in in the guest");
    case FileResult::disabled:
      return error(ErrorKind::permission, "the guest takes no files");
    default:
      if (status.io_error) {
        return error(ErrorKind::io,
                     fmt::format("the guest could not write it (GIO error {})", *status.io_error));
      }
      return error(ErrorKind::io, "the guest could not write it");
  }
}

Result<std::uint32_t> AgentFileSender::start(spice::FileMetadata file,
                                             std::unique_ptr<FileSource> source) {
  const std::uint32_t id = next_id_;
  CASSIA_TRY(peer_.send(spice::FileStart{id, spice::write_file_metadata(file)}));
  ++next_id_;
  Transfer& transfer = transfers_[id];
  transfer.progress.id = id;
  transfer.progress.name = std::move(file.name);
  transfer.progress.size = file.size;
  transfer.source = std::move(source);
  events_.file_progress(transfer.progress);
  return id;
}

void AgentFileSender::cancel(std::uint32_t id) {
  const auto found = transfers_.find(id);
  if (found == transfers_.end()) return;
  (void)peer_.send(spice::FileStatus{id, FileResult::cancelled});
  finish(found, Error(ErrorKind::canceled, found->second.progress.name + ": cancelled"));
}

bool AgentFileSender::take(const spice::AgentMessage& message) {
  const auto* status = std::get_if<spice::FileStatus>(&message);
  if (!status) {
    return std::holds_alternative<spice::FileStart>(message) ||
           std::holds_alternative<spice::FileData>(message);  // an agent does not send these
  }
  const auto found = transfers_.find(status->id);
  if (found == transfers_.end()) return true;  // of one that we have cancelled
  Transfer& transfer = found->second;
  if (status->result == FileResult::can_send_data) {
    transfer.wanted = true;
    pump();
  } else if (status->result == FileResult::success) {
    finish(found, {});
  } else {
    finish(found, file_error(*status, transfer.progress.name));
  }
  return true;
}

void AgentFileSender::pump() {
  while (peer_.pipe().agent_backlog() < agent_bulk_backlog) {
    // The next one after the last served that has something to send.
    const auto ready = [](const auto& entry) {
      return entry.second.wanted && !entry.second.all_sent;
    };
    auto next = std::find_if(transfers_.upper_bound(turn_), transfers_.end(), ready);
    if (next == transfers_.end()) next = std::find_if(transfers_.begin(), transfers_.end(), ready);
    if (next == transfers_.end()) return;
    turn_ = next->first;
    if (!send_chunk(next->second)) return;
  }
}

/// False if the pipe takes no more for now.
bool AgentFileSender::send_chunk(Transfer& transfer) {
  FileProgress& progress = transfer.progress;
  const auto fail_with = [&](Error error) {
    (void)peer_.send(spice::FileStatus{progress.id, FileResult::error});
    finish(transfers_.find(progress.id), std::move(error));
    return true;
  };
  const std::uint64_t left = progress.size - progress.sent;
  auto data = transfer.source->read(static_cast<std::size_t>(std::min<std::uint64_t>(chunk, left)));
  if (!data) return fail_with(data.error());
  if (data->empty() && left > 0) {
    return fail_with(Error(ErrorKind::io, progress.name + ": it has become shorter meanwhile"));
  }
  const std::size_t size = data->size();
  if (auto sent = peer_.send(spice::FileData{progress.id, std::move(*data)}); !sent) {
    return fail_with(sent.error());
  }
  progress.sent += size;
  transfer.all_sent = progress.sent == progress.size;
  events_.file_progress(progress);
  return true;
}

void AgentFileSender::finish(Transfers::iterator which, std::optional<Error> error) {
  FileProgress progress = std::move(which->second.progress);
  transfers_.erase(which);
  progress.finished = true;
  progress.error = std::move(error);
  events_.file_progress(progress);
}

void AgentFileSender::reset() {
  while (!transfers_.empty()) {
    const auto first = transfers_.begin();
    finish(first, Error(ErrorKind::closed,
                        first->second.progress.name + ": the guest's agent has gone away"));
  }
}

}  // namespace cassia::channels
