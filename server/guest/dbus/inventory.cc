// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/inventory.h"

#include <algorithm>
#include <charconv>

namespace cassia::server::dbus {

namespace {

constexpr std::string_view console_prefix = "/org/qemu/Display1/Console_";
/// More than any VM has.
constexpr std::size_t most_consoles = 16;

Error malformed(int) { return {ErrorKind::malformed, "D-Bus: the list of objects is malformed"}; }

Result<PropertyValue> read_value(sd_bus_message* message) {
  char type = 0;
  const char* contents = nullptr;
  if (const int code = sd_bus_message_peek_type(message, &type, &contents);
      code <= 0 || type != 'v' || !contents) {
    return fail(malformed(code));
  }
  const std::string signature = contents;
  if (sd_bus_message_enter_container(message, 'v', signature.c_str()) < 0)
    return fail(malformed(0));
  PropertyValue value;
  int code = 0;
  if (signature == "s") {
    const char* text = nullptr;
    if ((code = sd_bus_message_read_basic(message, 's', &text)) > 0) value = std::string(text);
  } else if (signature == "u") {
    std::uint32_t number = 0;
    if ((code = sd_bus_message_read_basic(message, 'u', &number)) > 0) value = number;
  } else if (signature == "b") {
    int truth = 0;
    if ((code = sd_bus_message_read_basic(message, 'b', &truth)) > 0) value = truth != 0;
  } else {
    code = sd_bus_message_skip(message, signature.c_str());
  }
  if (code < 0 || sd_bus_message_exit_container(message) < 0) return fail(malformed(code));
  return value;
}

template <class T>
void take(const PropertyValue& value, T& into) {
  if (const T* held = std::get_if<T>(&value)) into = *held;
}

/// One object: its interfaces and their properties.
Result<void> read_object(sd_bus_message* message, const std::string& path, Inventory& out) {
  ConsoleInfo console;
  console.path = path;
  bool is_console = false;
  if (path.starts_with(console_prefix)) {
    const auto [end, error] = std::from_chars(path.data() + console_prefix.size(),
                                              path.data() + path.size(), console.number);
    is_console = error == std::errc() && end == path.data() + path.size();
  }
  if (sd_bus_message_enter_container(message, 'a', "{sa{sv}}") < 0) return fail(malformed(0));
  bool seen = false;
  while (sd_bus_message_enter_container(message, 'e', "sa{sv}") > 0) {
    const char* interface = nullptr;
    if (sd_bus_message_read_basic(message, 's', &interface) <= 0) return fail(malformed(0));
    const std::string name = interface;
    out.audio |= name == "org.qemu.Display1.Audio";
    out.clipboard |= name == "org.qemu.Display1.Clipboard";
    seen |= name == "org.qemu.Display1.Console";
    CASSIA_TRY(read_properties(message, [&](std::string_view key, const PropertyValue& value) {
      std::string text;
      take(value, text);
      if (name == "org.qemu.Display1.VM" && key == "Name") out.name = text;
      if (name == "org.qemu.Display1.VM" && key == "UUID") out.uuid = parse_uuid(text);
      if (key == "Label") console.label = text;
      if (key == "Type") console.graphic = text == "Graphic";
      if (key == "IsAbsolute") take(value, console.absolute);
      if (key == "Modifiers") take(value, console.lights);
    }));
    if (sd_bus_message_exit_container(message) < 0) return fail(malformed(0));
  }
  if (sd_bus_message_exit_container(message) < 0) return fail(malformed(0));
  if (is_console && seen && console.graphic && out.consoles.size() < most_consoles) {
    out.consoles.push_back(std::move(console));
  }
  return {};
}

}  // namespace

Result<void> read_properties(sd_bus_message* message, const PropertyVisitor& visit) {
  if (sd_bus_message_enter_container(message, 'a', "{sv}") < 0) return fail(malformed(0));
  while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
    const char* name = nullptr;
    if (sd_bus_message_read_basic(message, 's', &name) <= 0) return fail(malformed(0));
    const PropertyValue value = CASSIA_TRY(read_value(message));
    visit(name, value);
    if (sd_bus_message_exit_container(message) < 0) return fail(malformed(0));
  }
  if (sd_bus_message_exit_container(message) < 0) return fail(malformed(0));
  return {};
}

Result<Inventory> read_inventory(sd_bus_message* message) {
  Inventory out;
  if (sd_bus_message_enter_container(message, 'a', "{oa{sa{sv}}}") < 0) return fail(malformed(0));
  while (sd_bus_message_enter_container(message, 'e', "oa{sa{sv}}") > 0) {
    const char* path = nullptr;
    if (sd_bus_message_read_basic(message, 'o', &path) <= 0) return fail(malformed(0));
    CASSIA_TRY(read_object(message, path, out));
    if (sd_bus_message_exit_container(message) < 0) return fail(malformed(0));
  }
  std::sort(out.consoles.begin(), out.consoles.end(),
            [](const ConsoleInfo& a, const ConsoleInfo& b) { return a.number < b.number; });
  return out;
}

std::optional<channels::Uuid> parse_uuid(std::string_view text) {
  channels::Uuid uuid{};
  std::size_t digits = 0;
  unsigned any = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const char low = static_cast<char>(c | 0x20);
    const int value = c >= '0' && c <= '9'       ? c - '0'
                      : low >= 'a' && low <= 'f' ? low - 'a' + 10
                                                 : -1;
    if (value < 0 || digits >= 2 * uuid.size()) return std::nullopt;
    uuid[digits / 2] = static_cast<std::uint8_t>(uuid[digits / 2] << 4 | value);
    any |= static_cast<unsigned>(value);
    ++digits;
  }
  if (digits != 2 * uuid.size() || any == 0) return std::nullopt;
  return uuid;
}

}  // namespace cassia::server::dbus
