// SPDX-License-Identifier: Apache-2.0
#include "client/app/audio_choice.h"

#include <charconv>

#include "base/file.h"

namespace cassia::client {
namespace {

Result<channels::Wav> load_wav(const std::string& path) {
  const Bytes file = CASSIA_TRY(read_file(path));
  auto wav = channels::parse_wav(file);
  if (!wav) return fail(wav.error().in(path));
  return std::move(*wav);
}

}  // namespace

Result<channels::AudioVolume> parse_volume(std::string_view option, std::string_view text) {
  if (text == "mute") return channels::AudioVolume{{65535, 65535}, true};
  unsigned percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc() || end != text.data() + text.size() || percent > 100) {
    return fail(ErrorKind::invalid_argument, "{} takes a number from 0 to 100, or mute, not '{}'",
                option, text);
  }
  const auto value = static_cast<std::uint16_t>(65535 * percent / 100);
  return channels::AudioVolume{{value, value}, false};
}

Result<void> choose_audio(const ViewerOptions& options, SessionOptions& session) {
  if (!options.audio) return {};
  const auto devices = options.headless ? nullptr : make_sdl_audio();
  if (!options.audio_file.empty()) {
    session.audio_sink = CASSIA_TRY(make_wav_sink(options.audio_file));
  } else if (devices) {
    session.audio_sink = make_device_sink(devices, std::make_shared<SteadyClock>());
  }
  if (!options.record_file.empty()) {
    session.audio_source = make_wav_source(CASSIA_TRY(load_wav(options.record_file)));
  } else if (devices) {
    session.audio_source = make_device_source(devices);
  }
  return {};
}

}  // namespace cassia::client
