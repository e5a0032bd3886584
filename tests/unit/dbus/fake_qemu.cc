// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dbus/fake_qemu.h"

#include <fcntl.h>
#include <pixman.h>

namespace cassia::server::dbus {

namespace {
constexpr char console_path[] = "/org/qemu/Display1/Console_0";
constexpr char clipboard_path[] = "/org/qemu/Display1/Clipboard";
constexpr auto constant = SD_BUS_VTABLE_PROPERTY_CONST;
constexpr auto changes = SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE;
}  // namespace

const sd_bus_vtable FakeQemu::vm_[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("Name", "s", get, 0, constant),
    SD_BUS_PROPERTY("UUID", "s", get, 0, constant), SD_BUS_VTABLE_END};
const sd_bus_vtable FakeQemu::console_[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("RegisterListener", "h", "", on_register, 0),
    SD_BUS_METHOD("SetUIInfo", "qqiiuu", "", on_call, 0),
    SD_BUS_PROPERTY("Label", "s", get, 0, constant),
    SD_BUS_PROPERTY("Type", "s", get, 0, constant),
    SD_BUS_PROPERTY("Width", "u", get, 0, changes),
    SD_BUS_PROPERTY("Height", "u", get, 0, changes),
    SD_BUS_PROPERTY("Interfaces", "as", get, 0, constant),
    SD_BUS_VTABLE_END};
const sd_bus_vtable FakeQemu::mouse_[] = {SD_BUS_VTABLE_START(0),
                                          SD_BUS_METHOD("Press", "u", "", on_call, 0),
                                          SD_BUS_METHOD("Release", "u", "", on_call, 0),
                                          SD_BUS_METHOD("SetAbsPosition", "uu", "", on_call, 0),
                                          SD_BUS_METHOD("RelMotion", "ii", "", on_call, 0),
                                          SD_BUS_PROPERTY("IsAbsolute", "b", get, 0, changes),
                                          SD_BUS_VTABLE_END};
const sd_bus_vtable FakeQemu::keyboard_[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_METHOD("Press", "u", "", on_call, 0),
    SD_BUS_METHOD("Release", "u", "", on_call, 0),
    SD_BUS_PROPERTY("Modifiers", "u", get, 0, changes), SD_BUS_VTABLE_END};
const sd_bus_vtable FakeQemu::clipboard_[] = {SD_BUS_VTABLE_START(0),
                                              SD_BUS_METHOD("Register", "", "", on_call, 0),
                                              SD_BUS_METHOD("Grab", "uuas", "", on_call, 0),
                                              SD_BUS_METHOD("Release", "u", "", on_call, 0),
                                              SD_BUS_METHOD("Request", "uas", "say", on_request, 0),
                                              SD_BUS_VTABLE_END};

FakeQemu::FakeQemu(net::Executor executor, FileDescriptor socket) : executor_(executor) {
  bus_ = Bus::create(executor, std::move(socket), Bus::Role::server).value();
  (void)bus_->serve("/org/qemu/Display1/VM", "org.qemu.Display1.VM", vm_, this);
  (void)bus_->serve(console_path, "org.qemu.Display1.Console", console_, this);
  (void)bus_->serve(console_path, "org.qemu.Display1.Mouse", mouse_, this);
  (void)bus_->serve(console_path, "org.qemu.Display1.Keyboard", keyboard_, this);
  (void)bus_->serve(clipboard_path, "org.qemu.Display1.Clipboard", clipboard_, this);
  sd_bus_add_object_manager(bus_->handle(), nullptr, "/org/qemu/Display1");
}

FakeQemu::~FakeQemu() {
  bus_->close();
  if (listener_) listener_->close();
}

int FakeQemu::get(sd_bus*, const char*, const char*, const char* name, sd_bus_message* reply,
                  void* data, sd_bus_error*) {
  auto& self = *static_cast<FakeQemu*>(data);
  const std::string_view key = name;
  if (key == "Name") return sd_bus_message_append(reply, "s", "fake");
  if (key == "UUID") {
    return sd_bus_message_append(reply, "s", "00112233-4455-6677-8899-aabbccddeeff");
  }
  if (key == "Label") return sd_bus_message_append(reply, "s", "VGA");
  if (key == "Type") return sd_bus_message_append(reply, "s", "Graphic");
  if (key == "Interfaces") return sd_bus_message_append(reply, "as", 0);
  if (key == "Width") return sd_bus_message_append(reply, "u", self.width_);
  if (key == "Height") return sd_bus_message_append(reply, "u", self.height_);
  if (key == "IsAbsolute") return sd_bus_message_append(reply, "b", int{self.absolute_});
  return sd_bus_message_append(reply, "u", 0u);
}

int FakeQemu::on_register(sd_bus_message* message, void* data, sd_bus_error*) {
  auto& self = *static_cast<FakeQemu*>(data);
  int fd = -1;
  sd_bus_message_read(message, "h", &fd);
  FileDescriptor copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (self.listener_) self.listener_->close();
  self.listener_ = Bus::create(self.executor_, std::move(copy), Bus::Role::server).value();
  ++self.listeners;
  return sd_bus_reply_method_return(message, "");
}

int FakeQemu::on_call(sd_bus_message* message, void* data, sd_bus_error*) {
  auto& self = *static_cast<FakeQemu*>(data);
  std::string text = sd_bus_message_get_member(message);
  char type = 0;
  while (sd_bus_message_peek_type(message, &type, nullptr) > 0 && type != 'a') {
    std::uint32_t number = 0;
    std::uint16_t small = 0;
    if (type == 'q') sd_bus_message_read_basic(message, 'q', &small);
    if (type != 'q') sd_bus_message_read_basic(message, type, &number);
    const auto shown = static_cast<std::int32_t>(type == 'q' ? small : number);
    text += " " + std::to_string(shown);
  }
  self.heard.push_back(text);
  return sd_bus_reply_method_return(message, "");
}

int FakeQemu::on_request(sd_bus_message* message, void* data, sd_bus_error* error) {
  auto& self = *static_cast<FakeQemu*>(data);
  self.heard.push_back("Request");
  if (self.clipboard.empty()) return sd_bus_error_set(error, SD_BUS_ERROR_FAILED, "empty");
  sd_bus_message* reply = nullptr;
  sd_bus_message_new_method_return(message, &reply);
  sd_bus_message_append(reply, "s", "text/plain;charset=utf-8");
  sd_bus_message_append_array(reply, 'y', self.clipboard.data(), self.clipboard.size());
  const int code = sd_bus_send(nullptr, reply, nullptr);
  sd_bus_message_unref(reply);
  return code;
}

void FakeQemu::call_listener(const char* interface, const char* member, const Fill& fill) {
  const std::string key = member;
  listener_->call({"/org/qemu/Display1/Listener", interface, member}, fill,
                  [this, key](const Result<sd_bus_message*>& reply) {
                    results[key] = reply.has_value();
                    if (!reply) answers[key] = reply.error().message();
                  });
}

namespace {
int append_pixels(sd_bus_message* m, std::size_t count, std::uint32_t color) {
  const std::vector<std::uint32_t> pixels(count, color);
  return sd_bus_message_append_array(m, 'y', pixels.data(), pixels.size() * 4);
}
}  // namespace

void FakeQemu::scanout(std::uint32_t width, std::uint32_t height, std::uint32_t stride,
                       std::uint32_t color) {
  call_listener("org.qemu.Display1.Listener", "Scanout", [=](sd_bus_message* m) {
    sd_bus_message_append(m, "uuuu", width, height, stride,
                          static_cast<std::uint32_t>(PIXMAN_x8r8g8b8));
    return append_pixels(m, 64, color);
  });
}

void FakeQemu::update(std::int32_t x, std::int32_t y, std::int32_t width, std::int32_t height,
                      std::uint32_t color) {
  call_listener("org.qemu.Display1.Listener", "Update", [=](sd_bus_message* m) {
    sd_bus_message_append(m, "iiiiuu", x, y, width, height, static_cast<std::uint32_t>(width) * 4,
                          static_cast<std::uint32_t>(PIXMAN_x8r8g8b8));
    return append_pixels(m, 64, color);
  });
}

void FakeQemu::set_absolute(bool absolute) {
  absolute_ = absolute;
  sd_bus_emit_properties_changed(bus_->handle(), console_path, "org.qemu.Display1.Mouse",
                                 "IsAbsolute", nullptr);
}

void FakeQemu::set_size(std::uint32_t width, std::uint32_t height) {
  width_ = width;
  height_ = height;
  sd_bus_emit_properties_changed(bus_->handle(), console_path, "org.qemu.Display1.Console", "Width",
                                 "Height", nullptr);
}

}  // namespace cassia::server::dbus
