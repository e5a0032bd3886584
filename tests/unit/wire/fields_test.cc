// SPDX-License-Identifier: Apache-2.0
#include "protocol/wire/fields.h"

#include <gtest/gtest.h>

namespace cassia::wire {
namespace {

struct Leaf {
  std::uint16_t value = 0;
  std::optional<std::vector<int>> unused;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.value);
  }
};

struct Tree {
  static constexpr const char* name = "tree";
  std::uint8_t kind = 0;
  std::optional<Leaf> left;
  std::optional<Leaf> right;
  std::vector<std::uint32_t> numbers;
  Blob data;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.kind);
    io.require(m.kind < 3, "the kind is unknown");
    io.pointer(m.left);
    io.pointer(m.right);
    io.template list<std::uint32_t>(m.numbers, 10, 4);
    std::uint32_t size = static_cast<std::uint32_t>(m.data.size());
    io(size);
    io.blob(m.data, size);
  }
};

Tree sample() {
  Tree tree;
  tree.kind = 2;
  tree.right = Leaf{0x1234, {}};
  tree.numbers = {1, 2, 3};
  tree.data = Blob(SharedBytes(Bytes{7, 8}));
  return tree;
}

TEST(FieldsTest, RoundTrip) {
  const Bytes wire = encode(sample());
  const auto back = parse<Tree>(wire);
  ASSERT_TRUE(back.has_value()) << back.error().message();
  EXPECT_FALSE(back->left);
  ASSERT_TRUE(back->right);
  EXPECT_EQ(back->right->value, 0x1234);
  EXPECT_EQ(back->numbers, (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(to_bytes(back->data.view()), (Bytes{7, 8}));
  EXPECT_EQ(back->data.view().data(), wire.data() + wire.size() - 4);  // borrowed, not copied
}

TEST(FieldsTest, EveryTruncationIsAnError) {
  const Bytes wire = encode(sample());
  for (std::size_t size = 0; size < wire.size(); ++size) {
    EXPECT_FALSE(parse<Tree>(ByteView(wire).first(size)).has_value()) << size;
  }
}

TEST(FieldsTest, RulesNameThemselves) {
  Bytes wire = encode(sample());
  wire[0] = 3;
  const auto kind = parse<Tree>(wire);
  ASSERT_FALSE(kind.has_value());
  EXPECT_EQ(kind.error().kind(), ErrorKind::malformed);
  EXPECT_NE(kind.error().message().find("the kind is unknown"), std::string::npos);

  wire = encode(sample());
  wire[1] = 0xff;  // the left pointer
  EXPECT_NE(parse<Tree>(wire).error().message().find("outside"), std::string::npos);

  wire = encode(sample());
  wire[9] = 11;  // the count
  EXPECT_NE(parse<Tree>(wire).error().message().find("cap"), std::string::npos);
}

TEST(FieldsTest, PointersMayMeetAndLeadBackwards) {
  Bytes wire = encode(sample());
  wire[1] = wire[5] = 9;  // both lead into the numbers
  const auto back = parse<Tree>(wire);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->left->value, 3);
  EXPECT_EQ(back->right->value, 3);
}

}  // namespace
}  // namespace cassia::wire
