// SPDX-License-Identifier: Apache-2.0
// The yardsticks of the sound tests tell right from wrong.

#include "tests/interop/audio/sound.h"

#include <gtest/gtest.h>

namespace cassia::test {
namespace {

TEST(SoundTest, AnExactCopyWithAGapIsRecognised) {
  const Sound said = noise(24000);
  Sound heard(333 * 2, 0);  // silence first
  heard.insert(heard.end(), said.begin() + 2000, said.begin() + 20000);
  heard.insert(heard.end(), said.begin() + 20960, said.end());
  const Match match = exact_match(said, heard);
  EXPECT_GT(match.share, 0.98);
  EXPECT_EQ(match.gaps, 1u);
  EXPECT_GT(match.frames, 22000u);
}

TEST(SoundTest, AChangedSoundIsNoCopy) {
  const Sound said = noise(24000);
  Sound heard = said;
  for (std::size_t i = 0; i < heard.size(); i += 100)
    heard[i] = static_cast<std::int16_t>(heard[i] ^ 1);
  EXPECT_LT(exact_match(said, heard).frames, 1000u);
  EXPECT_EQ(exact_match(said, Sound(9600, 0)).frames, 0u);
}

TEST(SoundTest, LikenessTellsASoundFromAnother) {
  const Sound said = rising(24000);
  Sound heard(said.begin() + 3000, said.end());
  for (auto& s : heard) s = static_cast<std::int16_t>(s * 7 / 8 + 20);
  EXPECT_GT(likeness(said, heard), 0.99);
  EXPECT_LT(likeness(said, noise(24000)), 0.5);
  EXPECT_EQ(likeness(said, Sound(24000, 0)), 0.0);
}

}  // namespace
}  // namespace cassia::test
