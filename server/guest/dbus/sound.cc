// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/sound.h"

#include <algorithm>

#include "base/log.h"
#include "server/guest/dbus/listener.h"

namespace cassia::server::dbus {

using channels::AudioMode;

namespace {

constexpr char audio_path[] = "/org/qemu/Display1/Audio";
/// Of the microphone: what the guest has not asked for in so long is forgotten.
constexpr std::uint32_t most_heard_ms = 300;

std::uint32_t now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Result<std::uint64_t> read_id(sd_bus_message* message) {
  std::uint64_t id = 0;
  if (sd_bus_message_read(message, "t", &id) < 0) {
    return fail(ErrorKind::malformed, "no id of a voice");
  }
  return id;
}

}  // namespace

const VoiceFormat* Voices::find(std::uint64_t id) const {
  const auto found = voices_.find(id);
  return found == voices_.end() ? nullptr : &found->second.format;
}

Result<void> Voices::add(std::uint64_t id, const VoiceFormat& format) {
  CASSIA_TRY(check(format));
  if (id == 0) return fail(ErrorKind::malformed, "a voice of id 0");
  if (voices_.size() >= most) return fail(ErrorKind::busy, "more than {} voices", most);
  voices_[id] = {format, false};
  choose();
  return {};
}

void Voices::remove(std::uint64_t id) {
  voices_.erase(id);
  choose();
}

void Voices::enable(std::uint64_t id, bool on) {
  const auto found = voices_.find(id);
  if (found == voices_.end()) return;
  found->second.on = on;
  choose();
}

void Voices::choose() {
  const auto now = voices_.find(current_);
  if (now != voices_.end() && now->second.on) return;
  current_ = 0;
  for (const auto& [id, voice] : voices_) {
    if (voice.on && current_ == 0) current_ = id;
  }
}

const sd_bus_vtable Sound::out_methods[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Init", "tybbuyuub", "", (deliver<Sound, &Sound::out_init>), 0),
    SD_BUS_METHOD("Fini", "t", "", (deliver<Sound, &Sound::out_fini>), 0),
    SD_BUS_METHOD("SetEnabled", "tb", "", (deliver<Sound, &Sound::out_enable>), 0),
    SD_BUS_METHOD("SetVolume", "tbay", "", (deliver<Sound, &Sound::out_volume>), 0),
    SD_BUS_METHOD("Write", "tay", "", (deliver<Sound, &Sound::write>), 0),
    SD_BUS_VTABLE_END};
const sd_bus_vtable Sound::in_methods[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Init", "tybbuyuub", "", (deliver<Sound, &Sound::in_init>), 0),
    SD_BUS_METHOD("Fini", "t", "", (deliver<Sound, &Sound::in_fini>), 0),
    SD_BUS_METHOD("SetEnabled", "tb", "", (deliver<Sound, &Sound::in_enable>), 0),
    SD_BUS_METHOD("SetVolume", "tbay", "", (deliver<Sound, &Sound::in_volume>), 0),
    SD_BUS_METHOD("Read", "tt", "ay", Sound::read, 0),
    SD_BUS_VTABLE_END};

void Sound::start() {
  for (Direction* direction : {&out_, &in_}) {
    if (const auto listens = listen(*direction); !listens) {
      log_warn("dbus", "sound: {}", listens.error().message());
    }
  }
}

Result<void> Sound::listen(Direction& direction) {
  const bool out = direction.out;
  // QEMU up to 7.2 at least counts listeners by their callers' names, and ends by a null pointer on
  // a private connection whose caller has none.
  const Method method{audio_path, "org.qemu.Display1.Audio",
                      out ? "RegisterOutListener" : "RegisterInListener", ":1.0"};
  auto bus = CASSIA_TRY(open_listener(executor_, *bus_, method, [](const Error& why) {
    log_warn("dbus", "sound: {}", why.message());
  }));
  CASSIA_TRY(
      bus->serve(out ? "/org/qemu/Display1/AudioOutListener" : "/org/qemu/Display1/AudioInListener",
                 out ? "org.qemu.Display1.AudioOutListener" : "org.qemu.Display1.AudioInListener",
                 out ? out_methods : in_methods, this));
  direction.bus = std::move(bus);
  out ? events_.guest_can_play() : events_.guest_can_record();
  return {};
}

void Sound::close() {
  closed_ = true;
  for (Direction* direction : {&out_, &in_}) {
    if (direction->bus) direction->bus->close();
  }
}

/// Tells of the change from the voice that was heard `before` to the one that is now.
void Sound::told(Direction& direction, std::uint64_t before) {
  const std::uint64_t now = direction.voices.current();
  if (now == before || closed_) return;
  const VoiceFormat* voice = direction.voices.heard();
  if (direction.out) {
    if (!voice) return events_.guest_playback_stop();
    return events_.guest_playback_start({2, voice->frequency}, AudioMode::raw, now_ms());
  }
  heard_.clear();
  decoder_.reset();
  voice ? events_.guest_record_start({2, voice->frequency}) : events_.guest_record_stop();
}

Result<void> Sound::init(Direction& direction, sd_bus_message* message) {
  std::uint64_t id = 0;
  VoiceFormat format;
  int is_signed = 0, is_float = 0, big_endian = 0;
  std::uint8_t channels = 0;
  std::uint32_t frame = 0, second = 0;
  if (sd_bus_message_read(message, "tybbuyuub", &id, &format.bits, &is_signed, &is_float,
                          &format.frequency, &channels, &frame, &second, &big_endian) < 0) {
    return fail(ErrorKind::malformed, "Init: odd arguments");
  }
  format.channels = channels;
  format.is_signed = is_signed != 0;
  format.is_float = is_float != 0;
  format.big_endian = big_endian != 0;
  const std::uint64_t before = direction.voices.current();
  if (before == id && id != 0) direction.voices.remove(id);
  const auto added = direction.voices.add(id, format);
  told(direction, before);
  return added;
}

Result<void> Sound::fini(Direction& direction, sd_bus_message* message) {
  const std::uint64_t before = direction.voices.current();
  direction.voices.remove(CASSIA_TRY(read_id(message)));
  told(direction, before);
  return {};
}

Result<void> Sound::enable(Direction& direction, sd_bus_message* message) {
  const std::uint64_t id = CASSIA_TRY(read_id(message));
  int on = 0;
  if (sd_bus_message_read(message, "b", &on) < 0) return fail(ErrorKind::malformed, "SetEnabled");
  const std::uint64_t before = direction.voices.current();
  direction.voices.enable(id, on != 0);
  told(direction, before);
  return {};
}

Result<void> Sound::volume(Direction& direction, sd_bus_message* message) {
  const std::uint64_t id = CASSIA_TRY(read_id(message));
  int mute = 0;
  if (sd_bus_message_read(message, "b", &mute) < 0) return fail(ErrorKind::malformed, "SetVolume");
  const ByteView levels = CASSIA_TRY(read_bytes(message));
  if (!direction.voices.find(id) || closed_) return {};
  channels::AudioVolume volume;
  volume.mute = mute != 0;
  for (const std::uint8_t level : levels.first(std::min<std::size_t>(levels.size(), 2))) {
    volume.channels.push_back(static_cast<std::uint16_t>(level * 257));
  }
  if (volume.channels.size() == 1) volume.channels.push_back(volume.channels[0]);
  direction.out ? events_.guest_playback_volume(volume) : events_.guest_record_volume(volume);
  return {};
}

Result<void> Sound::write(sd_bus_message* message) {
  const std::uint64_t id = CASSIA_TRY(read_id(message));
  const ByteView data = CASSIA_TRY(read_bytes(message));
  const VoiceFormat* voice = out_.voices.heard();
  if (!voice || id != out_.voices.current() || closed_) return {};
  if (data.size() > most_bytes) {
    return fail(ErrorKind::malformed, "Write: {} bytes of sound at once", data.size());
  }
  const Bytes wire = channels::wire_of(to_stereo(*voice, data));
  const std::uint32_t time = now_ms();
  // Whole frames of two channels and 16 bits.
  for (std::size_t at = 0; at < wire.size(); at += channels::max_audio_data) {
    const std::size_t some = std::min(channels::max_audio_data, wire.size() - at);
    events_.guest_playback_data(time, SharedBytes(to_bytes(ByteView(wire).subspan(at, some))));
  }
  return {};
}

void Sound::record_data(AudioMode mode, ByteView packet) {
  const VoiceFormat* voice = in_.voices.heard();
  if (!voice) return;
  if (!decoder_ || decodes_ != mode) {
    auto made = channels::AudioDecoder::create(mode, {2, voice->frequency});
    if (!made) return log_debug("dbus", "microphone: {}", made.error().message());
    decoder_ = std::move(*made);
    decodes_ = mode;
  }
  auto samples = decoder_->decode(packet);
  if (!samples) samples = decoder_->conceal();
  heard_.insert(heard_.end(), samples->begin(), samples->end());
  const std::size_t most = std::size_t{2} * voice->frequency * most_heard_ms / 1000;
  if (heard_.size() > most) {
    heard_.erase(heard_.begin(), heard_.end() - static_cast<std::ptrdiff_t>(most / 2 * 2));
  }
}

Bytes Sound::heard_bytes(std::uint64_t id, std::size_t size) {
  const VoiceFormat* voice = in_.voices.heard();
  if (!voice || id != in_.voices.current()) return {};
  const std::size_t frame = std::size_t{voice->bits} / 8 * voice->channels;
  const std::size_t frames = std::min(size / frame, heard_.size() / 2);
  Bytes out = from_stereo(*voice, std::span(heard_).first(frames * 2));
  heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(frames * 2));
  return out;
}

// QEMU stands still until it is answered: what is there now, if only nothing.
int Sound::read(sd_bus_message* message, void* data, sd_bus_error* error) {
  auto& self = *static_cast<Sound*>(data);
  std::uint64_t id = 0, size = 0;
  if (sd_bus_message_read(message, "tt", &id, &size) < 0 || size > most_bytes) {
    return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS, "Read: odd arguments");
  }
  const Bytes heard = self.heard_bytes(id, static_cast<std::size_t>(size));
  sd_bus_message* reply = nullptr;
  int code = sd_bus_message_new_method_return(message, &reply);
  if (code >= 0) code = sd_bus_message_append_array(reply, 'y', heard.data(), heard.size());
  if (code >= 0) code = sd_bus_message_send(reply);
  sd_bus_message_unref(reply);
  return code;
}

}  // namespace cassia::server::dbus
