// SPDX-License-Identifier: Apache-2.0
// What a QEMU says of its screen over D-Bus: calls of a listener with any arguments. Whatever comes
// through has to be a draw command that the pipeline can carry out.

#include <cstring>

#include "server/guest/dbus/screen.h"
#include "tests/unit/dbus/guest_record.h"

namespace {

/// Arguments, one after the other; zeroes at the end.
class Arguments {
 public:
  Arguments(const std::uint8_t* data, std::size_t size) : left_(data, size) {}
  bool empty() const { return left_.empty(); }
  std::uint32_t number() {
    std::uint32_t value = 0;
    const std::size_t some = std::min<std::size_t>(4, left_.size());
    std::memcpy(&value, left_.data(), some);
    left_ = left_.subspan(some);
    return value;
  }
  std::int32_t sign() { return static_cast<std::int32_t>(number()); }
  cassia::Bytes bytes() {
    const std::size_t some = std::min<std::size_t>(number() & 0xffff, left_.size());
    const auto out = cassia::to_bytes(left_.first(some));
    left_ = left_.subspan(some);
    return out;
  }

 private:
  cassia::ByteView left_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cassia::server;
  GuestRecord record;
  dbus::Screen screen(record, 0, 0, [] {});
  Arguments in(data, size);
  for (int calls = 0; calls < 32 && !in.empty(); ++calls) {
    const std::uint32_t which = in.number() % 5;
    if (which == 0) {
      const dbus::PixelLayout layout{in.number(), in.number(), in.number(), in.number()};
      const auto owner = std::make_shared<const cassia::Bytes>(in.bytes());
      (void)screen.scanout(layout, *owner, owner);
    } else if (which == 1) {
      const dbus::StatedRect area{in.sign(), in.sign(), in.sign(), in.sign()};
      const std::uint32_t stride = in.number(), format = in.number();
      const auto owner = std::make_shared<const cassia::Bytes>(in.bytes());
      (void)screen.update(area, stride, format, *owner, owner);
    } else if (which == 2) {
      const std::int32_t width = in.sign(), height = in.sign(), x = in.sign(), y = in.sign();
      (void)screen.cursor_define(width, height, x, y, in.bytes());
    } else if (which == 3) {
      const std::int32_t x = in.sign(), y = in.sign();
      screen.mouse_set(x, y, (in.number() & 1) != 0);
    } else {
      screen.disable();
    }
  }
  for (const auto& box : record.drawn_) {
    if (box.empty() || box.left < 0 || box.top < 0) __builtin_trap();
  }
  return 0;
}
