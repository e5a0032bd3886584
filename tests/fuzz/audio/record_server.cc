// SPDX-License-Identifier: Apache-2.0
// The server role of the record channel, and the decoder behind it. The first byte: bit 0 whether
// recording was asked for, bit 1 whether Opus was offered.

#include <cstdlib>

#include "channels/audio/audio_codec.h"
#include "channels/record/record_channel.h"
#include "tests/fuzz/audio/audio_messages.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Recorder final : public RecordServerEvents {
 public:
  Recorder(bool wanted, bool opus) : wanted_(wanted), opus_(opus) {}
  void record_opened() override {
    if (wanted_) server->start({2, 48000});
  }
  void record_data(AudioMode mode, std::uint32_t, ByteView data) override {
    if (!wanted_ || (mode == AudioMode::opus && !opus_) || data.empty()) std::abort();
    AudioDecoder& decoder = mode == AudioMode::opus ? *packets_ : *samples_;
    if (!decoder.decode(data)) (void)decoder.conceal();
  }
  void record_closed(const Error&) override {}
  RecordServer* server = nullptr;

 private:
  const bool wanted_;
  const bool opus_;
  std::unique_ptr<AudioDecoder> packets_ = *AudioDecoder::create(AudioMode::opus, {2, 48000});
  std::unique_ptr<AudioDecoder> samples_ = *AudioDecoder::create(AudioMode::raw, {2, 48000});
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool opus = (data[0] & 2) != 0;
  Recorder recorder((data[0] & 1) != 0, opus);
  const auto server = RecordServer::create(recorder, opus);
  recorder.server = server.get();
  feed_messages(*server, spice::ChannelType::record, {}, ByteView(data + 1, size - 1));
  return 0;
}
