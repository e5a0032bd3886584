// SPDX-License-Identifier: Apache-2.0
#include "protocol/recording/wire_tap.h"

#include <spice/enums.h>
#include <spice/protocol.h>

#include <algorithm>

#include "protocol/wire/reader.h"

namespace cassia::recording {
namespace {

constexpr std::size_t max_message = std::size_t{64} << 20;

}  // namespace

Result<void> WireTap::from_client(ByteView bytes) { return feed(client_, bytes, true); }
Result<void> WireTap::from_server(ByteView bytes) { return feed(server_, bytes, false); }

Result<void> WireTap::feed(Side& side, ByteView bytes, bool client) {
  while (!bytes.empty()) {
    const std::size_t take = std::min(bytes.size(), side.need - side.held.size());
    side.held.insert(side.held.end(), bytes.begin(), bytes.begin() + static_cast<long>(take));
    bytes = bytes.subspan(take);
    if (side.held.size() < side.need) return {};
    if (side.stage == Stage::messages) {
      const std::size_t header = spice::header_size(kind());
      const std::size_t body = spice::parse_header(kind(), side.held).size;
      if (body > max_message) {
        return fail(ErrorKind::malformed, "a message of {} bytes on the {} channel", body,
                    spice::to_string(info_.channel.type));
      }
      side.need = header + body;
      if (side.held.size() < side.need) continue;
      (client ? events_.client_message : events_.server_message)(side.held);
      side.need = header;
    } else {
      // Taken out first: what comes next is decided by what this was.
      const Bytes unit = std::move(side.held);
      side.held.clear();
      CASSIA_TRY(client ? take_client(unit) : take_server(unit));
    }
    side.held.clear();
  }
  return {};
}

Result<std::size_t> WireTap::body_after(ByteView header) const {
  wire::Reader in(header);
  const std::uint32_t magic = in.u32();
  in.skip(8);
  const std::uint32_t size = in.u32();
  if (magic != SPICE_MAGIC || size == 0 || size > spice::max_link_body) {
    return fail(ErrorKind::malformed, "this is no SPICE handshake");
  }
  return size;
}

Result<void> WireTap::take_client(ByteView unit) {
  const auto next = [&](Stage stage, std::size_t need) {
    client_.stage = stage;
    client_.need = need;
    return Result<void>();
  };
  switch (client_.stage) {
    case Stage::header:
      return next(Stage::body, CASSIA_TRY(body_after(unit)));
    case Stage::body: {
      const auto message = CASSIA_TRY(spice::LinkMessage::parse(unit));
      info_.channel = {static_cast<spice::ChannelType>(message.channel_type), message.channel_id};
      info_.connection_id = message.connection_id;
      info_.client_common = message.common;
      info_.client_caps = message.channel;
      // Known once the server has answered: see take_server().
      return next(Stage::mechanism, sizeof(std::uint32_t));
    }
    case Stage::mechanism:
      if (wire::Reader(unit).u32() != SPICE_COMMON_CAP_AUTH_SPICE) {
        return fail(ErrorKind::unsupported, "only sessions with a ticket can be recorded");
      }
      return next(Stage::ticket, spice::ticket_size);
    default:
      return next(Stage::messages, spice::header_size(kind()));
  }
}

Result<void> WireTap::take_server(ByteView unit) {
  const auto next = [&](Stage stage, std::size_t need) {
    server_.stage = stage;
    server_.need = need;
    return Result<void>();
  };
  const auto both_have = [&](unsigned cap) {
    return info_.client_common.has(cap) && info_.server_common.has(cap);
  };
  switch (server_.stage) {
    case Stage::header:
      return next(Stage::body, CASSIA_TRY(body_after(unit)));
    case Stage::body: {
      const auto reply = CASSIA_TRY(spice::LinkReply::parse(unit));
      info_.server_common = reply.common;
      info_.server_caps = reply.channel;
      info_.mini = both_have(SPICE_COMMON_CAP_MINI_HEADER);
      if (!both_have(SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION)) {
        client_.stage = Stage::ticket;
        client_.need = spice::ticket_size;
      }
      return next(Stage::result, sizeof(std::uint32_t));
    }
    default:
      if (const std::uint32_t code = wire::Reader(unit).u32(); code != SPICE_LINK_ERR_OK) {
        return fail(ErrorKind::auth, "the server refused the client: {}",
                    spice::link_error_text(code));
      }
      events_.opened(info_);
      return next(Stage::messages, spice::header_size(kind()));
  }
}

}  // namespace cassia::recording
