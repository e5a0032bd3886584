// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "client/audio/audio_sink.h"

namespace cassia::client {
namespace {

using channels::AudioFormat;
using channels::Samples;

class WavSink final : public AudioSink {
 public:
  WavSink(std::string path, FileDescriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  ~WavSink() override { write_header(); }

  void start(const AudioFormat& format) override {
    incoming_ = format;
    if (!format_) format_ = format;
  }
  void play(std::uint32_t, Samples samples) override;
  void stop() override { write_header(); }
  void set_volume(const channels::AudioVolume& volume) override { volume_ = volume; }
  PlaybackStatistics statistics() const override { return statistics_; }

 private:
  void write_at(off_t offset, ByteView bytes);
  void write_header() {
    if (format_) write_at(0, channels::wav_header(*format_, static_cast<std::uint32_t>(bytes_)));
  }

  const std::string path_;
  FileDescriptor file_;
  std::optional<AudioFormat> format_;  ///< of the file
  AudioFormat incoming_;
  channels::AudioVolume volume_;
  std::uint64_t bytes_ = 0;
  bool failed_ = false;
  PlaybackStatistics statistics_;
};

void WavSink::play(std::uint32_t, Samples samples) {
  ++statistics_.packets;
  statistics_.frames_played += samples.size() / incoming_.channels;
  apply_volume(samples, incoming_.channels, volume_);
  const Samples fitting = channels::converted({incoming_, std::move(samples)}, *format_);
  const Bytes data = channels::wire_of(fitting);
  write_at(static_cast<off_t>(channels::wav_header_size + bytes_), data);
  // Now and then, so that the file is of use even if this program is killed.
  const std::uint64_t second = std::uint64_t{format_->frequency} * format_->frame_bytes();
  const bool another = bytes_ / second != (bytes_ + data.size()) / second;
  bytes_ += data.size();
  if (another) write_header();
}

void WavSink::write_at(off_t offset, ByteView bytes) {
  while (!bytes.empty() && !failed_) {
    const ssize_t n = ::pwrite(file_.get(), bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      failed_ = true;
      log_warn("audio", "{}", errno_error(errno, path_).message());
      return;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
}

/// A microphone that speaks a file.
class WavSource final : public AudioSource {
 public:
  explicit WavSource(channels::Wav wav) : wav_(std::move(wav)) {}
  ~WavSource() override { WavSource::stop(); }

  Result<void> start(const AudioFormat& format, TakeSamples take) override {
    stop();
    stopping_ = false;
    thread_ = std::thread([this, format, take = std::move(take)] { speak(format, take); });
    return {};
  }
  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void speak(const AudioFormat& format, const TakeSamples& take);

  const channels::Wav wav_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

void WavSource::speak(const AudioFormat& format, const TakeSamples& take) {
  const Samples said = channels::converted(wav_, format);
  const std::size_t piece = std::size_t{format.frequency} / 100 * format.channels;  // 10 ms
  std::size_t at = 0;
  auto due = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    Samples now(piece, 0);
    const std::size_t some = std::min(piece, said.size() - at);
    std::copy_n(said.begin() + static_cast<long>(at), some, now.begin());
    at += some;
    take(now);
    due += std::chrono::milliseconds(10);
    lock.lock();
    wake_.wait_until(lock, due, [this] { return stopping_; });
  }
}

}  // namespace

Result<std::unique_ptr<AudioSink>> make_wav_sink(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file) return fail_errno(errno, path);
  return std::unique_ptr<AudioSink>(std::make_unique<WavSink>(path, std::move(file)));
}

std::unique_ptr<AudioSource> make_wav_source(channels::Wav wav) {
  return std::make_unique<WavSource>(std::move(wav));
}

void apply_volume(std::span<std::int16_t> samples, std::uint32_t channels,
                  const channels::AudioVolume& volume) {
  if (volume.mute) {
    std::fill(samples.begin(), samples.end(), std::int16_t{0});
    return;
  }
  for (std::size_t c = 0; c < std::min<std::size_t>(channels, volume.channels.size()); ++c) {
    if (volume.channels[c] == 0xffff) continue;
    const float share = static_cast<float>(volume.channels[c]) / 65535.0f;
    const float gain = share * share * share;
    for (std::size_t i = c; i < samples.size(); i += channels) {
      samples[i] = static_cast<std::int16_t>(static_cast<float>(samples[i]) * gain);
    }
  }
}

}  // namespace cassia::client
