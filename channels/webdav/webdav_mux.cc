// SPDX-License-Identifier: Apache-2.0
#include "channels/webdav/webdav_mux.h"

#include <algorithm>

#include "protocol/wire/reader.h"
#include "protocol/wire/writer.h"

namespace cassia::channels {

void MuxReader::feed(ByteView bytes) {
  while (!bytes.empty()) {
    if (left_ > 0) {
      const ByteView part = bytes.first(std::min(left_, bytes.size()));
      left_ -= part.size();
      bytes = bytes.subspan(part.size());
      on_data_(id_, part);
      continue;
    }
    const std::size_t take = std::min(mux_header - have_, bytes.size());
    std::copy_n(bytes.begin(), take, header_ + have_);
    have_ += take;
    bytes = bytes.subspan(take);
    if (have_ < mux_header) return;
    have_ = 0;
    wire::Reader reader(ByteView(header_, mux_header));
    id_ = reader.number<MuxId>();
    left_ = reader.u16();
    if (left_ == 0) on_data_(id_, {});
  }
}

Bytes mux_frames(MuxId id, ByteView data) {
  wire::Writer writer;
  do {
    const ByteView part = data.first(std::min(data.size(), mux_largest));
    writer.number(id);
    writer.u16(static_cast<std::uint16_t>(part.size()));
    writer.bytes(part);
    data = data.subspan(part.size());
  } while (!data.empty());
  return writer.take();
}

}  // namespace cassia::channels
