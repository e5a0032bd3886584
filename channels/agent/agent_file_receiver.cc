// SPDX-License-Identifier: Apache-2.0
#include "channels/agent/agent_files.h"

namespace cassia::channels {

using spice::FileResult;

bool AgentFileReceiver::take(const spice::AgentMessage& message) {
  if (const auto* start = std::get_if<spice::FileStart>(&message)) return on_start(*start), true;
  if (const auto* data = std::get_if<spice::FileData>(&message)) return on_data(*data), true;
  if (const auto* status = std::get_if<spice::FileStatus>(&message)) {
    // The client gives up, for whatever reason.
    if (status->result != FileResult::can_send_data) files_.erase(status->id);
    return true;
  }
  return false;
}

void AgentFileReceiver::end(std::uint32_t id, FileResult result) {
  files_.erase(id);
  events_.file_status({id, result});
}

void AgentFileReceiver::on_start(const spice::FileStart& start) {
  const auto file = spice::read_file_metadata(start.metadata);
  if (!file || files_.count(start.id) != 0 || files_.size() >= most_files) {
    return events_.file_status({start.id, FileResult::error});
  }
  auto sink = events_.file_offered(*file);
  if (!sink) {
    sink.error().id = start.id;
    return events_.file_status(sink.error());
  }
  files_[start.id] = {std::move(*sink), file->size};
  events_.file_status({start.id, FileResult::can_send_data});
}

void AgentFileReceiver::on_data(const spice::FileData& data) {
  const auto found = files_.find(data.id);
  if (found == files_.end()) return;  // it crossed our refusal
  File& file = found->second;
  if (data.data.size() > file.missing) return end(data.id, FileResult::error);
  if (!file.sink->write(data.data.view())) return end(data.id, FileResult::error);
  file.missing -= data.data.size();
  if (file.missing > 0) return;
  const bool kept = file.sink->finish().has_value();
  end(data.id, kept ? FileResult::success : FileResult::error);
}

}  // namespace cassia::channels
