// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_audio.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/file.h"
#include "base/log.h"
#include "channels/audio/wav.h"

namespace cassia::server {

using channels::AudioDecoder;
using channels::AudioMode;
using channels::Samples;

namespace {

constexpr channels::AudioFormat format{2, 48000};
constexpr std::size_t packet_samples = 960;  // 10 ms
constexpr auto packet_time = std::chrono::milliseconds(10);
constexpr std::size_t most_recorded = std::size_t{96000} * 120;  // two minutes
constexpr std::size_t meter_samples = 9600;                      // 100 ms

}  // namespace

Samples demo_melody() {
  constexpr double notes[] = {523.25, 659.26, 783.99, 1046.5, 783.99, 659.26, 523.25, 392.0};
  constexpr std::size_t frames = 9600;  // 0.2 s a note
  Samples out;
  for (const double hz : notes) {
    for (std::size_t i = 0; i < frames; ++i) {
      const double t = static_cast<double>(i) / 48000;
      const double fade = std::min(1.0, t * 200) * std::exp(-6 * t);
      const double wave = std::sin(2 * M_PI * hz * t) + 0.3 * std::sin(4 * M_PI * hz * t);
      const auto sample = static_cast<std::int16_t>(9000 * fade * wave);
      out.push_back(sample);
      out.push_back(static_cast<std::int16_t>(sample / 2));
    }
  }
  return out;
}

std::uint32_t DemoAudio::now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

void DemoAudio::start(GuestAudioEvents& events) {
  events_ = &events;
  events_->guest_can_play();
  events_->guest_can_record();
  raw_ = *AudioDecoder::create(AudioMode::raw, format);
  if (!options_.loop.empty()) play(options_.loop, true);
  if (!options_.record_file.empty()) record(true);
}

void DemoAudio::stop() {
  if (!std::exchange(events_, nullptr)) return;
  timer_.cancel();
  leave_recording();
}

void DemoAudio::play(Samples sound, bool again) {
  sound_ = std::move(sound);
  position_ = 0;
  again_ = again;
  if (std::exchange(playing_, true)) return;
  events_->guest_playback_start(format, AudioMode::raw, now_ms());
  timer_.expires_after(packet_time);
  wait_for_next();
}

void DemoAudio::wait_for_next() {
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
    if (!ec && self->events_) self->send_next();
  });
}

void DemoAudio::send_next() {
  if (position_ >= sound_.size()) {
    playing_ = false;
    return events_->guest_playback_stop();
  }
  Samples piece(packet_samples, 0);
  for (std::size_t done = 0; done < piece.size() && position_ < sound_.size();) {
    const std::size_t some = std::min(piece.size() - done, sound_.size() - position_);
    std::copy_n(sound_.begin() + static_cast<long>(position_), some,
                piece.begin() + static_cast<long>(done));
    done += some;
    position_ += some;
    if (again_ && position_ == sound_.size()) position_ = 0;
  }
  events_->guest_playback_data(now_ms(), SharedBytes(channels::wire_of(piece)));
  timer_.expires_at(timer_.expiry() + packet_time);
  wait_for_next();
}

std::string DemoAudio::command(const std::string& line) {
  if (!events_) return {};
  if (line == "help") {
    return "play         a melody\nmic          listen to the microphone, or stop\n"
           "mute         silence, or sound again\nvolume N     how loud, 0 to 100\n";
  }
  if (line == "play") {
    play(demo_melody(), false);
    return "playing a melody\n";
  }
  if (line == "mic") {
    record(!recording_);
    return recording_ ? "listening; the bar below the check box shows how loud it is\n"
                      : "no longer listening\n";
  }
  if (line == "mute") {
    set_volume(volume_, !mute_);
    return mute_ ? "muted\n" : "no longer muted\n";
  }
  int percent = 0;
  constexpr std::string_view volume = "volume ";
  if (!line.starts_with(volume)) return {};
  const auto [end, error] =
      std::from_chars(line.data() + volume.size(), line.data() + line.size(), percent);
  if (error != std::errc() || end != line.data() + line.size() || percent < 0 || percent > 100) {
    return "volume takes a number from 0 to 100\n";
  }
  set_volume(percent, mute_);
  return fmt::format("the volume is {} %\n", percent);
}

void DemoAudio::set_volume(int percent, bool mute) {
  volume_ = percent;
  mute_ = mute;
  const auto value = static_cast<std::uint16_t>(65535 * percent / 100);
  events_->guest_playback_volume({{value, value}, mute});
}

void DemoAudio::record(bool on) {
  recording_ = on;
  opus_.reset();
  if (on) return events_->guest_record_start(format);
  events_->guest_record_stop();
  if (meter_) meter_(level_ = 0);
}

void DemoAudio::record_data(AudioMode mode, ByteView packet) {
  if (!events_ || !recording_) return;
  if (mode == AudioMode::opus && !opus_) opus_ = *AudioDecoder::create(mode, format);
  AudioDecoder& decoder = mode == AudioMode::opus ? *opus_ : *raw_;
  auto decoded = decoder.decode(packet);
  const Samples samples = decoded ? std::move(*decoded) : decoder.conceal();
  measure(samples);
  if (options_.record_file.empty() || recorded_.size() >= most_recorded) return;
  recorded_.insert(recorded_.end(), samples.begin(), samples.end());
}

void DemoAudio::measure(std::span<const std::int16_t> samples) {
  for (const std::int16_t sample : samples) peak_ = std::max(peak_, std::abs(int{sample}));
  measured_ += samples.size();
  if (measured_ < meter_samples) return;
  const int level = peak_ * 100 / 32768;
  measured_ = 0;
  peak_ = 0;
  if (level != level_ && meter_) meter_(level_ = level);
}

void DemoAudio::leave_recording() {
  if (options_.record_file.empty()) return;
  Bytes file = channels::wav_header(format, static_cast<std::uint32_t>(2 * recorded_.size()));
  const Bytes data = channels::wire_of(recorded_);
  file.insert(file.end(), data.begin(), data.end());
  if (const auto written = write_file_atomically(options_.record_file, file); !written) {
    log_warn("demo", "--demo-record: {}", written.error().message());
  }
}

}  // namespace cassia::server
