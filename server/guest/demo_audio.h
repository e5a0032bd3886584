// SPDX-License-Identifier: Apache-2.0
#pragma once

// The demo guest's sound card: plays a melody, or samples it was given, and listens to the viewer's
// microphone. Sends raw samples of 48 kHz, 10 ms a packet, as they fall due.

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "channels/audio/audio_codec.h"
#include "net/task.h"
#include "server/guest/guest_audio.h"

namespace cassia::server {

struct DemoAudioOptions {
  channels::Samples loop;   ///< stereo, 48 kHz; played again and again from the start
  std::string record_file;  ///< WAV: records from the start and leaves it there at the end
};

/// The melody that the terminal's `play` plays: 48 kHz, stereo, 1.6 s.
channels::Samples demo_melody();

class DemoAudio final : public std::enable_shared_from_this<DemoAudio> {
 public:
  DemoAudio(net::Executor executor, DemoAudioOptions options)
      : timer_(executor), options_(std::move(options)) {}

  /// `events` must outlive it, or stop() come first.
  void start(GuestAudioEvents& events);
  void stop();

  /// Answers of the terminal; empty if it is no command of sound.
  std::string command(const std::string& line);
  void record_data(channels::AudioMode mode, ByteView packet);

  /// Called with the level of what is recorded, 0 to 100, when it has changed.
  void set_level_meter(std::function<void(int)> meter) { meter_ = std::move(meter); }

 private:
  void play(channels::Samples sound, bool again);
  void wait_for_next();
  void send_next();
  void set_volume(int percent, bool mute);
  void record(bool on);
  void measure(std::span<const std::int16_t> samples);
  void leave_recording();
  static std::uint32_t now_ms();

  boost::asio::steady_timer timer_;
  DemoAudioOptions options_;
  GuestAudioEvents* events_ = nullptr;
  std::function<void(int)> meter_;
  channels::Samples sound_;
  std::size_t position_ = 0;
  bool again_ = false;
  bool playing_ = false;
  bool recording_ = false;
  std::unique_ptr<channels::AudioDecoder> raw_, opus_;
  channels::Samples recorded_;
  int level_ = 0;
  int volume_ = 100;
  bool mute_ = false;
  int peak_ = 0;              ///< of the piece that is measured
  std::size_t measured_ = 0;  ///< samples in it
};

}  // namespace cassia::server
