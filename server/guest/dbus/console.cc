// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/console.h"

#include <fcntl.h>

#include "base/log.h"
#include "server/guest/dbus/listener.h"

namespace cassia::server::dbus {

namespace {

constexpr char listener_path[] = "/org/qemu/Display1/Listener";
constexpr char map_interface[] = "org.qemu.Display1.Listener.Unix.Map";

/// What QEMU may use besides the listener itself (property Interfaces of the listener).
int list_interfaces(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*,
                    sd_bus_error*) {
  return sd_bus_message_append(reply, "as", 1, map_interface);
}

Error odd(const char* member) {
  return {ErrorKind::malformed, fmt::format("{}: odd arguments", member)};
}

/// A duplicate of the descriptor that comes next: the message keeps its own.
Result<FileDescriptor> read_descriptor(sd_bus_message* message) {
  int fd = -1;
  if (sd_bus_message_read_basic(message, 'h', &fd) <= 0) return fail(odd("descriptor"));
  FileDescriptor copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy) return fail_errno(errno, "descriptor of a scanout");
  return copy;
}

Result<StatedRect> read_rect(sd_bus_message* message) {
  StatedRect rect;
  if (sd_bus_message_read(message, "iiii", &rect.x, &rect.y, &rect.width, &rect.height) < 0) {
    return fail(odd("update"));
  }
  return rect;
}

}  // namespace

const sd_bus_vtable Console::listener[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Scanout", "uuuuay", "", (deliver<Console, &Console::scanout>), 0),
    SD_BUS_METHOD("Update", "iiiiuuay", "", (deliver<Console, &Console::update>), 0),
    SD_BUS_METHOD("ScanoutDMABUF", "huuuutb", "", (deliver<Console, &Console::scanout_dmabuf>), 0),
    SD_BUS_METHOD("UpdateDMABUF", "iiii", "", (deliver<Console, &Console::update_dmabuf>), 0),
    SD_BUS_METHOD("Disable", "", "", (deliver<Console, &Console::disable>), 0),
    SD_BUS_METHOD("MouseSet", "iii", "", (deliver<Console, &Console::mouse_set>), 0),
    SD_BUS_METHOD("CursorDefine", "iiiiay", "", (deliver<Console, &Console::cursor_define>), 0),
    SD_BUS_PROPERTY("Interfaces", "as", list_interfaces, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END};
const sd_bus_vtable Console::map_listener[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("ScanoutMap", "huuuuu", "", (deliver<Console, &Console::scanout_map>), 0),
    SD_BUS_METHOD("UpdateMap", "iiii", "", (deliver<Console, &Console::update_map>), 0),
    SD_BUS_VTABLE_END};

Console::Console(net::Executor executor, std::shared_ptr<Bus> bus, GuestEvents& events,
                 DisplayId id, const ConsoleInfo& info, std::uint64_t salt, Hooks hooks)
    : executor_(std::move(executor)),
      retry_(executor_),
      bus_(std::move(bus)),
      path_(info.path),
      hooks_(std::move(hooks)),
      screen_(events, id, salt, [this] { hooks_.shown(); }),
      inputs_(std::make_shared<Inputs>(bus_, path_)) {
  inputs_->set_absolute(info.absolute);
  inputs_->set_lights(info.lights);
}

Result<void> Console::start() { return listen(); }

Result<void> Console::listen() {
  // QEMU knows listeners by their callers' names, and forgets the new one with the old one if both
  // have the same, or none.
  const std::string caller = fmt::format(":1.{}", ++listeners_);
  auto listens = CASSIA_TRY(open_listener(
      executor_, *bus_,
      {path_.c_str(), "org.qemu.Display1.Console", "RegisterListener", caller.c_str()},
      [this](const Error& why) { refused(why); }));
  CASSIA_TRY(listens->serve(listener_path, "org.qemu.Display1.Listener", listener, this));
  CASSIA_TRY(listens->serve(listener_path, map_interface, map_listener, this));
  listens->set_closed([this](const Error& why) { hooks_.closed(why); });
  if (listens_) listens_->close();
  listens_ = std::move(listens);
  waiting_ = true;
  told_ = {};
  return {};
}

/// On a message bus we have one name only: the old listener has to be forgotten first.
void Console::refused(const Error& why) {
  if (++refusals_ > most_refusals) return hooks_.closed(why);
  retry_.expires_after(std::chrono::milliseconds(20));
  retry_.async_wait([this, open = std::weak_ptr(open_)](const boost::system::error_code& ec) {
    if (ec || open.expired()) return;
    if (const auto listens = listen(); !listens) hooks_.closed(listens.error());
  });
}

// QEMU 7.2 does not say that a screen has another size until all of it has changed at once; until
// then come updates of a picture that we do not have. A new listener is told the whole of it.
void Console::listen_anew() {
  if (waiting_) return;
  if (const auto listens = listen(); !listens) hooks_.closed(listens.error());
}

void Console::size_told(raster::Size size) {
  if (waiting_) {
    told_ = size;
  } else if (!size.empty() && !screen_.size().empty() && size != screen_.size()) {
    listen_anew();
  }
}

void Console::close() {
  open_.reset();
  retry_.cancel();
  if (listens_) listens_->close();
}

/// The first scanout of a listener has come.
void Console::scanned_out() {
  waiting_ = false;
  refusals_ = 0;
  if (const raster::Size told = std::exchange(told_, {}); !told.empty()) size_told(told);
}

/// A guest may break its screen a hundred times a second: one line for each kind of trouble.
Result<void> Console::done(Result<void> result, const char* what) {
  inputs_->set_screen(screen_.size());
  if (!result && problem_ != result.error().message()) {
    problem_ = result.error().message();
    log_warn("dbus", "{} {}: {}", path_, what, problem_);
  }
  return result;
}

Result<void> Console::scanout(sd_bus_message* message) {
  PixelLayout layout;
  if (sd_bus_message_read(message, "uuuu", &layout.width, &layout.height, &layout.stride,
                          &layout.format) < 0) {
    return fail(odd("Scanout"));
  }
  const ByteView data = CASSIA_TRY(read_bytes(message));
  const auto shown = screen_.scanout(layout, data, bus_->keep(message));
  if (shown) scanned_out();
  return done(shown, "Scanout");
}

Result<void> Console::update(sd_bus_message* message) {
  const StatedRect area = CASSIA_TRY(read_rect(message));
  std::uint32_t stride = 0, format = 0;
  if (sd_bus_message_read(message, "uu", &stride, &format) < 0) return fail(odd("Update"));
  const ByteView data = CASSIA_TRY(read_bytes(message));
  if (!screen_.has(area)) return listen_anew(), Result<void>{};
  return done(screen_.update(area, stride, format, data, bus_->keep(message)), "Update");
}

Result<void> Console::scanout_dmabuf(sd_bus_message* message) {
  DmabufScanout scanout;
  scanout.buffer = CASSIA_TRY(read_descriptor(message));
  int y0_top = 0;
  if (sd_bus_message_read(message, "uuuutb", &scanout.width, &scanout.height, &scanout.stride,
                          &scanout.fourcc, &scanout.modifier, &y0_top) < 0) {
    return fail(odd("ScanoutDMABUF"));
  }
  scanout.y0_top = y0_top != 0;
  const auto shown = screen_.scanout_dmabuf(std::move(scanout));
  if (shown) scanned_out();
  return done(shown, "ScanoutDMABUF");
}

Result<void> Console::update_dmabuf(sd_bus_message* message) {
  return done(screen_.update_dmabuf(CASSIA_TRY(read_rect(message))), "UpdateDMABUF");
}

Result<void> Console::scanout_map(sd_bus_message* message) {
  MappedScanout scanout;
  scanout.memory = CASSIA_TRY(read_descriptor(message));
  PixelLayout& layout = scanout.layout;
  if (sd_bus_message_read(message, "uuuuu", &scanout.offset, &layout.width, &layout.height,
                          &layout.stride, &layout.format) < 0) {
    return fail(odd("ScanoutMap"));
  }
  const auto shown = screen_.scanout_map(std::move(scanout));
  if (shown) scanned_out();
  return done(shown, "ScanoutMap");
}

Result<void> Console::update_map(sd_bus_message* message) {
  return done(screen_.update_map(CASSIA_TRY(read_rect(message))), "UpdateMap");
}

Result<void> Console::disable(sd_bus_message*) {
  screen_.disable();
  return done({}, "Disable");
}

Result<void> Console::mouse_set(sd_bus_message* message) {
  std::int32_t x = 0, y = 0, on = 0;
  if (sd_bus_message_read(message, "iii", &x, &y, &on) < 0) return fail(odd("MouseSet"));
  screen_.mouse_set(x, y, on != 0);
  return {};
}

Result<void> Console::cursor_define(sd_bus_message* message) {
  std::int32_t width = 0, height = 0, hot_x = 0, hot_y = 0;
  if (sd_bus_message_read(message, "iiii", &width, &height, &hot_x, &hot_y) < 0) {
    return fail(odd("CursorDefine"));
  }
  const ByteView data = CASSIA_TRY(read_bytes(message));
  return done(screen_.cursor_define(width, height, hot_x, hot_y, data), "CursorDefine");
}

}  // namespace cassia::server::dbus
