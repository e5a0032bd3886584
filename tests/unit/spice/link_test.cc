// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/link.h"

#include <gtest/gtest.h>
#include <spice/protocol.h>

#include <cstring>

namespace cassia::spice {
namespace {

TEST(LinkMessagesTest, MatchTheStructsOfTheHeaders) {
  LinkMessage message;
  message.connection_id = 0x01020304;
  message.channel_type = 2;
  message.channel_id = 7;
  message.common = {SPICE_COMMON_CAP_MINI_HEADER};
  message.channel = {0, 33};
  const Bytes wire = message.encode();
  SpiceLinkHeader header;
  SpiceLinkMess body;
  ASSERT_EQ(wire.size(), sizeof(header) + sizeof(body) + 3 * 4);
  std::memcpy(&header, wire.data(), sizeof(header));
  std::memcpy(&body, wire.data() + sizeof(header), sizeof(body));
  EXPECT_EQ(header.magic, SPICE_MAGIC);
  EXPECT_EQ(header.major_version, std::uint32_t{SPICE_VERSION_MAJOR});
  EXPECT_EQ(header.size, wire.size() - sizeof(header));
  EXPECT_EQ(body.connection_id, 0x01020304u);
  EXPECT_EQ(body.channel_id, 7);
  EXPECT_EQ(body.num_common_caps, 1u);
  EXPECT_EQ(body.num_channel_caps, 2u);
  EXPECT_EQ(body.caps_offset, sizeof(body));

  const auto back = LinkMessage::parse(ByteView(wire).subspan(sizeof(header)));
  ASSERT_TRUE(back.has_value());
  EXPECT_TRUE(back->common.has(SPICE_COMMON_CAP_MINI_HEADER));
  EXPECT_TRUE(back->channel.has(33));
  EXPECT_FALSE(back->channel.has(32));
  for (std::size_t size = 0; size < wire.size() - sizeof(header); ++size) {
    EXPECT_FALSE(LinkMessage::parse(ByteView(wire).subspan(sizeof(header), size)).has_value());
  }
}

TEST(LinkMessagesTest, Reply) {
  LinkReply reply;
  reply.error = SPICE_LINK_ERR_NEED_SECURED;
  reply.public_key[161] = 9;
  reply.channel = {5};
  const Bytes wire = reply.encode();
  ASSERT_EQ(wire.size(), sizeof(SpiceLinkHeader) + sizeof(SpiceLinkReply) + 4);
  const auto back = LinkReply::parse(ByteView(wire).subspan(16));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->error, std::uint32_t{SPICE_LINK_ERR_NEED_SECURED});
  EXPECT_EQ(back->public_key, reply.public_key);
  EXPECT_TRUE(back->channel.has(5));
  for (std::size_t size = 0; size < wire.size() - 16; ++size) {
    EXPECT_FALSE(LinkReply::parse(ByteView(wire).subspan(16, size)).has_value());
  }
}

}  // namespace
}  // namespace cassia::spice
