// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a QEMU offers over D-Bus: the answer of its object manager (GetManagedObjects), read.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "channels/main/main_channel.h"
#include "server/guest/dbus/bus.h"

namespace cassia::server::dbus {

struct ConsoleInfo {
  std::string path;
  unsigned number = 0;  ///< the N of Console_N
  std::string label;
  bool graphic = true;
  bool absolute = false;  ///< a tablet
  std::uint32_t lights = 0;
};

struct Inventory {
  std::string name;
  std::optional<channels::Uuid> uuid;
  std::vector<ConsoleInfo> consoles;  ///< graphic ones, by number
  bool audio = false;
  bool clipboard = false;
};

/// Errors: malformed. Objects and properties that are not known are passed over.
Result<Inventory> read_inventory(sd_bus_message* message);

/// A property's value; monostate if it is of a type that none of ours has.
using PropertyValue = std::variant<std::monostate, bool, std::uint32_t, std::string>;
using PropertyVisitor = std::function<void(std::string_view name, const PropertyValue& value)>;
/// Reads an a{sv}. Errors: malformed.
Result<void> read_properties(sd_bus_message* message, const PropertyVisitor& visit);

/// Of "00112233-4455-6677-8899-aabbccddeeff"; none if it is another text, or all zero.
std::optional<channels::Uuid> parse_uuid(std::string_view text);

}  // namespace cassia::server::dbus
