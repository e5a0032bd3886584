// SPDX-License-Identifier: Apache-2.0
// A connection that gets any bytes. Byte 0: bit 0 the role, bit 1 whether the handshake is done
// already, the rest the fragment size.

#include "tests/unit/channels/harness.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

std::unique_ptr<Channel> quiet_channel() {
  static RecordingChannel::Log log;
  log = {};
  return std::make_unique<RecordingChannel>(log);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool as_server = (data[0] & 1) != 0;
  const bool open = (data[0] & 2) != 0;
  const std::size_t fragment = 1 + (data[0] >> 2);
  Pair pair([](const LinkRequest&) { return quiet_channel(); }, quiet_channel(), {}, 4096);
  if (open) pair.pump();
  Endpoint& target = as_server ? static_cast<Endpoint&>(*pair.server) : *pair.client;
  (void)feed(target, ByteView(data + 1, size - 1), fragment);
  (void)drain(target);
  target.closed({ErrorKind::closed, "end of input"});
  return 0;
}
