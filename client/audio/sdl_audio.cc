// SPDX-License-Identifier: Apache-2.0
#include <SDL.h>

#include "client/audio/audio_device.h"

namespace cassia::client {
namespace {

constexpr Uint16 device_frames = 512;  // 10.7 ms at 48 kHz: what SDL holds besides ours

/// SDL's audio, initialised while any stream is open.
class SdlStream final : public AudioStream {
 public:
  ~SdlStream() override {
    if (device_ != 0) SDL_CloseAudioDevice(device_);
    if (initialised_) SDL_QuitSubSystem(SDL_INIT_AUDIO);
  }

  Result<void> open(const channels::AudioFormat& format, FillSamples fill, TakeSamples take) {
    fill_ = std::move(fill);
    take_ = std::move(take);
    if (SDL_InitSubSystem(SDL_INIT_AUDIO) != 0) {
      return fail(ErrorKind::io, "no sound: {}", SDL_GetError());
    }
    initialised_ = true;
    SDL_AudioSpec wanted{};
    wanted.freq = static_cast<int>(format.frequency);
    wanted.format = AUDIO_S16SYS;
    wanted.channels = static_cast<Uint8>(format.channels);
    wanted.samples = device_frames;
    wanted.userdata = this;
    wanted.callback = [](void* self, Uint8* data, int size) {
      static_cast<SdlStream*>(self)->run(data, static_cast<std::size_t>(size));
    };
    // Without allowed changes SDL converts whatever the device wants.
    device_ = SDL_OpenAudioDevice(nullptr, take_ ? 1 : 0, &wanted, nullptr, 0);
    if (device_ == 0) {
      return fail(ErrorKind::io, "{} cannot be opened: {}", take_ ? "microphone" : "loudspeaker",
                  SDL_GetError());
    }
    SDL_PauseAudioDevice(device_, 0);
    return {};
  }

  bool lost() const override {
    // SDL stops a device that was unplugged; we only ever close one.
    if (!lost_ && SDL_GetAudioDeviceStatus(device_) == SDL_AUDIO_STOPPED) lost_ = true;
    return lost_;
  }

 private:
  void run(Uint8* data, std::size_t size) {
    auto* samples = reinterpret_cast<std::int16_t*>(data);
    if (take_) {
      take_({samples, size / 2});
    } else {
      fill_({samples, size / 2});
    }
  }

  FillSamples fill_;
  TakeSamples take_;
  SDL_AudioDeviceID device_ = 0;
  bool initialised_ = false;
  mutable bool lost_ = false;
};

class SdlAudio final : public AudioDevices {
 public:
  Result<std::unique_ptr<AudioStream>> open_output(const channels::AudioFormat& format,
                                                   FillSamples fill) override {
    return open(format, std::move(fill), {});
  }
  Result<std::unique_ptr<AudioStream>> open_input(const channels::AudioFormat& format,
                                                  TakeSamples take) override {
    return open(format, {}, std::move(take));
  }

 private:
  static Result<std::unique_ptr<AudioStream>> open(const channels::AudioFormat& format,
                                                   FillSamples fill, TakeSamples take) {
    auto stream = std::make_unique<SdlStream>();
    CASSIA_TRY(stream->open(format, std::move(fill), std::move(take)));
    return std::unique_ptr<AudioStream>(std::move(stream));
  }
};

}  // namespace

std::shared_ptr<AudioDevices> make_sdl_audio() { return std::make_shared<SdlAudio>(); }

}  // namespace cassia::client
