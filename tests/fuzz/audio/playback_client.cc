// SPDX-License-Identifier: Apache-2.0
// The client role of the playback channel, and the decoder behind it.

#include <algorithm>
#include <cstdlib>

#include "channels/audio/audio_codec.h"
#include "channels/playback/playback_channel.h"
#include "tests/fuzz/audio/audio_messages.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Player final : public PlaybackClientEvents {
 public:
  void playback_start(const AudioFormat& format, AudioMode mode, std::uint32_t) override {
    running_ = true;
    auto decoder = AudioDecoder::create(mode, format);
    decoder_ = decoder ? std::move(*decoder) : nullptr;
  }
  void playback_data(std::uint32_t, ByteView data) override {
    if (!running_ || data.empty()) std::abort();
    if (decoder_ && !decoder_->decode(data)) (void)decoder_->conceal();
  }
  void playback_stop() override {
    if (!std::exchange(running_, false)) std::abort();
  }
  void playback_volume(const AudioVolume& volume) override {
    if (volume.channels.size() > max_audio_channels) std::abort();
  }
  void playback_closed(const Error&) override {
    if (running_) std::abort();
  }

 private:
  bool running_ = false;
  std::unique_ptr<AudioDecoder> decoder_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Player player;
  const auto client = PlaybackClient::create(player);
  feed_messages(*client, spice::ChannelType::playback, {}, ByteView(data, size));
  return 0;
}
