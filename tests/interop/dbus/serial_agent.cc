// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/dbus/serial_agent.h"

#include <cstring>

namespace cassia::test {

namespace {

constexpr unsigned data_port = 0x3f8, status_port = 0x3fd;
constexpr std::uint32_t client_port = 1, protocol = 1;  // VDP_CLIENT_PORT, VD_AGENT_PROTOCOL

std::uint32_t number(const std::string& text, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, text.data() + at, 4);
  return value;
}

Result<unsigned> in(DbusMachine& machine, unsigned port) {
  const std::string said = CASSIA_TRY(machine.monitor(fmt::format("i /b {:#x}", port)));
  const std::size_t at = said.find("= ");
  if (at == std::string::npos) return fail(ErrorKind::io, "i: {}", said);
  return static_cast<unsigned>(std::stoul(said.substr(at + 2), nullptr, 16));
}

}  // namespace

std::string word(std::uint32_t value) {
  std::string out(4, '\0');
  std::memcpy(out.data(), &value, 4);
  return out;
}

void SerialAgent::say(std::uint32_t type, const std::string& data) {
  const std::string message = word(protocol) + word(type) + std::string(8, '\0') +
                              word(static_cast<std::uint32_t>(data.size())) + data;
  const std::string all =
      word(client_port) + word(static_cast<std::uint32_t>(message.size())) + message;
  for (const char byte : all) {
    (void)machine_.monitor(
        fmt::format("o /b {:#x} {:#x}", data_port, static_cast<unsigned char>(byte)));
  }
}

Result<std::string> SerialAgent::read(std::size_t size) {
  std::string out;
  const bool came = wait_until([&] {
    while (out.size() < size) {
      const auto status = in(machine_, status_port);
      if (!status || (*status & 1) == 0) return false;
      const auto byte = in(machine_, data_port);
      if (!byte) return false;
      out.push_back(static_cast<char>(*byte));
    }
    return true;
  });
  if (!came) return fail(ErrorKind::timeout, "the serial port says no more");
  return out;
}

Result<std::string> SerialAgent::hear(std::uint32_t type) {
  for (;;) {
    constexpr std::size_t header = 20;
    while (body_.size() < header || body_.size() < header + number(body_, 16)) {
      const std::string chunk = CASSIA_TRY(read(8));
      body_ += CASSIA_TRY(read(number(chunk, 4)));
    }
    const std::size_t size = number(body_, 16);
    const bool wanted = number(body_, 4) == type;
    std::string data = body_.substr(header, size);
    body_.erase(0, header + size);
    if (wanted) return data;
  }
}

}  // namespace cassia::test
