// SPDX-License-Identifier: Apache-2.0
#include "tests/replay/session_tape.h"

#include <spice/enums.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "protocol/spice/header.h"

namespace cassia::test {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 30;
constexpr auto mini_header = spice::HeaderKind::mini;

/// The replaying server has its own ack window.
bool is_replayed(std::uint16_t type) { return type != SPICE_MSG_SET_ACK; }

}  // namespace

Result<SessionTape> SessionTape::load(const std::string& path) {
  const auto file = std::make_shared<const Bytes>(CASSIA_TRY(read_file(path, largest_file)));
  auto reader = CASSIA_TRY(recording::Reader::create(*file));
  SessionTape tape;
  std::map<std::uint8_t, std::size_t> places;  // connection -> index in tape.channels
  while (const auto record = CASSIA_TRY(reader.next())) {
    if (record->kind == recording::RecordKind::open) {
      auto info = CASSIA_TRY(recording::OpenInfo::parse(record->payload));
      if (tape.find(info.channel)) continue;
      if (!info.mini) return fail(ErrorKind::unsupported, "{}: recorded with full headers", path);
      places[record->connection] = tape.channels.size();
      tape.channels.push_back({std::move(info), {}});
    } else if (record->kind == recording::RecordKind::server) {
      const auto place = places.find(record->connection);
      if (place == places.end()) continue;
      const std::size_t header = spice::header_size(mini_header);
      if (record->payload.size() < header) {
        return fail(ErrorKind::malformed, "{}: a message without a header", path);
      }
      const auto head = spice::parse_header(mini_header, record->payload);
      if (!is_replayed(head.type)) continue;
      tape.channels[place->second].messages.push_back(
          {record->time, head.type, SharedBytes(file, record->payload.subspan(header))});
    }
  }
  for (const TapeChannel& channel : tape.channels) {
    if (channel.info.channel.type != spice::ChannelType::display || channel.messages.empty()) {
      continue;
    }
    const auto first = channel.messages.front().time;
    if (tape.display_begin.count() == 0 || first < tape.display_begin) tape.display_begin = first;
  }
  return tape;
}

const TapeChannel* SessionTape::find(spice::ChannelId id) const {
  const auto found =
      std::find_if(channels.begin(), channels.end(),
                   [&](const TapeChannel& channel) { return channel.info.channel == id; });
  return found == channels.end() ? nullptr : &*found;
}

}  // namespace cassia::test
