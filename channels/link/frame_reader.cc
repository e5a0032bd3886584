// SPDX-License-Identifier: Apache-2.0
#include "channels/link/frame_reader.h"

#include <algorithm>

namespace cassia::channels {

Result<std::size_t> FrameReader::frame_size(ByteView bytes) const {
  const std::size_t header = spice::header_size(kind_);
  if (bytes.size() < header) return header;
  const spice::MessageHeader h = spice::parse_header(kind_, bytes);
  if (h.size > max_message_) {
    return fail(ErrorKind::malformed, "message {} of {} bytes is larger than the limit of {}",
                h.type, h.size, max_message_);
  }
  return header + h.size;
}

Result<ByteView> FrameReader::feed(ByteView bytes, const OnMessage& on_message) {
  const std::size_t header = spice::header_size(kind_);
  while (!bytes.empty()) {
    ByteView frame = bytes;
    if (!partial_.empty()) {
      // First the rest of the header, then, its size known, the rest of the body.
      const std::size_t want = CASSIA_TRY(frame_size(partial_));
      const std::size_t take = std::min(want - partial_.size(), bytes.size());
      partial_.insert(partial_.end(), bytes.begin(), bytes.begin() + static_cast<long>(take));
      bytes = bytes.subspan(take);
      frame = partial_;
    }
    const std::size_t size = CASSIA_TRY(frame_size(frame));
    if (frame.size() < size || frame.size() < header) {
      if (partial_.empty()) {
        partial_.assign(bytes.begin(), bytes.end());
        return ByteView();
      }
      continue;
    }
    const spice::MessageHeader h = spice::parse_header(kind_, frame);
    const bool direct = partial_.empty();
    // Moved out first: the next message must find partial_ empty.
    const Bytes owned = std::move(partial_);
    partial_.clear();
    const ByteView whole = direct ? frame.first(size) : ByteView(owned).first(size);
    if (direct) bytes = bytes.subspan(size);
    if (!CASSIA_TRY(on_message(h, whole.subspan(header)))) return bytes;
  }
  return ByteView();
}

}  // namespace cassia::channels
