// SPDX-License-Identifier: Apache-2.0
#include "client/usb/usb_stick.h"

#include <algorithm>

namespace cassia::client {
namespace {

enum Descriptor : std::uint8_t { device = 1, config = 2, string = 3, qualifier = 6 };
enum Request : std::uint8_t {
  get_status = 0,
  clear_feature = 1,
  get_descriptor = 6,
  get_configuration = 8,
  set_configuration_request = 9,
  get_interface = 10,
  set_interface = 11,
};
constexpr std::uint8_t get_max_lun = 0xfe;
constexpr std::uint8_t mass_storage_reset = 0xff;

constexpr std::uint8_t low(std::uint16_t v) { return static_cast<std::uint8_t>(v & 0xff); }
constexpr std::uint8_t high(std::uint16_t v) { return static_cast<std::uint8_t>(v >> 8); }

Bytes device_descriptor() {
  return {18,
          device,
          0,
          2,  // USB 2.0
          0,
          0,
          0,
          64,
          low(UsbStick::vendor),
          high(UsbStick::vendor),
          low(UsbStick::product),
          high(UsbStick::product),
          low(UsbStick::version),
          high(UsbStick::version),
          1,
          2,
          3,  // strings
          1};
}

Bytes endpoint(std::uint8_t address) {
  constexpr std::uint8_t bulk = 2;
  return {7, 5, address, bulk, low(UsbStick::packet_size), high(UsbStick::packet_size), 0};
}

Bytes config_descriptor() {
  Bytes out = {9,
               config,
               32,
               0,
               1,
               1,
               0,
               0x80,
               50,  // bus-powered, 100 mA
               9,
               4,
               0,
               0,
               2,
               UsbStick::interface_class,
               UsbStick::interface_subclass,
               UsbStick::interface_protocol,
               0};
  for (const std::uint8_t address : {UsbStick::endpoint_in, UsbStick::endpoint_out}) {
    const Bytes part = endpoint(address);
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

std::optional<Bytes> string_descriptor(std::uint8_t index) {
  static constexpr std::string_view texts[] = {"", "Cassia", "Disk image", "CASSIA000001"};
  if (index == 0) return Bytes{4, string, 0x09, 0x04};  // English
  if (index >= std::size(texts)) return std::nullopt;
  Bytes out = {static_cast<std::uint8_t>(2 + 2 * texts[index].size()), string};
  for (const char c : texts[index]) {
    out.push_back(static_cast<std::uint8_t>(c));
    out.push_back(0);
  }
  return out;
}

}  // namespace

void UsbStick::reset() {
  bulk_.reset();
  configuration_ = 0;
}

bool UsbStick::set_configuration(std::uint8_t configuration) {
  if (configuration > 1) return false;
  configuration_ = configuration;
  bulk_.reset();
  return true;
}

std::optional<Bytes> UsbStick::descriptor(std::uint16_t value) const {
  switch (high(value)) {
    case device:
      return device_descriptor();
    case config:
      if (low(value) == 0) return config_descriptor();
      return std::nullopt;
    case string:
      return string_descriptor(low(value));
    case qualifier:
      return Bytes{10, qualifier, 0, 2, 0, 0, 0, 64, 1, 0};
    default:
      return std::nullopt;
  }
}

std::optional<Bytes> UsbStick::control(const ControlRequest& request) {
  std::optional<Bytes> out;
  // The class's requests go to the interface, the standard ones by number alone.
  if ((request.type & 0x60) == 0x20) {
    if (request.request == get_max_lun) out = Bytes{0};
    if (request.request == mass_storage_reset) {
      bulk_.reset();
      out.emplace();
    }
  } else if ((request.type & 0x60) == 0) {
    switch (request.request) {
      case get_status:
        out = Bytes{0, 0};
        break;
      case clear_feature:
      case set_interface:
        out.emplace();
        break;
      case get_descriptor:
        out = descriptor(request.value);
        break;
      case get_configuration:
        out = Bytes{configuration_};
        break;
      case set_configuration_request:
        if (set_configuration(low(request.value))) out.emplace();
        break;
      case get_interface:
        out = Bytes{0};
        break;
      default:
        break;
    }
  }
  if (out && out->size() > request.length) out->resize(request.length);
  return out;
}

}  // namespace cassia::client
