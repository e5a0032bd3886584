// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/sound.h"

#include <gtest/gtest.h>

#include "server/guest/dbus/inputs.h"

namespace cassia::server::dbus {
namespace {

TEST(DbusSound, SamplesOfAnyVoiceAreStereoOf16Bits) {
  const channels::Samples one = {0x1234, -0x1234};
  VoiceFormat plain;
  EXPECT_EQ(to_stereo(plain, Bytes{0x34, 0x12, 0xcc, 0xed, 0x99}), one);
  EXPECT_EQ(from_stereo(plain, one), (Bytes{0x34, 0x12, 0xcc, 0xed}));
  VoiceFormat big = plain;
  big.big_endian = true;
  EXPECT_EQ(to_stereo(big, Bytes{0x12, 0x34, 0xed, 0xcc}), one);
  VoiceFormat byte;
  byte.bits = 8;
  byte.is_signed = false;
  byte.channels = 1;
  EXPECT_EQ(to_stereo(byte, Bytes{0x80, 0xff}), (channels::Samples{0, 0, 0x7f00, 0x7f00}));
  EXPECT_EQ(from_stereo(byte, channels::Samples{0x7f00, 0x7f00}), (Bytes{0xff}));
  VoiceFormat wide;
  wide.bits = 32;
  wide.channels = 4;
  Bytes frame(16);
  frame[3] = 0x40;
  frame[7] = 0xc0;
  EXPECT_EQ(to_stereo(wide, frame), (channels::Samples{0x4000, -0x4000}));
  EXPECT_EQ(from_stereo(wide, channels::Samples{0x4000, -0x4000}), frame);
  VoiceFormat real;
  real.bits = 32;
  real.is_float = true;
  // 0.5 and not a number
  EXPECT_EQ(to_stereo(real, Bytes{0, 0, 0, 0x3f, 0, 0, 0xc0, 0x7f}), (channels::Samples{16384, 0}));
}

TEST(DbusSound, RefusesVoicesThatCannotBe) {
  const auto good = [](auto change) {
    VoiceFormat format;
    change(format);
    return check(format).has_value();
  };
  EXPECT_TRUE(good([](VoiceFormat&) {}));
  EXPECT_FALSE(good([](VoiceFormat& f) { f.bits = 0; }));
  EXPECT_FALSE(good([](VoiceFormat& f) { f.bits = 24; }));
  EXPECT_FALSE(good([](VoiceFormat& f) { f.is_float = true; }));
  EXPECT_FALSE(good([](VoiceFormat& f) { f.channels = 0; }));
  EXPECT_FALSE(good([](VoiceFormat& f) { f.channels = 255; }));
  EXPECT_FALSE(good([](VoiceFormat& f) { f.frequency = 0; }));
  EXPECT_FALSE(good([](VoiceFormat& f) { f.frequency = 0xffffffff; }));
}

TEST(DbusSound, TheVoiceThatBeganFirstIsHeardUntilItEnds) {
  Voices voices;
  ASSERT_TRUE(voices.add(1, {}));
  ASSERT_TRUE(voices.add(2, {}));
  EXPECT_FALSE(voices.add(0, {}));
  EXPECT_EQ(voices.current(), 0u);
  voices.enable(2, true);
  voices.enable(1, true);
  voices.enable(77, true);
  EXPECT_EQ(voices.current(), 2u);
  voices.enable(2, false);
  EXPECT_EQ(voices.current(), 1u);
  voices.remove(1);
  EXPECT_EQ(voices.current(), 0u);
  for (std::uint64_t id = 3; voices.add(id, {}); ++id) ASSERT_LE(id, Voices::most + 3);
}

TEST(DbusInputs, ScanCodesBecomeQemusKeyNumbers) {
  EXPECT_EQ(qnum_of(0x1e), 0x1eu);
  EXPECT_EQ(qnum_of(0x48e0), 0xc8u);
  EXPECT_EQ(qnum_of(0x37e0), 0xb7u);
  EXPECT_EQ(qnum_of(0x451de1), 0xc6u);
  for (const std::uint32_t none : {0u, 0x80u, 0xe0u, 0xffe0u, 0x1234u, 0xffffffffu}) {
    EXPECT_EQ(qnum_of(none), 0u) << none;
  }
}

}  // namespace
}  // namespace cassia::server::dbus
