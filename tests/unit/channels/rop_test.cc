// SPDX-License-Identifier: Apache-2.0
#include "channels/display/rop.h"

#include <gtest/gtest.h>
#include <spice/enums.h>

namespace cassia::channels {
namespace {

using raster::Rop;

TEST(RopTest, EveryRopButNoopGoesThereAndBack) {
  const std::pair<RopInput, RopInput> kinds[] = {{RopInput::brush, RopInput::destination},
                                                 {RopInput::source, RopInput::destination},
                                                 {RopInput::brush, RopInput::source}};
  for (const auto& [first, second] : kinds) {
    for (int i = 0; i < 16; ++i) {
      const auto rop = static_cast<Rop>(i);
      if (rop == Rop::noop) continue;
      EXPECT_EQ(rop_from_descriptor(descriptor_from_rop(rop, first, second), first, second), rop);
    }
  }
}

TEST(RopTest, DescriptorsOfSpice) {
  const auto copy = [](unsigned d) {
    return rop_from_descriptor(static_cast<std::uint16_t>(d), RopInput::source,
                               RopInput::destination);
  };
  EXPECT_EQ(copy(0), Rop::copy);
  EXPECT_EQ(copy(SPICE_ROPD_OP_PUT), Rop::copy);
  EXPECT_EQ(copy(SPICE_ROPD_OP_PUT | SPICE_ROPD_INVERS_RES), Rop::copy_inverted);
  EXPECT_EQ(copy(SPICE_ROPD_OP_PUT | SPICE_ROPD_INVERS_SRC | SPICE_ROPD_INVERS_RES), Rop::copy);
  EXPECT_EQ(copy(SPICE_ROPD_OP_OR | SPICE_ROPD_INVERS_RES), Rop::nor);
  EXPECT_EQ(copy(SPICE_ROPD_OP_AND | SPICE_ROPD_INVERS_SRC), Rop::and_inverted);
  EXPECT_EQ(copy(SPICE_ROPD_OP_AND | SPICE_ROPD_INVERS_DEST | SPICE_ROPD_INVERS_RES),
            Rop::or_inverted);
  EXPECT_EQ(copy(SPICE_ROPD_OP_XOR | SPICE_ROPD_INVERS_DEST), Rop::equiv);
  EXPECT_EQ(copy(SPICE_ROPD_OP_BLACKNESS | SPICE_ROPD_INVERS_RES), Rop::clear);
  EXPECT_EQ(copy(SPICE_ROPD_OP_WHITENESS), Rop::set);
  EXPECT_EQ(copy(SPICE_ROPD_OP_INVERS), Rop::invert);
  // Inversions of inputs that the draw does not have are ignored.
  EXPECT_EQ(copy(SPICE_ROPD_OP_XOR | SPICE_ROPD_INVERS_BRUSH), Rop::exclusive_or);
  EXPECT_EQ(rop_from_descriptor(SPICE_ROPD_OP_OR | SPICE_ROPD_INVERS_SRC, RopInput::brush,
                                RopInput::source),
            Rop::or_reverse);
}

}  // namespace
}  // namespace cassia::channels
