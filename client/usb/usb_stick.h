// SPDX-License-Identifier: Apache-2.0
#pragma once

// The device around the disk: descriptors and control requests of a high-speed mass storage device
// with one interface and two bulk endpoints. Source: USB 2.0, chapter 9; the mass storage class
// overview (class 8, subclass 6: SCSI, protocol 0x50: bulk-only).

#include "client/usb/bulk_only.h"

namespace cassia::client {

struct ControlRequest {
  std::uint8_t type = 0;  ///< bmRequestType
  std::uint8_t request = 0;
  std::uint16_t value = 0;
  std::uint16_t index = 0;
  std::uint16_t length = 0;
};

class UsbStick {
 public:
  static constexpr std::uint16_t vendor = 0x1209;   // pid.codes, for open source devices
  static constexpr std::uint16_t product = 0x0001;  // of its range for tests
  static constexpr std::uint16_t version = 0x0100;
  static constexpr std::uint8_t endpoint_in = 0x81;
  static constexpr std::uint8_t endpoint_out = 0x02;
  static constexpr std::uint16_t packet_size = 512;
  static constexpr std::uint8_t interface_class = 8;
  static constexpr std::uint8_t interface_subclass = 6;
  static constexpr std::uint8_t interface_protocol = 0x50;

  explicit UsbStick(storage::BlockDevice& image) : disk_(image), bulk_(disk_) {}

  /// The answer (empty for requests without one), at most request.length bytes; none: a stall.
  std::optional<Bytes> control(const ControlRequest& request);
  BulkOnly& bulk() { return bulk_; }
  void reset();

  std::uint8_t configuration() const { return configuration_; }
  /// False: there is no such configuration.
  bool set_configuration(std::uint8_t configuration);

 private:
  std::optional<Bytes> descriptor(std::uint16_t value) const;

  ScsiDisk disk_;
  BulkOnly bulk_;
  std::uint8_t configuration_ = 0;
};

}  // namespace cassia::client
