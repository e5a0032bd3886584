// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages of the main channel. Numbers: SPICE_MSG_MAIN_* and SPICE_MSGC_MAIN_*.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/wire/fields.h"

namespace cassia::spice {

struct MainInit {
  static constexpr const char* name = "main init";
  std::uint32_t session_id = 0;
  std::uint32_t display_channels_hint = 0;
  std::uint32_t supported_mouse_modes = 0;
  std::uint32_t current_mouse_mode = 0;
  std::uint32_t agent_connected = 0;
  std::uint32_t agent_tokens = 0;
  std::uint32_t multi_media_time = 0;
  std::uint32_t ram_hint = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.session_id, m.display_channels_hint, m.supported_mouse_modes, m.current_mouse_mode,
       m.agent_connected, m.agent_tokens, m.multi_media_time, m.ram_hint);
  }
};

struct ChannelEntry {
  static constexpr const char* name = "channel entry";
  std::uint8_t type = 0;
  std::uint8_t id = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.type, m.id);
  }
};

struct ChannelsList {
  static constexpr const char* name = "channels_list";
  std::vector<ChannelEntry> channels;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io.template list<std::uint32_t>(m.channels, 4096, 2);
  }
};

/// Both modes fit 16 bits here, unlike in MainInit.
struct MouseModeState {
  static constexpr const char* name = "mouse_mode";
  std::uint16_t supported = 0;
  std::uint16_t current = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.supported, m.current);
  }
};

struct MouseModeRequest {
  static constexpr const char* name = "mouse_mode_request";
  std::uint16_t mode = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.mode);
  }
};

struct MultiMediaTime {
  static constexpr const char* name = "multi_media_time";
  std::uint32_t time = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.time);
  }
};

/// AGENT_TOKEN both ways, AGENT_START, AGENT_CONNECTED_TOKENS.
struct AgentTokens {
  static constexpr const char* name = "agent tokens";
  std::uint32_t count = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.count);
  }
};

struct AgentDisconnected {
  static constexpr const char* name = "agent_disconnected";
  std::uint32_t error = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.error);
  }
};

struct ServerName {
  static constexpr const char* name = "name";
  std::string text;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    // The size on the wire counts a terminating zero.
    std::uint32_t size = static_cast<std::uint32_t>(m.text.size() + 1);
    io(size);
    if constexpr (Io::reading) {
      io.require(size <= 4096, "the name is too long");
      io.text(m.text, size);
      if (const auto zero = m.text.find('\0'); zero != std::string::npos) m.text.resize(zero);
    } else {
      io.text(m.text, size);
      io(std::uint8_t{0});
    }
  }
};

struct ServerUuid {
  static constexpr const char* name = "uuid";
  std::array<std::uint8_t, 16> uuid{};
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.uuid);
  }
};

/// A name of the peer's, on the wire with its size, zero included, and where in the message it is.
struct NamePointer {
  static constexpr std::uint32_t longest = 4096;
  std::string text;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    if constexpr (Io::reading) {
      std::uint32_t size = 0;
      io(size);
      if (size == 0) return skip_pointer(io);
      if (!io.require(size <= longest, "a host name or certificate subject is too long")) return;
      io.pointer_to([&m, size](auto& sub) {
        sub.text(m.text, size);
        if (!sub.require(!m.text.empty() && m.text.back() == '\0', "a name has no end")) return;
        m.text.resize(m.text.find('\0'));
      });
    } else {
      io(static_cast<std::uint32_t>(m.text.empty() ? 0 : m.text.size() + 1));
      if (m.text.empty()) return io(std::uint32_t{0});
      io.pointer_to([&m](auto& sub) {
        sub.text(m.text, 0);
        sub(std::uint8_t{0});
      });
    }
  }

 private:
  template <class Io>
  static void skip_pointer(Io& io) {
    std::uint32_t offset = 0;
    io(offset);
  }
};

/// MIGRATE_BEGIN and MIGRATE_SWITCH_HOST: where the guest goes.
struct MigrateBegin {
  static constexpr const char* name = "migrate_begin";
  std::uint16_t port = 0;
  std::uint16_t tls_port = 0;
  NamePointer host;
  NamePointer cert_subject;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.port, m.tls_port, m.host, m.cert_subject);
    io.require(!m.host.text.empty(), "the destination has no name");
  }
};

struct MigrateBeginSeamless {
  static constexpr const char* name = "migrate_begin_seamless";
  MigrateBegin destination;
  std::uint32_t source_version = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.destination, m.source_version);
  }
};

/// MIGRATE_DST_DO_SEAMLESS of the client.
struct MigrateDoSeamless {
  static constexpr const char* name = "migrate_dst_do_seamless";
  std::uint32_t source_version = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.source_version);
  }
};

/// CLIENT_INFO of the client: what it would cache, in bytes.
struct ClientInfo {
  static constexpr const char* name = "client_info";
  std::uint64_t cache_size = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.cache_size);
  }
};

/// AGENT_DATA carries at most this many bytes (VD_AGENT_MAX_DATA_SIZE).
inline constexpr std::size_t max_agent_chunk = 2048;

}  // namespace cassia::spice
