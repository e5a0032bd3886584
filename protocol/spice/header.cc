// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/header.h"

#include "protocol/wire/reader.h"
#include "protocol/wire/writer.h"

namespace cassia::spice {
namespace {
// libspice-server sends two at most (an invalidation and a wait).
constexpr std::uint16_t max_sub_messages = 64;
}  // namespace

MessageHeader parse_header(HeaderKind kind, ByteView bytes) {
  wire::Reader reader(bytes);
  MessageHeader header;
  if (kind == HeaderKind::full) header.serial = reader.u64();
  header.type = reader.u16();
  header.size = reader.u32();
  if (kind == HeaderKind::full) header.sub_list = reader.u32();
  return header;
}

Bytes encode_header(HeaderKind kind, const MessageHeader& header) {
  wire::Writer writer;
  if (kind == HeaderKind::full) writer.u64(header.serial);
  writer.u16(header.type);
  writer.u32(header.size);
  if (kind == HeaderKind::full) writer.u32(header.sub_list);
  return writer.take();
}

Result<std::vector<SubMessage>> parse_sub_messages(ByteView body, std::uint32_t offset) {
  wire::Reader list = wire::Reader(body).at(offset);
  const std::uint16_t count = list.u16();
  if (count > max_sub_messages) {
    return fail(ErrorKind::malformed, "{} sub-messages in one message", count);
  }
  std::vector<SubMessage> messages;
  for (std::uint16_t i = 0; i < count && list.ok(); ++i) {
    wire::Reader sub = list.at(list.u32());
    SubMessage message;
    message.type = sub.u16();
    message.body = sub.bytes(sub.u32());
    if (!sub.ok()) list.fail();
    messages.push_back(message);
  }
  if (!list.ok()) return fail(ErrorKind::malformed, "a list of sub-messages is cut off");
  return messages;
}

Bytes encode_sub_messages(const std::vector<SubMessage>& messages) {
  wire::Writer writer;
  writer.u16(static_cast<std::uint16_t>(messages.size()));
  std::vector<wire::Writer::Slot> offsets;
  for (std::size_t i = 0; i < messages.size(); ++i) offsets.push_back(writer.u32(0));
  for (std::size_t i = 0; i < messages.size(); ++i) {
    writer.patch_u32(offsets[i], static_cast<std::uint32_t>(writer.size()));
    writer.u16(messages[i].type);
    writer.u32(static_cast<std::uint32_t>(messages[i].body.size()));
    writer.bytes(messages[i].body);
  }
  return writer.take();
}

}  // namespace cassia::spice
