// SPDX-License-Identifier: Apache-2.0
#include "channels/audio/audio_codec.h"

#include <gtest/gtest.h>

#include "channels/audio/wav.h"
#include "tests/unit/channels/audio_tools.h"

namespace cassia::channels {
namespace {

Samples decode_all(AudioDecoder& decoder, const std::vector<AudioEncoder::Packet>& packets) {
  Samples all;
  for (const auto& packet : packets) {
    const auto part = decoder.decode(packet.data.view());
    EXPECT_TRUE(part) << part.error().message();
    if (part) all.insert(all.end(), part->begin(), part->end());
  }
  return all;
}

TEST(AudioCodecTest, OpusSoundsAlikeAndFitsThePeersBuffers) {
  const AudioFormat format;
  const auto encoder = AudioEncoder::create(AudioMode::opus, format);
  const auto decoder = AudioDecoder::create(AudioMode::opus, format);
  ASSERT_TRUE(encoder && decoder);
  const Samples sound = test::sweep(48000);
  const auto packets = (*encoder)->encode(sound, 1000);
  ASSERT_TRUE(packets) << packets.error().message();
  ASSERT_EQ(packets->size(), 100u);
  EXPECT_EQ(packets->front().time, 1000u);
  EXPECT_EQ(packets->back().time, 1990u);
  std::size_t bytes = 0;
  for (const auto& packet : *packets) {
    EXPECT_LE(packet.data.size(), 480u);
    bytes += packet.data.size();
  }
  EXPECT_LT(bytes, wire_of(sound).size() / 5);
  const Samples heard = decode_all(**decoder, *packets);
  ASSERT_EQ(heard.size(), sound.size());
  EXPECT_GT(test::align(sound, heard, 2000).correlation, 0.98);
}

TEST(AudioCodecTest, OpusAtEveryRate) {
  for (const std::uint32_t rate : {8000u, 12000u, 16000u, 24000u, 48000u}) {
    const AudioFormat format{2, rate};
    const auto encoder = AudioEncoder::create(AudioMode::opus, format);
    const auto decoder = AudioDecoder::create(AudioMode::opus, format);
    ASSERT_TRUE(encoder && decoder) << rate;
    const auto packets = (*encoder)->encode(Samples(2 * rate, 100), 0);
    ASSERT_TRUE(packets) << packets.error().message();
    EXPECT_EQ(packets->size(), rate / frames_per_packet(format));
    EXPECT_EQ(decode_all(**decoder, *packets).size(),
              packets->size() * 2 * frames_per_packet(format));
  }
}

TEST(AudioCodecTest, WhatOpusCannotCarry) {
  for (const AudioFormat format : {AudioFormat{2, 44100}, AudioFormat{1, 48000}}) {
    EXPECT_FALSE(opus_capable(format));
    EXPECT_FALSE(AudioEncoder::create(AudioMode::opus, format));
    const auto decoder = AudioDecoder::create(AudioMode::opus, format);
    ASSERT_FALSE(decoder);
    EXPECT_EQ(decoder.error().kind(), ErrorKind::unsupported);
  }
}

TEST(AudioCodecTest, RawIsBitExactInAnyPieces) {
  const AudioFormat format;
  const auto encoder = AudioEncoder::create(AudioMode::raw, format);
  const auto decoder = AudioDecoder::create(AudioMode::raw, format);
  const Samples sound = test::sweep(4800);
  Samples heard;
  std::uint32_t last_time = 0;
  const std::span<const std::int16_t> all(sound);
  for (std::size_t at = 0; at < sound.size(); at += 700) {  // 350 frames
    const auto part = all.subspan(at, std::min<std::size_t>(700, sound.size() - at));
    const auto packets = (*encoder)->encode(part, static_cast<std::uint32_t>(at / 96));
    ASSERT_TRUE(packets);
    for (const auto& packet : *packets) {
      EXPECT_EQ(packet.data.size(), 1920u);
      EXPECT_GE(packet.time, last_time);
      last_time = packet.time;
    }
    const Samples some = decode_all(**decoder, *packets);
    heard.insert(heard.end(), some.begin(), some.end());
  }
  EXPECT_EQ(heard, sound);
  EXPECT_NEAR(last_time, 90, 1);
}

TEST(AudioCodecTest, OddAndBrokenPackets) {
  const AudioFormat format;
  const auto raw = AudioDecoder::create(AudioMode::raw, format);
  EXPECT_EQ((*raw)->decode(Bytes(1923, 1))->size(), 960u);
  EXPECT_EQ((*raw)->decode(Bytes(3, 1))->size(), 0u);

  const auto opus = AudioDecoder::create(AudioMode::opus, format);
  EXPECT_FALSE((*opus)->decode({}));
  EXPECT_FALSE((*opus)->decode(Bytes(max_audio_data + 1, 0)));
  const Bytes broken = {0xff, 0xff, 0xff, 0xff};  // more frames than 120 ms have
  const auto bad = (*opus)->decode(broken);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind(), ErrorKind::malformed);
  EXPECT_EQ((*opus)->conceal().size(), 960u);

  // One packet out of the middle is lost: the rest is as good as before.
  const auto encoder = AudioEncoder::create(AudioMode::opus, format);
  const Samples sound = test::sweep(9600);
  const auto packets = *(*encoder)->encode(sound, 0);
  const auto decoder = AudioDecoder::create(AudioMode::opus, format);
  Samples heard;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const Samples part =
        i == 10 ? (*decoder)->conceal() : *(*decoder)->decode(packets[i].data.view());
    heard.insert(heard.end(), part.begin(), part.end());
  }
  ASSERT_EQ(heard.size(), sound.size());
  EXPECT_GT(test::align(sound, heard, 2000).correlation, 0.9);
}

TEST(AudioFormatTest, OutOfBounds) {
  EXPECT_TRUE(audio_format(2, 1, 44100));
  for (const auto& [channels, frequency] :
       {std::pair{0u, 48000u}, {200u, 48000u}, {9u, 48000u}, {2u, 0u}, {2u, 0xffffffffu}}) {
    const auto format = audio_format(channels, 1, frequency);
    ASSERT_FALSE(format);
    EXPECT_EQ(format.error().kind(), ErrorKind::malformed);
  }
  EXPECT_EQ(audio_format(2, 7, 48000).error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(audio_mode(2).error().kind(), ErrorKind::unsupported);
  EXPECT_NE(audio_mode(2).error().message().find("CELT"), std::string::npos);
  EXPECT_EQ(audio_mode(0).error().kind(), ErrorKind::malformed);
  EXPECT_EQ(audio_mode(4).error().kind(), ErrorKind::malformed);
}

TEST(WavTest, RoundTripAndConversion) {
  const AudioFormat format{2, 24000};
  const Samples sound = test::sweep(100);
  Bytes file = wav_header(format, static_cast<std::uint32_t>(2 * sound.size()));
  const Bytes data = wire_of(sound);
  file.insert(file.end(), data.begin(), data.end());
  const auto wav = parse_wav(file);
  ASSERT_TRUE(wav) << wav.error().message();
  EXPECT_EQ(wav->format, format);
  EXPECT_EQ(wav->samples, sound);
  const Samples doubled = converted(*wav, {2, 48000});
  ASSERT_EQ(doubled.size(), 2 * sound.size());
  EXPECT_EQ(doubled[4], sound[2]);
  const Samples mono = converted({{1, 48000}, {5, 6}}, {2, 48000});
  EXPECT_EQ(mono, (Samples{5, 5, 6, 6}));
}

TEST(WavTest, Broken) {
  const AudioFormat format;
  const Bytes good = wav_header(format, 0xffffffff);
  EXPECT_TRUE(parse_wav(good));  // a writer that died: no samples
  for (std::size_t n = 0; n < good.size(); ++n) {
    EXPECT_FALSE(parse_wav(ByteView(good).first(n))) << n;
  }
  Bytes eight_bits = good;
  eight_bits[34] = 8;
  EXPECT_EQ(parse_wav(eight_bits).error().kind(), ErrorKind::unsupported);
}

}  // namespace
}  // namespace cassia::channels
