// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages of the port channel besides its plain data. Numbers: SPICE_MSG_PORT_*,
// SPICE_MSGC_PORT_*.

#include <cstdint>
#include <string>

#include "protocol/wire/fields.h"

namespace cassia::spice {

struct PortInit {
  static constexpr const char* name = "port init";
  std::string port_name;
  std::uint8_t opened = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    // The size counts a terminating zero.
    std::uint32_t size = static_cast<std::uint32_t>(m.port_name.size() + 1);
    io(size);
    io.require(size <= 4096, "the name is too long");
    io.pointer_to([&m, size](auto& sub) {
      sub.text(m.port_name, size);
      if constexpr (!Io::reading) sub(std::uint8_t{0});
    });
    io(m.opened);
    if constexpr (Io::reading) {
      if (const auto zero = m.port_name.find('\0'); zero != std::string::npos) {
        m.port_name.resize(zero);
      }
    }
  }
};

struct PortEventMessage {
  static constexpr const char* name = "port event";
  std::uint8_t event = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.event);
  }
};

}  // namespace cassia::spice
