// SPDX-License-Identifier: Apache-2.0
#pragma once

// The VM's sound card over D-Bus (org.qemu.Display1.Audio): QEMU calls a listener for what is
// played and asks another for what the microphone heard. QEMU mixes its cards into one voice unless
// told otherwise; of several, the one that was switched on first is heard until it ends.

#include <map>
#include <memory>

#include "channels/audio/audio_codec.h"
#include "server/guest/dbus/bus.h"
#include "server/guest/guest_audio.h"

namespace cassia::server::dbus {

/// How the samples of a voice are laid out; QEMU may use any of these.
struct VoiceFormat {
  std::uint8_t bits = 16;
  bool is_signed = true, is_float = false, big_endian = false;
  std::uint32_t frequency = 44100, channels = 2;
};

/// Errors: unsupported or malformed for what no sound card has.
Result<void> check(const VoiceFormat& format);
/// Stereo samples of what a voice has written, and the reverse. Half a frame at the end is left
/// out.
channels::Samples to_stereo(const VoiceFormat& format, ByteView data);
Bytes from_stereo(const VoiceFormat& format, std::span<const std::int16_t> samples);

/// The voices of one direction, and which of them is heard.
class Voices {
 public:
  static constexpr std::size_t most = 64;

  Result<void> add(std::uint64_t id, const VoiceFormat& format);
  void remove(std::uint64_t id);
  void enable(std::uint64_t id, bool on);
  /// Null if there is no such voice.
  const VoiceFormat* find(std::uint64_t id) const;
  /// The voice that is heard; 0 and null if none is.
  std::uint64_t current() const { return current_; }
  const VoiceFormat* heard() const { return current_ ? find(current_) : nullptr; }

 private:
  struct Voice {
    VoiceFormat format;
    bool on = false;
  };
  void choose();

  std::map<std::uint64_t, Voice> voices_;
  std::uint64_t current_ = 0;
};

class Sound {
 public:
  /// Bytes that QEMU may ask for, or hand over, at once.
  static constexpr std::size_t most_bytes = std::size_t{1} << 20;

  Sound(net::Executor executor, std::shared_ptr<Bus> bus, GuestAudioEvents& events)
      : executor_(std::move(executor)), bus_(std::move(bus)), events_(events) {}
  ~Sound() { close(); }

  /// Registers both listeners.
  void start();
  void close();
  /// A packet of the microphone.
  void record_data(channels::AudioMode mode, ByteView packet);

  static const sd_bus_vtable out_methods[], in_methods[];

 private:
  struct Direction {
    bool out;
    std::shared_ptr<Bus> bus;
    Voices voices;
  };
  Result<void> listen(Direction& direction);
  void told(Direction& direction, std::uint64_t before);
  Result<void> init(Direction& direction, sd_bus_message* message);
  Result<void> fini(Direction& direction, sd_bus_message* message);
  Result<void> enable(Direction& direction, sd_bus_message* message);
  Result<void> volume(Direction& direction, sd_bus_message* message);

  Result<void> out_init(sd_bus_message* m) { return init(out_, m); }
  Result<void> out_fini(sd_bus_message* m) { return fini(out_, m); }
  Result<void> out_enable(sd_bus_message* m) { return enable(out_, m); }
  Result<void> out_volume(sd_bus_message* m) { return volume(out_, m); }
  Result<void> write(sd_bus_message* m);
  Result<void> in_init(sd_bus_message* m) { return init(in_, m); }
  Result<void> in_fini(sd_bus_message* m) { return fini(in_, m); }
  Result<void> in_enable(sd_bus_message* m) { return enable(in_, m); }
  Result<void> in_volume(sd_bus_message* m) { return volume(in_, m); }
  static int read(sd_bus_message* message, void* self, sd_bus_error* error);
  Bytes heard_bytes(std::uint64_t id, std::size_t size);

  net::Executor executor_;
  const std::shared_ptr<Bus> bus_;
  GuestAudioEvents& events_;
  Direction out_{true, nullptr, {}}, in_{false, nullptr, {}};
  std::unique_ptr<channels::AudioDecoder> decoder_;
  channels::AudioMode decodes_ = channels::AudioMode::raw;
  channels::Samples heard_;  ///< what the guest has not asked for yet
  bool closed_ = false;
};

}  // namespace cassia::server::dbus
