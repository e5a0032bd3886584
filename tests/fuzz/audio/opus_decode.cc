// SPDX-License-Identifier: Apache-2.0
// Opus packets as a peer may send them, one decoder for all of an input. The first byte chooses the
// rate; each packet has 2 bytes of size before it.

#include <cstdlib>

#include "channels/audio/audio_codec.h"
#include "protocol/wire/reader.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

constexpr std::uint32_t rates[] = {8000, 12000, 16000, 24000, 48000};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const AudioFormat format{2, rates[data[0] % std::size(rates)]};
  const auto decoder = *AudioDecoder::create(AudioMode::opus, format);
  const std::size_t longest = format.frequency / 1000 * 120 * format.channels;
  wire::Reader reader(ByteView(data + 1, size - 1));
  for (int packets = 0; reader.remaining() >= 2 && packets < 64; ++packets) {
    const std::size_t length = std::min<std::size_t>(reader.u16(), reader.remaining());
    const auto samples = decoder->decode(reader.bytes(length));
    const Samples heard = samples ? *samples : decoder->conceal();
    if (heard.size() > longest || heard.size() % format.channels != 0) std::abort();
  }
  return 0;
}
