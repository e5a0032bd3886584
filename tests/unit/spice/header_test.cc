// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/header.h"

#include <gtest/gtest.h>
#include <spice/protocol.h>

#include <cstring>

namespace cassia::spice {
namespace {

TEST(HeaderTest, MatchTheStructsOfTheHeaders) {
  const Bytes full = encode_header(HeaderKind::full, {0x1122334455667788u, 304, 99, 7});
  SpiceDataHeader header;
  ASSERT_EQ(full.size(), sizeof(header));
  std::memcpy(&header, full.data(), sizeof(header));
  EXPECT_EQ(header.serial, 0x1122334455667788u);
  EXPECT_EQ(header.type, 304);
  EXPECT_EQ(header.size, 99u);
  EXPECT_EQ(header.sub_list, 7u);
  EXPECT_EQ(parse_header(HeaderKind::full, full).sub_list, 7u);

  const Bytes mini = encode_header(HeaderKind::mini, {1, 304, 99, 7});
  EXPECT_EQ(mini.size(), sizeof(SpiceMiniDataHeader));
  EXPECT_EQ(parse_header(HeaderKind::mini, mini).size, 99u);
  EXPECT_EQ(parse_header(HeaderKind::mini, mini).sub_list, 0u);
}

TEST(HeaderTest, SubMessagesGoThereAndBack) {
  const Bytes first = {1, 2, 3};
  const Bytes list = encode_sub_messages({{100, first}, {200, {}}});
  const auto back = parse_sub_messages(list, 0);
  ASSERT_TRUE(back.has_value());
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].type, 100);
  EXPECT_EQ(to_bytes((*back)[0].body), first);
  EXPECT_TRUE((*back)[1].body.empty());
  for (std::size_t size = 0; size < list.size(); ++size) {
    EXPECT_FALSE(parse_sub_messages(ByteView(list).first(size), 0).has_value()) << size;
  }
  EXPECT_FALSE(parse_sub_messages(list, 1000).has_value());
  EXPECT_FALSE(parse_sub_messages(Bytes(2, 0xff), 0).has_value());
}

}  // namespace
}  // namespace cassia::spice
