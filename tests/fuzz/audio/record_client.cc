// SPDX-License-Identifier: Apache-2.0
// The client role of the record channel, sending all the while.

#include <cstdlib>

#include "channels/audio/audio_codec.h"
#include "channels/record/record_channel.h"
#include "tests/fuzz/audio/audio_messages.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Microphone final : public RecordClientEvents {
 public:
  void record_start(const AudioFormat& format) override {
    running_ = true;
    const auto mode = opus_capable(format) ? AudioMode::opus : AudioMode::raw;
    if (!client->send_data(mode, 0, SharedBytes(Bytes(64)))) std::abort();
  }
  void record_stop() override {
    if (!std::exchange(running_, false)) std::abort();
    if (client->send_data(AudioMode::raw, 0, SharedBytes(Bytes(64)))) std::abort();
  }
  void record_volume(const AudioVolume& volume) override {
    if (volume.channels.size() > max_audio_channels) std::abort();
  }
  void record_closed(const Error&) override {
    if (running_) std::abort();
  }
  RecordClient* client = nullptr;

 private:
  bool running_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > (1u << 16)) return 0;  // the link's room for what is sent, which nobody empties
  Microphone microphone;
  const auto client = RecordClient::create(microphone);
  microphone.client = client.get();
  feed_messages(*client, spice::ChannelType::record, {}, ByteView(data, size));
  return 0;
}
