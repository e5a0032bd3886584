// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/devices/boot_sector.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "channels/webdav/webdav_mux.h"

namespace cassia::test {
namespace {

constexpr std::size_t sector = 512;
constexpr std::size_t message_at = 0x37;

void add(Bytes& out, std::initializer_list<std::uint8_t> code) {
  out.insert(out.end(), code.begin(), code.end());
}

}  // namespace

Bytes bootable_image(std::string_view text, SerialInput then) {
  Bytes out;
  add(out, {0x31, 0xc0});              // 00 xor ax, ax
  add(out, {0x8e, 0xd8});              // 02 mov ds, ax
  add(out, {0xbe, message_at, 0x7c});  // 04 mov si, message
  add(out, {0xac});                    // 07 lodsb
  add(out, {0x84, 0xc0});              // 08 test al, al
  add(out, {0x74, 0x05});              // 0a jz 11
  add(out, {0xe8, 0x0c, 0x00});        // 0c call 1b (put)
  add(out, {0xeb, 0xf6});              // 0f jmp 07
  add(out, {0xe8, 0x16, 0x00});        // 11 call 2a (get)
  if (then == SerialInput::echo) {
    add(out, {0xe8, 0x04, 0x00});        // 14 call 1b (put)
    add(out, {0xeb, 0xf8, 0x90, 0x90});  // 17 jmp 11
  } else {
    add(out, {0xe6, 0xe9, 0x90});        // 14 out 0xe9, al
    add(out, {0xeb, 0xf8, 0x90, 0x90});  // 17 jmp 11
  }
  add(out, {0x50});                                 // 1b put: push ax
  add(out, {0xba, 0xfd, 0x03});                     // 1c mov dx, line status
  add(out, {0xec, 0xa8, 0x20, 0x74, 0xfb});         // 1f in; test; jz 1f
  add(out, {0x58});                                 // 24 pop ax
  add(out, {0xba, 0xf8, 0x03});                     // 25 mov dx, data
  add(out, {0xee, 0xc3});                           // 28 out; ret
  add(out, {0xba, 0xfd, 0x03});                     // 2a get: mov dx, line status
  add(out, {0xec, 0xa8, 0x01, 0x74, 0xfb});         // 2d in; test; jz 2d
  add(out, {0xba, 0xf8, 0x03});                     // 32 mov dx, data
  add(out, {0xec, 0xc3});                           // 35 in; ret
  out.insert(out.end(), text.begin(), text.end());  // 37
  out.resize(sector - 2);
  add(out, {0x55, 0xaa});
  out.resize(std::size_t{1} << 20);
  return out;
}

Bytes asking_image(std::string_view path) {
  // The text ends at a zero byte, so there may be none in the frame: neither in the connection's
  // number nor in its size, which is made more than 256.
  constexpr channels::MuxId id = 0x0101010101010101;
  const std::string request =
      "GET " + std::string(path) +
      " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: " + std::string(200, 'x') +
      "\r\n\r\n";
  return bootable_image(as_text(channels::mux_frames(id, as_bytes(request))),
                        SerialInput::to_debug_port);
}

}  // namespace cassia::test
