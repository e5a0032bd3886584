// SPDX-License-Identifier: Apache-2.0
#include "protocol/wire/writer.h"

#include <gtest/gtest.h>

namespace cassia::wire {
namespace {

TEST(WriterTest, WritesAndPatchesLittleEndian) {
  Writer writer;
  const Writer::Slot slot = writer.u32(0);
  writer.u16(0x0201);
  writer.i32(-2);
  writer.patch_u32(slot, 0x0d0c0b0au);
  EXPECT_EQ(writer.size(), 10u);
  EXPECT_EQ(writer.take(), (Bytes{0x0a, 0x0b, 0x0c, 0x0d, 0x01, 0x02, 0xfe, 0xff, 0xff, 0xff}));
}

TEST(WriterTest, SharedBuffersAreSplicedInWithoutACopy) {
  const SharedBytes image(Bytes{9, 9, 9});
  Writer writer;
  writer.u8(1);
  writer.shared(image);
  EXPECT_EQ(writer.size(), 4u);
  const Writer::Slot slot = writer.u32(0);
  writer.shared(image);
  writer.patch_u32(slot, 7);
  const std::vector<SharedBytes> pieces = writer.take_pieces();
  ASSERT_EQ(pieces.size(), 4u);
  EXPECT_EQ(pieces[1].data(), image.data());
  EXPECT_EQ(pieces[3].data(), image.data());
  EXPECT_EQ(to_bytes(pieces[2].view()), (Bytes{7, 0, 0, 0}));
}

TEST(WriterTest, TakeJoinsThePieces) {
  Writer writer;
  writer.shared(SharedBytes(Bytes{1, 2}));
  writer.u8(3);
  EXPECT_EQ(writer.take(), (Bytes{1, 2, 3}));
  EXPECT_EQ(writer.size(), 0u);
}

}  // namespace
}  // namespace cassia::wire
