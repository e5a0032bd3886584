// SPDX-License-Identifier: Apache-2.0
#include "dial/route.h"

#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

namespace cassia::dial {
namespace {

using spice::ChannelType;

Target both() {
  Target target;
  target.plain = net::Address{net::Transport::tcp, "vm", 5900, {}};
  target.tls = net::Address{net::Transport::tls, "vm", 5901, {}};
  return target;
}

TEST(Route, TriesTlsFirstUnlessAListSaysWhichChannelsNeedIt) {
  Target target = both();
  EXPECT_EQ(Route(target, ChannelType::display).address().port, 5901);
  target.secure_channels = {"main", "inputs"};
  EXPECT_EQ(Route(target, ChannelType::display).address().port, 5900);
  EXPECT_EQ(Route(target, ChannelType::main).address().port, 5901);
  target.secure_channels = {"all"};
  EXPECT_EQ(Route(target, ChannelType::display).address().port, 5901);
  const Target plain = target_of(*target.plain);
  EXPECT_EQ(Route(plain, ChannelType::main).address(), *target.plain);
  const Target tls = target_of(*target.tls);
  EXPECT_EQ(Route(tls, ChannelType::main).address(), *target.tls);
}

TEST(Route, TurnsOnceAndOnlyForTheRightAnswer) {
  const Target target = both();
  Route down(target, ChannelType::display);
  EXPECT_FALSE(down.turn(std::nullopt));
  EXPECT_FALSE(down.turn(SPICE_LINK_ERR_PERMISSION_DENIED));
  EXPECT_FALSE(down.turn(SPICE_LINK_ERR_NEED_SECURED));
  EXPECT_TRUE(down.turn(SPICE_LINK_ERR_NEED_UNSECURED));
  EXPECT_EQ(down.address().port, 5900);
  EXPECT_FALSE(down.turn(SPICE_LINK_ERR_NEED_SECURED));  // a server that cannot make up its mind

  Target listed = both();
  listed.secure_channels = {"main"};
  Route up(listed, ChannelType::display);
  EXPECT_TRUE(up.turn(SPICE_LINK_ERR_NEED_SECURED));
  EXPECT_EQ(up.address().port, 5901);
  Route fixed(listed, ChannelType::main);
  EXPECT_FALSE(fixed.turn(SPICE_LINK_ERR_NEED_UNSECURED));
  EXPECT_EQ(fixed.address().port, 5901);
}

TEST(Route, WithOnePortThereIsNoOtherWay) {
  Target target = both();
  target.tls.reset();
  EXPECT_FALSE(Route(target, ChannelType::main).turn(SPICE_LINK_ERR_NEED_SECURED));
  target = both();
  target.plain.reset();
  EXPECT_FALSE(Route(target, ChannelType::main).turn(SPICE_LINK_ERR_NEED_UNSECURED));
}

}  // namespace
}  // namespace cassia::dial
