// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <optional>

#include "base/log.h"
#include "client/audio/audio_sink.h"

namespace cassia::client {
namespace {

constexpr auto retry_after = std::chrono::seconds(3);

/// Counts go on from one stream to the next; the target and the latency are those of the latest.
void add(PlaybackStatistics& sum, const PlaybackStatistics& s) {
  sum.packets += s.packets;
  sum.frames_played += s.frames_played;
  sum.underruns += s.underruns;
  sum.frames_skipped += s.frames_skipped;
  sum.target_ms = s.target_ms;
  sum.latency_ms = s.latency_ms;
}

class DeviceSink final : public AudioSink {
 public:
  DeviceSink(std::shared_ptr<AudioDevices> devices, std::shared_ptr<const Clock> clock)
      : devices_(std::move(devices)), clock_(std::move(clock)) {}
  ~DeviceSink() override { stream_.reset(); }

  void start(const channels::AudioFormat& format) override;
  void play(std::uint32_t time, channels::Samples samples) override;
  void stop() override;
  void set_volume(const channels::AudioVolume& volume) override {
    const std::lock_guard lock(mutex_);
    volume_ = volume;
  }
  void set_latency(std::uint32_t milliseconds) override {
    const std::lock_guard lock(mutex_);
    latency_ = milliseconds;
    if (buffer_) buffer_->set_latency(milliseconds);
  }
  PlaybackStatistics statistics() const override;

 private:
  void keep_open();
  void fill(std::span<std::int16_t> out);
  void retire_buffer();

  const std::shared_ptr<AudioDevices> devices_;
  const std::shared_ptr<const Clock> clock_;
  channels::AudioFormat format_;
  TimePoint next_try_{};
  bool complained_ = false;

  mutable std::mutex mutex_;  ///< of what the device's thread uses too
  std::optional<JitterBuffer> buffer_;
  channels::AudioVolume volume_;
  std::uint32_t latency_ = 0;
  PlaybackStatistics past_;  ///< of streams that are over

  std::unique_ptr<AudioStream> stream_;  ///< last: its thread ends first, without the mutex held
};

void DeviceSink::retire_buffer() {
  if (!buffer_) return;
  add(past_, buffer_->statistics());
  buffer_.reset();
}

void DeviceSink::start(const channels::AudioFormat& format) {
  const bool same = format == format_;
  if (!same) stream_.reset();
  format_ = format;
  const std::lock_guard lock(mutex_);
  if (same && buffer_) return;  // the end of the last stream may still wait in it
  retire_buffer();
  buffer_.emplace(format);
  buffer_->set_latency(latency_);
}

void DeviceSink::stop() {
  // The device stays open for a guest that starts and stops often; what waits is still heard.
  const std::lock_guard lock(mutex_);
  if (buffer_) buffer_->finish();
}

void DeviceSink::keep_open() {
  if (stream_ && !stream_->lost()) return;
  const TimePoint now = clock_->now();
  if (stream_) {
    log_warn("audio", "the loudspeaker is gone; looking for another");
    stream_.reset();
  }
  if (now < next_try_) return;
  next_try_ = now + retry_after;
  auto opened = devices_->open_output(format_, [this](std::span<std::int16_t> out) { fill(out); });
  if (opened) {
    stream_ = std::move(*opened);
    complained_ = false;
  } else if (!std::exchange(complained_, true)) {
    log_warn("audio", "{}", opened.error().message());
  }
}

void DeviceSink::play(std::uint32_t time, channels::Samples samples) {
  keep_open();
  const TimePoint now = clock_->now();
  const std::lock_guard lock(mutex_);
  if (buffer_) buffer_->push(time, std::move(samples), now);
}

void DeviceSink::fill(std::span<std::int16_t> out) {
  const TimePoint now = clock_->now();
  const std::lock_guard lock(mutex_);
  if (!buffer_) {
    std::fill(out.begin(), out.end(), std::int16_t{0});
    return;
  }
  buffer_->pull(out, now);
  apply_volume(out, format_.channels, volume_);
}

PlaybackStatistics DeviceSink::statistics() const {
  const std::lock_guard lock(mutex_);
  PlaybackStatistics sum = past_;
  if (buffer_) add(sum, buffer_->statistics());
  return sum;
}

class DeviceSource final : public AudioSource {
 public:
  explicit DeviceSource(std::shared_ptr<AudioDevices> devices) : devices_(std::move(devices)) {}
  Result<void> start(const channels::AudioFormat& format, TakeSamples take) override {
    stream_.reset();
    stream_ = CASSIA_TRY(devices_->open_input(format, std::move(take)));
    return {};
  }
  void stop() override { stream_.reset(); }

 private:
  std::shared_ptr<AudioDevices> devices_;
  std::unique_ptr<AudioStream> stream_;
};

}  // namespace

std::unique_ptr<AudioSink> make_device_sink(std::shared_ptr<AudioDevices> devices,
                                            std::shared_ptr<const Clock> clock) {
  return std::make_unique<DeviceSink>(std::move(devices), std::move(clock));
}

std::unique_ptr<AudioSource> make_device_source(std::shared_ptr<AudioDevices> devices) {
  return std::make_unique<DeviceSource>(std::move(devices));
}

}  // namespace cassia::client
