// SPDX-License-Identifier: Apache-2.0
#include "client/input/typing.h"

#include <gtest/gtest.h>

namespace cassia::client {
namespace {

TEST(Typing, LettersDigitsAndShift) {
  const auto strokes = strokes_for_text("aZ1!");
  ASSERT_TRUE(strokes);
  EXPECT_EQ(*strokes,
            (std::vector<KeyStroke>{{0x1E, false}, {0x2C, true}, {0x02, false}, {0x02, true}}));
}

TEST(Typing, EveryPrintableCharacterCanBeTyped) {
  for (char c = ' '; c < 0x7F; ++c) {
    const std::string text = c == '\\' ? "\\\\" : std::string(1, c);
    const auto strokes = strokes_for_text(text);
    ASSERT_TRUE(strokes) << c;
    EXPECT_EQ(strokes->size(), 1u) << c;
  }
}

TEST(Typing, NewlinesBothWays) {
  EXPECT_EQ(*strokes_for_text("\n"), (std::vector<KeyStroke>{{enter_code, false}}));
  EXPECT_EQ(*strokes_for_text("\\n"), (std::vector<KeyStroke>{{enter_code, false}}));
  EXPECT_EQ(*strokes_for_text("\\q"), (std::vector<KeyStroke>{{0x2B, false}, {0x10, false}}));
  EXPECT_EQ(*strokes_for_text("\\"), (std::vector<KeyStroke>{{0x2B, false}}));
}

TEST(Typing, SaysWhatCannotBeTyped) {
  const auto strokes = strokes_for_text("caf\xc3\xa9");
  ASSERT_FALSE(strokes);
  EXPECT_EQ(strokes.error().kind(), ErrorKind::invalid_argument);
  EXPECT_NE(strokes.error().message().find("position 3"), std::string::npos);
}

}  // namespace
}  // namespace cassia::client
