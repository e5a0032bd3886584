// SPDX-License-Identifier: Apache-2.0
// WAV files of any content; what is accepted survives a round trip.

#include <cstdlib>

#include "channels/audio/wav.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cassia;            // NOLINT(google-build-using-namespace)
  using namespace cassia::channels;  // NOLINT(google-build-using-namespace)
  const auto wav = parse_wav(ByteView(data, size));
  if (!wav) return 0;
  Bytes again = wav_header(wav->format, static_cast<std::uint32_t>(2 * wav->samples.size()));
  const Bytes samples = wire_of(wav->samples);
  again.insert(again.end(), samples.begin(), samples.end());
  const auto same = parse_wav(again);
  if (!same || same->samples != wav->samples) std::abort();
  return 0;
}
