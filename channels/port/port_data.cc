// SPDX-License-Identifier: Apache-2.0
#include "channels/port/port_data.h"

#include <lz4.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "protocol/spice/port_messages.h"
#include "protocol/spice/vmc_messages.h"

namespace cassia::channels {
namespace {

/// Smaller pieces gain nothing (the stock peers do not compress them either).
constexpr std::size_t worth_compressing = 1000;
/// LZ4 cannot make more than this many bytes of one.
constexpr std::size_t lz4_most_expansion = 255;

static_assert(SPICE_MSG_SPICEVMC_DATA == int{SPICE_MSGC_SPICEVMC_DATA});
static_assert(SPICE_MSG_SPICEVMC_COMPRESSED_DATA == int{SPICE_MSGC_SPICEVMC_COMPRESSED_DATA});

Result<Bytes> inflate(const spice::CompressedData& message) {
  const std::size_t size = message.uncompressed_size;
  if (size > largest_port_data) {
    return fail(ErrorKind::malformed, "compressed data of {} bytes, more than the limit of {}",
                size, largest_port_data);
  }
  if (size > (message.data.size() + 1) * lz4_most_expansion) {
    return fail(ErrorKind::malformed, "compressed data of {} bytes said to be {}",
                message.data.size(), size);
  }
  Bytes out(size);
  const ByteView in = message.data.view();
  const int done = LZ4_decompress_safe(reinterpret_cast<const char*>(in.data()),
                                       reinterpret_cast<char*>(out.data()),
                                       static_cast<int>(in.size()), static_cast<int>(size));
  if (done < 0 || static_cast<std::size_t>(done) != size) {
    return fail(ErrorKind::malformed, "compressed data that does not make {} bytes", size);
  }
  return out;
}

}  // namespace

PortMessage make_port_message(ByteView piece, bool compress) {
  if (compress && piece.size() > worth_compressing) {
    Bytes packed(piece.size());  // if it does not fit it is not smaller
    const int size = LZ4_compress_default(
        reinterpret_cast<const char*>(piece.data()), reinterpret_cast<char*>(packed.data()),
        static_cast<int>(piece.size()), static_cast<int>(packed.size()));
    if (size > 0) {
      spice::CompressedData message;
      message.type = spice::DataCompression::lz4;
      message.uncompressed_size = static_cast<std::uint32_t>(piece.size());
      message.data = wire::Blob(ByteView(packed).first(static_cast<std::size_t>(size)));
      return {SPICE_MSG_SPICEVMC_COMPRESSED_DATA, wire::encode(message)};
    }
  }
  return {SPICE_MSG_SPICEVMC_DATA, to_bytes(piece)};
}

bool compresses(const PortOptions& options, const MessageLink& link) {
  return options.compress && link.peer_capabilities().has(SPICE_SPICEVMC_CAP_DATA_COMPRESS_LZ4);
}

Result<void> deliver_data(ByteView body, PortEvents& events) {
  if (!body.empty()) events.port_data(body);
  return {};
}

Result<void> deliver_compressed(ByteView body, PortEvents& events) {
  const auto message = CASSIA_TRY(wire::parse<spice::CompressedData>(body));
  switch (message.type) {
    case spice::DataCompression::none:
      return deliver_data(message.data.view(), events);
    case spice::DataCompression::lz4:
      return deliver_data(CASSIA_TRY(inflate(message)), events);
  }
  return fail(ErrorKind::malformed, "data compressed with unknown method {}",
              static_cast<unsigned>(message.type));
}

Result<void> deliver_event(ByteView body, PortEvents& events) {
  const auto message = CASSIA_TRY(wire::parse<spice::PortEventMessage>(body));
  if (message.event > static_cast<std::uint8_t>(PortEvent::break_)) {
    return fail(ErrorKind::malformed, "unknown port event {}", message.event);
  }
  events.port_event(static_cast<PortEvent>(message.event));
  return {};
}

}  // namespace cassia::channels
