// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages that every channel has. Numbers: SPICE_MSG_* and SPICE_MSGC_* below 100 (spice/enums.h).

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/wire/fields.h"

namespace cassia::spice {

/// Message 3 of the server: from now on acknowledge every `window` messages.
struct SetAck {
  static constexpr const char* name = "set_ack";
  std::uint32_t generation = 0;
  std::uint32_t window = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.generation, m.window);
  }
};

/// Message 1 of the client: the answer to SetAck.
struct AckSync {
  static constexpr const char* name = "ack_sync";
  std::uint32_t generation = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.generation);
  }
};

/// PING (with filler, to measure the line) and PONG (without).
struct Ping {
  static constexpr const char* name = "ping";
  std::uint32_t id = 0;
  std::uint64_t timestamp = 0;
  wire::Blob data;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.id, m.timestamp);
    io.rest(m.data);
  }
};

struct Migrate {
  static constexpr const char* name = "migrate";
  std::uint32_t flags = 0;  ///< SPICE_MIGRATE_*
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.flags);
  }
};

struct Disconnecting {
  static constexpr const char* name = "disconnecting";
  std::uint64_t timestamp = 0;
  std::uint32_t reason = 0;  ///< SPICE_LINK_ERR_*
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.timestamp, m.reason);
  }
};

struct Notify {
  static constexpr const char* name = "notify";
  std::uint64_t timestamp = 0;
  std::uint32_t severity = 0;    ///< SPICE_NOTIFY_SEVERITY_*
  std::uint32_t visibility = 0;  ///< SPICE_NOTIFY_VISIBILITY_*
  std::uint32_t what = 0;
  std::string text;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    std::uint32_t size = static_cast<std::uint32_t>(m.text.size());
    io(m.timestamp, m.severity, m.visibility, m.what, size);
    io.text(m.text, size);
    // libspice-server counts the text without the zero that it sends after it.
    if constexpr (!Io::reading) io(std::uint8_t{0});
  }
};

/// Do not go on before that channel has handled its message of that serial.
struct ChannelWait {
  static constexpr const char* name = "channel wait";
  std::uint8_t channel_type = 0;
  std::uint8_t channel_id = 0;
  std::uint64_t serial = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.channel_type, m.channel_id, m.serial);
  }
};

struct WaitForChannels {
  static constexpr const char* name = "wait_for_channels";
  std::vector<ChannelWait> waits;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io.template list<std::uint8_t>(m.waits, 255, 10);
  }
};

}  // namespace cassia::spice
