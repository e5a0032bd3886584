// SPDX-License-Identifier: Apache-2.0
#pragma once

// A UsbStick at the far end of a usbredir connection: speaks the usbredir protocol (through
// libusbredirparser) as a machine would into which the stick is plugged. Any stock peer that takes
// redirected devices (QEMU's usb-redir) sees a USB mass storage device. Source: usbredirproto.h and
// the protocol description of package libusbredirparser-dev.

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

struct usbredirparser;

namespace cassia::storage {
class BlockDevice;
}

namespace cassia::client {

class UsbStick;

/// Reads the image in the thread that calls it.
class RedirStick {
 public:
  struct Out {
    std::function<void(ByteView)> send;
    /// False: what is sent piles up; transfers wait until resume().
    std::function<bool()> takes;
  };
  /// `image` must outlive it. Sends its greeting at once.
  RedirStick(storage::BlockDevice& image, Out out);
  ~RedirStick();
  RedirStick(const RedirStick&) = delete;
  RedirStick& operator=(const RedirStick&) = delete;

  /// Bytes of the peer, in any pieces. An error ends the connection.
  Result<void> receive(ByteView bytes);
  /// Goes on with transfers that waited.
  void resume();

  /// The peer has greeted, and has been told of the device.
  bool plugged_in() const { return plugged_in_; }

 private:
  struct Callbacks;
  struct Transfer {
    std::uint64_t id = 0;
    std::uint32_t length = 0;
    std::uint32_t stream = 0;
  };

  Result<void> look_at_header();
  std::size_t header_size() const;
  void plug_in();
  void serve();
  void flush();

  Out out_;
  std::unique_ptr<UsbStick> stick_;
  std::unique_ptr<usbredirparser, void (*)(usbredirparser*)> parser_;
  ByteView input_;              ///< what the parser is to read, during receive()
  std::deque<Transfer> reads_;  ///< bulk reads that wait for their turn
  std::string problem_;
  bool plugged_in_ = false;
  // Where the packets begin: their stated sizes are checked before the parser allocates.
  Bytes header_;
  std::uint64_t body_left_ = 0;
};

}  // namespace cassia::client
