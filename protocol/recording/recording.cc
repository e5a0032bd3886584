// SPDX-License-Identifier: Apache-2.0
#include "protocol/recording/recording.h"

#include <nlohmann/json.hpp>

#include "protocol/json/json_text.h"
#include "protocol/wire/reader.h"
#include "protocol/wire/writer.h"

namespace cassia::recording {
namespace {

constexpr std::string_view magic = "SPREC001";
constexpr std::size_t header_bytes = 16;
/// The largest server message that a client takes, and its header.
constexpr std::size_t max_payload = (std::size_t{64} << 20) + 18;
constexpr std::size_t max_words = 32;  ///< of capabilities: 1,024 of them

nlohmann::json words_of(const spice::Capabilities& caps) { return caps.words(); }

Result<spice::Capabilities> caps_of(const nlohmann::json& value, const char* key) {
  const nlohmann::json& list = member(value, key);
  if (!list.is_array() || list.size() > max_words) {
    return fail(ErrorKind::malformed, "recording: \"{}\" is not a list of capability words", key);
  }
  std::vector<std::uint32_t> words;
  for (const auto& word : list) {
    if (!word.is_number_integer()) {
      return fail(ErrorKind::malformed, "recording: \"{}\" holds what is no number", key);
    }
    words.push_back(static_cast<std::uint32_t>(word.get<std::int64_t>()));
  }
  return spice::Capabilities(std::move(words));
}

}  // namespace

Result<OpenInfo> OpenInfo::parse(ByteView json) {
  const nlohmann::json value = CASSIA_TRY(parse_json(as_text(json), 4));
  const std::int64_t type = number_at(value, "type", -1);
  const std::int64_t id = number_at(value, "id", -1);
  if (type < 1 || type > 255 || id < 0 || id > 255) {
    return fail(ErrorKind::malformed, "recording: a connection without a channel type and id");
  }
  OpenInfo out;
  out.channel = {static_cast<spice::ChannelType>(type), static_cast<std::uint8_t>(id)};
  out.connection_id = static_cast<std::uint32_t>(number_at(value, "connection_id"));
  out.client_common = CASSIA_TRY(caps_of(value, "client_common"));
  out.client_caps = CASSIA_TRY(caps_of(value, "client_caps"));
  out.server_common = CASSIA_TRY(caps_of(value, "server_common"));
  out.server_caps = CASSIA_TRY(caps_of(value, "server_caps"));
  out.mini = flag_at(value, "mini");
  return out;
}

Bytes OpenInfo::encode() const {
  return to_bytes(to_text(nlohmann::json{{"type", static_cast<int>(channel.type)},
                                         {"id", channel.id},
                                         {"connection_id", connection_id},
                                         {"client_common", words_of(client_common)},
                                         {"client_caps", words_of(client_caps)},
                                         {"server_common", words_of(server_common)},
                                         {"server_caps", words_of(server_caps)},
                                         {"mini", mini}}));
}

Result<Reader> Reader::create(ByteView file) {
  if (!as_text(file).starts_with(magic)) {
    return fail(ErrorKind::malformed, "this is not a recorded SPICE session (SPREC001)");
  }
  return Reader(file.subspan(magic.size()));
}

Result<std::optional<Record>> Reader::next() {
  if (rest_.empty()) return std::nullopt;
  wire::Reader in(rest_);
  Record record;
  const std::uint8_t kind = in.u8();
  record.connection = in.u8();
  in.skip(2);
  const std::uint64_t time = in.u64();
  record.time = std::chrono::nanoseconds(static_cast<std::int64_t>(time));
  const std::uint32_t size = in.u32();
  if (kind < 1 || kind > static_cast<std::uint8_t>(RecordKind::meta) || size > max_payload ||
      time > INT64_MAX) {
    return fail(ErrorKind::malformed, "recording: a record of kind {} and {} bytes", kind, size);
  }
  record.kind = static_cast<RecordKind>(kind);
  record.payload = in.bytes(size);
  if (!in.ok()) return fail(ErrorKind::malformed, "recording: cut off in the middle of a record");
  rest_ = rest_.subspan(header_bytes + size);
  return record;
}

ByteView file_magic() { return as_bytes(magic); }

Bytes encode(const Record& record) {
  wire::Writer out;
  out.u8(static_cast<std::uint8_t>(record.kind));
  out.u8(record.connection);
  out.u16(0);
  out.u64(static_cast<std::uint64_t>(record.time.count()));
  out.u32(static_cast<std::uint32_t>(record.payload.size()));
  out.bytes(record.payload);
  return out.take();
}

}  // namespace cassia::recording
