// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/framer.h"

#include <algorithm>

namespace cassia::storage {
namespace {

constexpr std::size_t header_size = 4;

std::size_t length_of(ByteView header) {
  return header[0] | std::size_t{header[1]} << 8 | std::size_t{header[2]} << 16 |
         std::size_t{header[3]} << 24;
}

}  // namespace

Result<void> StorageFramer::receive(ByteView bytes, const Sink& sink) {
  while (!bytes.empty()) {
    std::size_t wanted = header_size;
    if (buffer_.size() >= header_size) wanted += length_of(buffer_);
    const std::size_t taken = std::min(bytes.size(), wanted - buffer_.size());
    buffer_.insert(buffer_.end(), bytes.begin(),
                   bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    bytes = bytes.subspan(taken);
    if (buffer_.size() < header_size) return {};
    const std::size_t length = length_of(buffer_);
    if (length == 0 || length > max_message) {
      return fail(ErrorKind::malformed,
                  "storage channel: a message of {} bytes (1 to {} are allowed)", length,
                  max_message);
    }
    if (buffer_.size() < header_size + length) continue;
    const Bytes message = std::exchange(buffer_, {});
    CASSIA_TRY(sink(as_text(ByteView(message).subspan(header_size))));
  }
  return {};
}

Result<Bytes> frame_message(std::string_view message) {
  if (message.empty() || message.size() > max_message) {
    return fail(ErrorKind::invalid_argument,
                "storage channel: a message of {} bytes (1 to {} are allowed)", message.size(),
                max_message);
  }
  Bytes framed;
  framed.reserve(header_size + message.size());
  for (unsigned shift = 0; shift < 32; shift += 8) {
    framed.push_back(static_cast<std::uint8_t>(message.size() >> shift));
  }
  framed.insert(framed.end(), message.begin(), message.end());
  return framed;
}

}  // namespace cassia::storage
