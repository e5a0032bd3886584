// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "storage/format/qcow2/refcounts.h"

namespace cassia::storage::qcow2 {
namespace {

TEST(RefcountsTest, EveryWidthKeepsNeighboursApart) {
  for (unsigned order = 0; order <= 6; ++order) {
    Bytes block(512);
    const Geometry geometry{9, order};
    const std::uint64_t max = geometry.max_refcount();
    for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{7},
                                      geometry.refcount_block_entries() - 1}) {
      set_refcount_in(block, index, order, max);
      EXPECT_EQ(refcount_in(block, index, order), max) << order;
      if (index > 0) {
        EXPECT_EQ(refcount_in(block, index - 1, order), index == 1 ? max : 0) << order;
      }
      set_refcount_in(block, index, order, 1);
      EXPECT_EQ(refcount_in(block, index, order), 1u) << order;
      set_refcount_in(block, index, order, index == 0 ? max : 0);
    }
  }
}

TEST(RefcountsTest, SubByteWidthsStartAtTheLowBit) {
  Bytes block(512);
  set_refcount_in(block, 1, 0, 1);
  EXPECT_EQ(block[0], 0x02);
  set_refcount_in(block, 1, 2, 0xa);
  EXPECT_EQ(block[0], 0xa2);
}

}  // namespace
}  // namespace cassia::storage::qcow2
