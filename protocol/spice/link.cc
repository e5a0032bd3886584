// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/link.h"

#include <spice/protocol.h>

namespace cassia::spice {
namespace {

static_assert(ticket_key_size == SPICE_TICKET_PUBKEY_BYTES);
static_assert(ticket_size == SPICE_TICKET_KEY_PAIR_LENGTH / 8);
static_assert(max_password == SPICE_MAX_PASSWORD_LENGTH);

// What a peer may state: far more words than there are capabilities, but they fit the link body.
constexpr std::uint32_t max_capability_words = 512;

struct CapabilityBlock {
  std::uint32_t common_words = 0;
  std::uint32_t channel_words = 0;
  std::uint32_t offset = 0;
};

CapabilityBlock read_block(wire::Reader& reader) {
  CapabilityBlock block;
  block.common_words = reader.u32();
  block.channel_words = reader.u32();
  block.offset = reader.u32();
  return block;
}

Capabilities read_words(wire::Reader& reader, std::uint32_t count) {
  std::vector<std::uint32_t> words;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) words.push_back(reader.u32());
  return Capabilities(std::move(words));
}

Result<void> read_capabilities(wire::Reader& reader, const CapabilityBlock& block,
                               std::size_t fixed_size, Capabilities& common, Capabilities& channel,
                               const char* what) {
  if (!reader.ok()) return fail(ErrorKind::malformed, "malformed {}: it is cut off", what);
  if (block.common_words > max_capability_words || block.channel_words > max_capability_words) {
    return fail(ErrorKind::malformed, "malformed {}: too many capabilities", what);
  }
  if (block.common_words + block.channel_words == 0) return {};
  if (block.offset < fixed_size) {
    return fail(ErrorKind::malformed, "malformed {}: the capabilities overlap its fields", what);
  }
  wire::Reader words = reader.at(block.offset);
  common = read_words(words, block.common_words);
  channel = read_words(words, block.channel_words);
  if (!words.ok())
    return fail(ErrorKind::malformed, "malformed {}: capabilities are cut off", what);
  return {};
}

void write_capabilities(wire::Writer& writer, const Capabilities& common,
                        const Capabilities& channel) {
  writer.u32(static_cast<std::uint32_t>(common.words().size()));
  writer.u32(static_cast<std::uint32_t>(channel.words().size()));
  writer.u32(static_cast<std::uint32_t>(writer.size() + 4));
  for (std::uint32_t word : common.words()) writer.u32(word);
  for (std::uint32_t word : channel.words()) writer.u32(word);
}

Bytes with_header(Bytes body) {
  Bytes message = wire::encode(LinkHeader{SPICE_MAGIC, SPICE_VERSION_MAJOR, SPICE_VERSION_MINOR,
                                          static_cast<std::uint32_t>(body.size())});
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

}  // namespace

Result<LinkMessage> LinkMessage::parse(ByteView body) {
  wire::Reader reader(body);
  LinkMessage message;
  message.connection_id = reader.u32();
  message.channel_type = reader.u8();
  message.channel_id = reader.u8();
  const CapabilityBlock block = read_block(reader);
  CASSIA_TRY(read_capabilities(reader, block, sizeof(SpiceLinkMess), message.common,
                               message.channel, "link message"));
  return message;
}

Bytes LinkMessage::encode() const {
  wire::Writer writer;
  writer.u32(connection_id);
  writer.u8(channel_type);
  writer.u8(channel_id);
  write_capabilities(writer, common, channel);
  return with_header(writer.take());
}

Result<LinkReply> LinkReply::parse(ByteView body) {
  wire::Reader reader(body);
  LinkReply reply;
  reply.error = reader.u32();
  const ByteView key = reader.bytes(reply.public_key.size());
  std::copy(key.begin(), key.end(), reply.public_key.begin());
  const CapabilityBlock block = read_block(reader);
  CASSIA_TRY(read_capabilities(reader, block, sizeof(SpiceLinkReply), reply.common, reply.channel,
                               "link reply"));
  return reply;
}

Bytes LinkReply::encode() const {
  wire::Writer writer;
  writer.u32(error);
  writer.bytes(public_key);
  write_capabilities(writer, common, channel);
  return with_header(writer.take());
}

const char* link_error_text(std::uint32_t code) {
  switch (code) {
    case SPICE_LINK_ERR_OK:
      return "ok";
    case SPICE_LINK_ERR_ERROR:
      return "error";
    case SPICE_LINK_ERR_INVALID_MAGIC:
      return "invalid magic";
    case SPICE_LINK_ERR_INVALID_DATA:
      return "invalid data";
    case SPICE_LINK_ERR_VERSION_MISMATCH:
      return "version mismatch";
    case SPICE_LINK_ERR_NEED_SECURED:
      return "the channel needs TLS";
    case SPICE_LINK_ERR_NEED_UNSECURED:
      return "the channel must not use TLS";
    case SPICE_LINK_ERR_PERMISSION_DENIED:
      return "permission denied";
    case SPICE_LINK_ERR_BAD_CONNECTION_ID:
      return "bad connection id";
    case SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE:
      return "the channel is not available";
    default:
      return "unknown error";
  }
}

}  // namespace cassia::spice
