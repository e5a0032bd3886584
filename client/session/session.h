// SPDX-License-Identifier: Apache-2.0
#pragma once

// A SPICE session with one server: the main channel and, each on a connection of its own, the
// display, inputs, cursor and port channels that the server lists. Runs on a network thread of its
// own and decodes images on further ones; the main thread takes the events and sends input.
// Without a window to keep alive the main thread may do all of it (SessionOptions::own_thread).

#include <deque>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "client/audio/audio_sink.h"
#include "client/devices/device_options.h"
#include "client/input/input_sink.h"
#include "client/session/events.h"
#include "client/session/statistics.h"
#include "net/stream.h"

namespace cassia::client {

class AgentLink;

struct SessionOptions {
  net::Address address;                      ///< the server's plain port, or the only one
  std::optional<net::Address> tls_address;   ///< its TLS port if there are two
  std::vector<std::string> secure_channels;  ///< see dial::Target
  std::optional<net::Proxy> proxy;
  std::string user;  ///< for SASL; empty: a ticket, where the server takes one
  std::string password;
  std::string ca_file;  ///< PEM file; with neither this nor ca_pem: the system's trust store
  std::string ca_pem;
  std::string host_subject;  ///< SPICE's; compared instead of the host's name if set
  std::uint8_t display = 0;  ///< the display channel to open; others are left alone
  bool input = true;         ///< open the inputs and cursor channels
  /// Video codecs to offer to the server, best first; MJPEG is always understood.
  std::vector<channels::VideoCodec> video_codecs = {channels::VideoCodec::mjpeg};
  /// Give video out as planes where the decoder has them: for canvases that prefer it so.
  bool video_planes = false;
  /// Let a server on this machine hand over its picture in shared memory (unix sockets only).
  bool gl_scanout = true;
  /// Follow a guest that migrates to another host, without a break where the servers can.
  bool migration = true;
  /// False: there is no network thread, Session::wait_events() does its work, and what it decodes
  /// is drawn while the processor's cache still holds it.
  bool own_thread = true;
  /// Threads that decode images; 0: the network thread does. Default: one for each processor, and 0
  /// where there is only one or no network thread.
  std::optional<unsigned> decode_threads;
  bool storage = true;        ///< open port channels in search of the storage channel
  bool clipboard = true;      ///< share the clipboard with the guest
  bool file_transfer = true;  ///< send files into the guest when asked
  DeviceOptions devices;      ///< what of this machine the guest may use
  std::shared_ptr<AudioSink> audio_sink;
  std::shared_ptr<AudioSource> audio_source;
  /// How loud to begin with, if the person has said so: told to the guest's agent, and in force
  /// here until the guest's mixer says otherwise.
  std::optional<channels::AudioVolume> playback_volume, record_volume;
  /// What the guest's desktop shall leave out (guest_look.h).
  spice::AgentDisplayConfig guest_look;
  /// Connect again, after 1, 2, 4, ... at most 15 seconds, when the connection is lost. A refused
  /// password or certificate is never tried again.
  bool reconnect = false;
  Duration connect_timeout = std::chrono::seconds(10);
};

/// Made, used and destroyed on the main thread. InputSink's methods may come from any thread; what
/// they send is dropped while there is no inputs channel.
class Session : public InputSink {
 public:
  /// `wake` is called on the network thread when events wait; it must not block.
  static Result<std::unique_ptr<Session>> start(SessionOptions options,
                                                std::function<void()> wake = {});

  /// All events so far, oldest first. MainThreadCall events are the caller's to run.
  virtual std::deque<SessionEvent> take_events() = 0;
  /// Blocks until events wait (true) or `deadline` has passed.
  virtual bool wait_events(TimePoint deadline) = 0;

  virtual void request_mouse_mode(channels::MouseMode mode) = 0;

  /// Runs `action` on the network thread, where the agent is. Any thread.
  virtual void with_agent(std::function<void(AgentLink&)> action) = 0;

  /// Asks the storage channel; `reply` comes as a MainThreadCall, once, also when there is no
  /// storage channel (ErrorKind::unsupported) or it goes away (closed).
  virtual void call_storage(std::string verb, const nlohmann::json& params,
                            std::function<void(Result<nlohmann::json>)> reply) = 0;

  /// A consistent copy, from the network thread where there is one. Blocks for at most a moment.
  virtual SessionStatistics statistics() = 0;
};

}  // namespace cassia::client
