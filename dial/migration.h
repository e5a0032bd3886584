// SPDX-License-Identifier: Apache-2.0
#pragma once

// Following a guest that migrates: where it goes, and the channels that wait there. Shared by all
// that are clients. Source: spice-protocol's SpiceOriginAddress and SpiceMigrateDataHeader rules as
// libspice-server and spice-gtk keep them.

#include <functional>
#include <optional>

#include "channels/link/channel.h"
#include "channels/main/main_channel.h"
#include "dial/route.h"

namespace cassia::dial {

/// How the guest is reached at its new host by whom `source` reached it where it was: as the same
/// user, by the same proxy, with the same trust. A session that has TLS goes on with TLS, or not at
/// all; one without takes what there is. The name and the certificate's subject (empty: the host's
/// name counts) are the peer's: anything but a host name or address, or a printable subject, is
/// refused.
Result<Target> moved_to(const channels::MigrationTarget& there, const Target& source);

/// Stands in for a channel at the destination: does the handshake with the real one's capabilities
/// and keeps what the server says until the real one takes over.
class MigrationChannel final : public channels::Channel {
 public:
  struct Events {
    std::function<void()> opened;
    std::function<void(bool yes)> seamless;  ///< the answer to MIGRATE_DST_DO_SEAMLESS
    std::function<void(const Error& why)> failed;
  };
  MigrationChannel(spice::Capabilities capabilities, Events events)
      : capabilities_(std::move(capabilities)), events_(std::move(events)) {}

  /// Main channel: asks for a seamless migration; false if the server knows of none.
  bool ask_seamless(std::uint32_t source_version);
  /// Gives the messages that have come to the channel that takes over.
  Result<void> replay(channels::Channel& to, TimePoint now) const;

  spice::Capabilities capabilities() const override { return capabilities_; }
  void on_open() override { events_.opened(); }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_closed(const Error& why) override { events_.failed(why); }

 private:
  struct Message {
    std::uint16_t type;
    Bytes body;
  };
  spice::Capabilities capabilities_;
  Events events_;
  std::vector<Message> messages_;
  std::size_t bytes_ = 0;
};

}  // namespace cassia::dial
